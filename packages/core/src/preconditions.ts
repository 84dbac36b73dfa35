// What a client says it has, or wants unchanged: the preconditions of a request in the order of RFC 9110
// §13.2.2. By hand, since the package `fresh` divides tags at their own commas (§8.8.3 allows them), takes
// anything for a date, and lets the request's `cache-control` decide, which §13 does not.
import type { Environ, HeaderList } from './contract.js'
import { httpDate } from './http-date.js'

/** What a representation is compared by; without one a condition on it can't be met. */
export interface Validators {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

/**
 * Evaluates the preconditions of a request to GET or HEAD that would be answered with a 200.
 *
 * @returns 304 for what the client already has, 412 for what is not as it wants it, else undefined
 */
export function precondition(
  environ: Environ,
  { etag, lastModified }: Validators,
): 304 | 412 | undefined {
  const {
    HTTP_IF_MATCH: match,
    HTTP_IF_UNMODIFIED_SINCE: unmodifiedSince,
    HTTP_IF_NONE_MATCH: noneMatch,
    HTTP_IF_MODIFIED_SINCE: modifiedSince,
  } = environ
  const modified = httpDate(lastModified)
  if (match !== undefined) {
    if (!isAny(match) && !lists(match, etag, isSameStrong)) return 412
  } else if (modified > httpDate(unmodifiedSince)) return 412
  if (noneMatch !== undefined) {
    return isAny(noneMatch) || lists(noneMatch, etag, isSameWeak) ? 304 : undefined
  }
  return modified <= httpDate(modifiedSince) ? 304 : undefined
}

/** They tell of a body that a 304 doesn't have (RFC 9110 §15.4.5). */
const metadata: ReadonlySet<string> = new Set([
  'content-digest',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
])

/** The headers of a 304. A `last-modified` is left only where there is no ETag, as the same section advises. */
export function notModified(headers: HeaderList): HeaderList {
  const hasTag = headers.some(([name]) => name === 'etag')
  return headers.filter(([name]) => !metadata.has(name) && !(hasTag && name === 'last-modified'))
}

/** The form in which two representations that mean the same are the same (RFC 9110 §8.8.1). */
export function weakened(etag: string): string {
  return etag.startsWith('W/') ? etag : `W/${etag}`
}

/** Entity tags of a list (RFC 9110 §8.8.3); what is none is passed over. */
export function entityTags(list: string): string[] {
  return list.match(/(?:W\/)?"[!\u0023-\u007e\u0080-\u00ff]*"/g) ?? []
}

/** Whatever the representation is, so long as there is one: a 200 is one. */
function isAny(list: string): boolean {
  return list.trim() === '*'
}

type Comparison = (one: string, other: string) => boolean

function lists(list: string, etag: string | undefined, isSame: Comparison): boolean {
  return etag !== undefined && entityTags(list).some((each) => isSame(each, etag))
}

const isSameWeak: Comparison = (one, other) => weakened(one) === weakened(other)
const isSameStrong: Comparison = (one, other) => one === other && !one.startsWith('W/')
