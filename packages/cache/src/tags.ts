// Tags: the names of what a response is made of, by which all responses made of it are purged at once. They are said by
// `cache-tag`, or by the headers of RFC 9875.
import type { HeaderList } from '@robaccia/core'
import { parseList, serializeList } from 'structured-headers'
import { field, members } from './field.js'

/** Makes out of date what has these tags, when an unsafe method succeeds (RFC 9875 §3). */
export const INVALIDATION = 'cache-group-invalidation'

const said: ReadonlySet<string> = new Set(['cache-tag', 'cache-groups', INVALIDATION])

/** A response's tags: the members of its `cache-tag` and `cache-groups` headers (RFC 9875 §2). */
export function tagsOf(headers: HeaderList): readonly string[] {
  const tags = members(field(headers, 'cache-tag') ?? '')
  return [...new Set([...tags, ...strings(field(headers, 'cache-groups'))])]
}

/** The tags that a successful answer to an unsafe method makes out of date. */
export function outdatedTags(headers: HeaderList): readonly string[] {
  return [...new Set(strings(field(headers, INVALIDATION)))]
}

/** The header that makes tags out of date. */
export function invalidating(tags: readonly string[]): HeaderList {
  return [[INVALIDATION, serializeList(tags.map((tag) => [tag, new Map()]))]]
}

export function withoutTags(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !said.has(name))
}

/** A List of Strings; what is none is as if it were not there (RFC 9651 §4.2). */
function strings(value: string | undefined): readonly string[] {
  if (value === undefined) return []
  try {
    const items = parseList(value).map(([item]) => item)
    return items.every((item) => typeof item === 'string') ? items : []
  } catch {
    return []
  }
}
