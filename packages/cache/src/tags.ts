// Tags: the names of what a response is made of, by which all responses made of it are purged at once.
import type { HeaderList } from '@robaccia/core'
import { field, members } from './field.js'

/** A response's tags: the members of its `cache-tag` headers. */
export function tagsOf(headers: HeaderList): readonly string[] {
  const value = field(headers, 'cache-tag')
  return value === undefined ? [] : [...new Set(members(value))]
}

export function withoutTags(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => name !== 'cache-tag')
}
