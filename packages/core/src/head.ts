// The head as a server sends it: which headers frame the body is decided here, for every server.
import type { HeaderList } from './contract.js'
import { hasNoBody } from './exchange.js'

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
 * @param length of the whole body in bytes; undefined for a stream
 * @throws TypeError when the app's content-length is not that of its whole body
 */
export function headersToSend(
  method: string,
  status: number,
  headers: HeaderList,
  length: number | undefined,
): HeaderList {
  if (hasNoBody(status)) {
    const rest = headers.filter(([name]) => name !== 'content-type' && name !== 'content-length')
    return status === 205 ? withLength(rest, 0) : rest
  }
  if (length === undefined) return headers
  const own = contentLength(headers)
  if (method === 'HEAD') {
    return own !== undefined || length === 0 ? headers : withLength(headers, length)
  }
  if (own === undefined) return withLength(headers, length)
  if (Number(own) !== length) {
    throw new TypeError(`content-length must be the body's length, ${length}, got ${own}`)
  }
  return headers
}

function contentLength(headers: HeaderList): string | undefined {
  for (const [name, value] of headers) if (name === 'content-length') return value
  return undefined
}

function withLength(headers: HeaderList, length: number): HeaderList {
  return [...headers, ['content-length', String(length)]]
}
