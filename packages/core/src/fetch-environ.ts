// The environ of a Fetch Request. Its URL was parsed before anybody could look at it, so dot segments are gone,
// and headers were joined; what that costs stands among the servers' capabilities in SPEC.md.
import type { EnvironWith } from './contract.js'
import type { FetchExchange } from './fetch-exchange.js'
import { readOnce } from './input.js'
import { addHeader, splitTarget } from './node-environ.js'

export function fetchEnviron(
  request: Request,
  remoteAddress: string,
  exchange: FetchExchange,
  errors: { write(text: string): void },
): EnvironWith<object> {
  const { url } = request
  const scheme = url.startsWith('https:') ? 'https' : 'http'
  const { authority = '', path, query } = splitTarget(url)
  const { hostname, port } = new URL(`${scheme}://${authority}`)
  const environ: EnvironWith<object> = {
    REQUEST_METHOD: request.method,
    SCRIPT_NAME: '',
    PATH_INFO: path,
    QUERY_STRING: query,
    SERVER_NAME: hostname,
    SERVER_PORT: port || (scheme === 'https' ? '443' : '80'),
    SERVER_PROTOCOL: 'HTTP/1.1',
    REMOTE_ADDR: remoteAddress,
    REQUEST_URI: query === '' ? path : `${path}?${query}`,
    'robaccia.version': '1.0',
    'robaccia.url_scheme': scheme,
    'robaccia.input': readOnce(() => input(request, exchange)),
    'robaccia.errors': errors,
    'robaccia.server': exchange,
    'robaccia.notes': {},
    'router.params': {},
  }
  for (const [name, value] of request.headers) addHeader(environ, name, value)
  // RFC 9112 §3.2.2: the target's authority counts, not Host.
  environ.HTTP_HOST = authority
  return environ
}

/** What a reader leaves is dropped, or it would hold up the connection's next request, and its end. */
async function* input(request: Request, exchange: FetchExchange): AsyncGenerator<Uint8Array> {
  if (request.body === null) return
  const reader = request.body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } catch (error) {
    exchange.broken = error
    throw error
  } finally {
    void drop(reader)
  }
}

async function drop(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client has gone: there is nothing left to drop.
  }
}
