// Validation: asking for what is stored only if it has changed, and taking over what a 304 says (RFC 9111 §4.3).
import type { HeaderList } from '@robaccia/core'
import { field } from './field.js'

/** The client's own conditions and ranges: they are answered from the whole response, once it is here. */
export const CONDITIONS = [
  'HTTP_IF_MATCH',
  'HTTP_IF_MODIFIED_SINCE',
  'HTTP_IF_NONE_MATCH',
  'HTTP_IF_RANGE',
  'HTTP_IF_UNMODIFIED_SINCE',
  'HTTP_RANGE',
] as const

/** The conditions of a request for what is stored, as keys of the environ; undefined takes one away. */
export function conditionsFor(
  headers: HeaderList | undefined,
): Readonly<Record<string, string | undefined>> {
  const none = Object.fromEntries(CONDITIONS.map((key) => [key, undefined]))
  if (headers === undefined) return none
  return {
    ...none,
    HTTP_IF_NONE_MATCH: field(headers, 'etag'),
    HTTP_IF_MODIFIED_SINCE: field(headers, 'last-modified'),
  }
}

/** They are about the stored body, or are what it is known by: a 304 does not change them (§3.2). */
const kept: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'etag',
])

/** The stored headers as a 304 renews them: those that it has replace all of their name. */
export function renewed(stored: HeaderList, update: HeaderList): HeaderList {
  const fresh = update.filter(([name]) => !kept.has(name))
  // How old the last one was does not matter any more.
  const replaced = new Set(['age', ...fresh.map(([name]) => name)])
  return [...stored.filter(([name]) => !replaced.has(name)), ...fresh]
}

/** Says whether a response to HEAD is about the stored body (§4.3.5). */
export function isAbout(head: HeaderList, stored: HeaderList, length: number): boolean {
  return ['etag', 'last-modified', 'content-length'].every((name) => {
    const value = field(head, name)
    const own = name === 'content-length' ? String(length) : field(stored, name)
    return value === undefined || value === own
  })
}
