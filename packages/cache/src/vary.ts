// Variants: the request headers that a response varies with (RFC 9111 §4.1).
import type { Environ, HeaderList } from '@robaccia/core'
import { field, members } from './field.js'
import { environKey, type Policy } from './policy.js'

/**
 * The names that a response varies with, in lower case; undefined if no other request can have it.
 *
 * @param always those that every response varies with
 */
export function variesWith(
  headers: HeaderList,
  always: readonly string[] = [],
): readonly string[] | undefined {
  const said = members(field(headers, 'vary') ?? '').map((each) => each.toLowerCase())
  const names = [...said, ...always]
  return names.includes('*') ? undefined : [...new Set(names)].toSorted()
}

/** What a request has of them. */
export function variantOf(
  names: readonly string[],
  environ: Environ,
): readonly (readonly [name: string, value: string | null])[] {
  return names.map((name) => {
    const key = environKey(name)
    return [name, normalised(key, environ[key])]
  })
}

/** Says whether a stored response is for a request. */
export function isFor({ vary }: Policy, environ: Environ): boolean {
  return vary.every(([key, value]) => normalised(key, environ[key]) === value)
}

/** Their values mean the same in any case (RFC 9110 §12.5). Their order is left alone: apps go by it. */
const caseless: ReadonlySet<string> = new Set([
  'HTTP_ACCEPT',
  'HTTP_ACCEPT_CHARSET',
  'HTTP_ACCEPT_ENCODING',
  'HTTP_ACCEPT_LANGUAGE',
])

/** White space round a list's commas means nothing. */
function normalised(key: string, value: string | undefined): string | null {
  if (value === undefined) return null
  const trimmed = value.trim().replaceAll(/\s*,\s*/g, ', ')
  return caseless.has(key) ? trimmed.toLowerCase() : trimmed
}
