// Paths as they are compared: escapes decoded, but an escaped reserved character is never taken for
// the raw one (RFC 3986 §2.2): `%2F` is not a `/` and `%3B` is not a `;`.
import createError from 'http-errors'
import type { Environ } from './contract.js'

// An escaped reserved character is kept as a lone low surrogate, U+DC00 plus its code: well-formed
// UTF-8 never decodes to one, so it can't be mistaken for anything that was sent.
const ESCAPED_RESERVED = /%(2[13467-9A-CF]|3[ABDF]|40|5[BD])/gi
const HELD = /[\uDC00-\uDCFF]/gu
const MARK = 0xdc00

/** A `/` that was sent as `%2F`. */
export const HELD_SLASH = '\uDC2F'

/** Finds a held character (see {@link comparable}) in a text. */
export const HELD_CLASS = '\\uDC00-\\uDCFF'

/**
 * A path in the form in which it is compared: `/%62log/` and `/blog/` are the same, `/caf%C3%A9` is
 * `/café`; escaped reserved characters are held apart from raw ones.
 *
 * @throws URIError for an escape that is malformed or not UTF-8
 */
export function comparable(path: string): string {
  if (!path.includes('%')) return path
  return decodeURIComponent(
    path.replaceAll(ESCAPED_RESERVED, (escape) =>
      String.fromCharCode(MARK + Number.parseInt(escape.slice(1), 16)),
    ),
  )
}

/**
 * A request's path in the form in which it is compared.
 *
 * @throws an http-errors 400 for an escape that is malformed or not UTF-8
 */
export function requestPath(environ: Environ): string {
  try {
    return comparable(environ.PATH_INFO)
  } catch (cause) {
    throw createError(400, 'the path must be percent-encoded UTF-8', { cause })
  }
}

/** The value of a part of a comparable path: what was held is its character. */
export function released(text: string): string {
  // Nearly always nothing is held, which a test finds out in a fifth of the time.
  if (text.search(HELD) === -1) return text
  return text.replaceAll(HELD, (held) => String.fromCharCode(held.charCodeAt(0) - MARK))
}

/** A comparable text as it stands in a URL. */
export function encodePath(text: string): string {
  return text
    .split(/([\uDC00-\uDCFF])/u)
    .map((part, index) => (index % 2 === 1 ? escapeOf(released(part)) : encodeURI(part)))
    .join('')
}

/** A value as it stands in a URL: all but unreserved characters escaped (RFC 3986 §2.3). */
export function encodeValue(value: string): string {
  return encodeURIComponent(value).replaceAll(/[!'()*]/g, escapeOf)
}

function escapeOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** Moves the first `count` segments of a request's path from PATH_INFO to SCRIPT_NAME, as received. */
export function moveSegments(environ: Environ, count: number): void {
  const path = environ.PATH_INFO
  let end = 0
  for (let moved = 0; moved < count; moved++) {
    end = path.indexOf('/', end + 1)
    if (end === -1) end = path.length
  }
  environ.SCRIPT_NAME += path.slice(0, end)
  environ.PATH_INFO = path.slice(end)
}

// Printable ASCII, and neither `//` nor `/\` in front: browsers take both for another host.
const LOCAL = /^\/(?![/\\])[\x21-\x7E]*$/

/**
 * The Location of another path under the same SCRIPT_NAME, with the request's query; undefined when
 * a browser could take it for another host.
 */
export function locationOf(environ: Environ, path: string): string | undefined {
  const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`
  const location = environ.SCRIPT_NAME + path + query
  return LOCAL.test(location) ? location : undefined
}
