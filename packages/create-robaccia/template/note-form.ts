// The form for a note: read as browsers send it, and checked in words for whoever wrote it.
import { readForm } from '@robaccia/core'
import type { Environ } from '@robaccia/core'
import { limits } from './model.ts'

/** What somebody wrote, nothing of it checked. */
export interface Draft {
  readonly title: string
  readonly content: string
}

/** What is wrong, by field. */
export type Problems = Partial<Record<keyof Draft, string>>

export async function readDraft(environ: Environ): Promise<Draft> {
  const form = await readForm(environ)
  const field = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value : ''
  }
  return {
    title: field('title').replace(/\s+/g, ' ').trim(),
    // Browsers end lines by CR LF (WHATWG HTML §4.10.22.4).
    content: field('content').replace(/\r\n?/g, '\n').trim(),
  }
}

/** Says what keeps a draft from being a note; undefined if nothing does. */
export function problems(draft: Draft): Problems | undefined {
  const found: Problems = {}
  for (const name of ['title', 'content'] as const) {
    const length = Array.from(draft[name]).length
    if (length === 0) found[name] = `The ${words[name]} must not be empty.`
    else if (length > limits[name]) {
      found[name] =
        `The ${words[name]} must have at most ${limits[name]} characters, it has ${length}.`
    } else if (/[^\P{Cc}\t\n]/u.test(draft[name])) {
      found[name] = `The ${words[name]} must not have control characters.`
    }
  }
  return Object.keys(found).length === 0 ? undefined : found
}

const words = { title: 'title', content: 'text' }
