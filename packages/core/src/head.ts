// The head as a server sends it: which headers frame the body is decided here, for every server.
import type { HeaderList } from './contract.js'
import { hasNoBody } from './exchange.js'

/** A header's name (RFC 9110 §5.6.2), and a request's method. */
export const token: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** A header's value: CR, LF and NUL could end it early, and node:http refuses the rest too (RFC 9110 §5.5). */
export const sendable: RegExp = /^[\t -~\u0080-\u00ff]*$/

/** The connection's own headers (RFC 9110 §7.6.1): each server makes its own. */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The headers that go out.
 *
 * @param length of the whole body in bytes; undefined for a stream; NaN for what has no length
 * @throws TypeError for a body of what are no chunks
 * @throws TypeError for headers that would frame the body wrongly: a transfer-encoding, which is the server's, or a
 * content-length that is none, comes twice, or is not that of the whole body
 */
export function headersToSend(
  method: string,
  status: number,
  headers: HeaderList,
  length: number | undefined,
): HeaderList {
  if (Number.isNaN(length)) throw new TypeError('a chunk must be a string or a Uint8Array')
  const own = ownLength(headers)
  if (hasNoBody(status)) {
    const rest = headers.filter(([name]) => name !== 'content-type' && name !== 'content-length')
    return status === 205 ? withLength(rest, 0) : rest
  }
  if (length === undefined) return headers
  if (method === 'HEAD') {
    return own !== undefined || length === 0 ? headers : withLength(headers, length)
  }
  if (own === undefined) return withLength(headers, length)
  if (own !== length) {
    throw new TypeError(`content-length must be the body's length, ${length}, got ${own}`)
  }
  return headers
}

/**
 * The app's content-length. Framing that two readers could take differently is how responses are split (RFC 9112
 * §11.1), so it is refused whatever the case of its name, also where lint doesn't look.
 *
 * @throws TypeError for a transfer-encoding, and for a content-length that is none or comes twice
 */
export function ownLength(headers: HeaderList): number | undefined {
  let own: number | undefined
  for (const [name, value] of headers) {
    // The lengths of the two names: most headers are passed over by that alone.
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (!/^\d+$/.test(value)) {
        throw new TypeError(`content-length must be a string of digits, got '${value}'`)
      }
      if (own !== undefined) {
        throw new TypeError(`content-length must come once, got ${own} and ${value}`)
      }
      own = Number(value)
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      throw new TypeError(`transfer-encoding must be left to the server, got '${value}'`)
    }
  }
  return own
}

function withLength(headers: HeaderList, length: number): HeaderList {
  return [...headers, ['content-length', String(length)]]
}
