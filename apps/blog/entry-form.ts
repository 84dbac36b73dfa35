// The form in which entries are written: read as browsers send it, and checked in words for the writer.
import { readForm } from '@robaccia/core'
import type { Environ } from '@robaccia/core'
import { limits } from './model.js'

/** What somebody wrote, nothing of it checked. */
interface Draft {
  readonly id: string
  readonly title: string
  readonly author: string
  readonly content: string
}

/** What is wrong, by field. */
type Problems = Partial<Record<keyof Draft, string>>

/** Percent-encoded, a text in UTF-8 is up to three times as long; the rest is for the other fields. */
const formLimit = 3 * limits.content + 2 ** 20

/** @returns with the version that the writer saw: 0, which no entry has, if the form does not say */
export async function readDraft(environ: Environ): Promise<Draft & { readonly version: number }> {
  const form = await readForm(environ, { limit: formLimit })
  const field = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value : ''
  }
  const line = (name: string): string => field(name).replace(/\s+/g, ' ').trim()
  return {
    id: line('id'),
    title: line('title'),
    author: line('author'),
    content: lines(field('content')),
    version: /^\d{1,9}$/.test(field('version')) ? Number(field('version')) : 0,
  }
}

/** A text whose lines end by LF alone: browsers send CR LF (WHATWG HTML §4.10.22.4). */
export function lines(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

/** Says what keeps a draft from being an entry; undefined if nothing does. */
export function problems(draft: Draft): Problems | undefined {
  const found: Problems = {}
  for (const name of ['id', 'title', 'author'] as const) {
    const length = Array.from(draft[name]).length
    if (length > limits[name]) found[name] = tooLong(name, limits[name], 'characters', length)
  }
  const bytes = Buffer.byteLength(draft.content)
  if (bytes > limits.content) found.content = tooLong('content', limits.content, 'bytes', bytes)
  for (const name of ['title', 'content'] as const) {
    if (draft[name].trim() === '') found[name] = `The ${words[name]} must not be empty.`
  }
  for (const name of ['title', 'author', 'content'] as const) {
    // Half a surrogate pair is no character either: YAML can write one.
    const [bad] = /[^\P{Cc}\t\n]|\p{Cs}/u.exec(draft[name]) ?? []
    if (bad === undefined) continue
    found[name] =
      `The ${words[name]} must not have control characters, it has ${JSON.stringify(bad)}.`
  }
  return Object.keys(found).length === 0 ? undefined : found
}

function tooLong(name: keyof Draft, limit: number, units: string, length: number): string {
  const [most, got] = [limit, length].map((number) => number.toLocaleString('en'))
  return `The ${words[name]} must have at most ${most} ${units}, it has ${got}.`
}

const words = { id: 'address', title: 'title', author: 'author', content: 'text' }
