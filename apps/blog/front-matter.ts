// A post as people keep them in folders: YAML between two lines of `---`, then Markdown.
import { parse } from 'yaml'
import { lines } from './entry-form.js'

export interface Post {
  readonly title: string
  readonly author: string
  readonly published: Date
  /** The name for its address that the post asks for, if it does. */
  readonly slug: string
  readonly content: string
}

/** What keeps a file from being an entry, in words that go on from its name: `post.md: has no title`. */
export class PostError extends Error {}

/**
 * Reads a post; front matter that an entry has no use for is left alone.
 *
 * @throws PostError when it is not UTF-8, or has no front matter, title or date that can be read
 */
export function parsePost(bytes: Uint8Array): Post {
  const text = `${lines(decode(bytes))}\n`
  const end = text.indexOf('\n---\n', 3)
  if (!text.startsWith('---\n') || end === -1) {
    throw new PostError('must begin with front matter between two lines of ---')
  }
  const front = parseYaml(text.slice(0, end + 1))
  const title = line(front, 'title')
  if (title === '') throw new PostError('has no title')
  return {
    title,
    author: line(front, 'author'),
    published: moment(line(front, 'date')),
    slug: line(front, 'slug'),
    content: text.slice(end + 5).trim(),
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new PostError('must be UTF-8', { cause })
  }
}

function parseYaml(yaml: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = parse(yaml, { logLevel: 'error' })
  } catch (cause) {
    const [reason = ''] = String(cause).split('\n')
    throw new PostError(`must have front matter in YAML: ${reason.replace(/:$/, '')}`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new PostError('must have names and values in its front matter')
}

/** A value as one line of text; a title may be a number, such as a year. */
function line(front: Readonly<Record<string, unknown>>, name: string): string {
  const value = front[name] ?? ''
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new PostError(`must have a text as its ${name}`)
  }
  return String(value).replace(/\s+/g, ' ').trim()
}

/** Midnight where there is no time, and UTC where there is no zone. */
function moment(value: string): Date {
  const [, day = '', time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?)?$/.exec(
      value,
    ) ?? []
  const date = new Date(`${day}T${time}${zone}`)
  const year = date.getUTCFullYear()
  // A 30 February would become a day in March; databases end with the year 9999.
  if (!(year >= 1 && year <= 9999) || !new Date(day).toJSON().startsWith(day)) {
    throw new PostError(`must have a date such as 2026-11-22T10:00:00Z, got ${value || 'none'}`)
  }
  return date
}
