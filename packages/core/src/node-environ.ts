// The environ of a node:http request. Header rules: RFC 9110 §5.3 for repeated ones; RFC 3875 §4.1.18
// for the names; a name with `_`, and `Proxy`, are dropped, since they could pass for another.
import createError from 'http-errors'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Environ, EnvironWith, ServerPort } from './contract.js'
import { readOnce } from './input.js'

/** The keys of header names seen every day, so that they are not made anew for each request. */
const wellKnown: ReadonlyMap<string, `HTTP_${string}`> = new Map(
  [
    'Accept Accept-Encoding Accept-Language Authorization Cache-Control Connection Cookie DNT Expect',
    'Forwarded Host If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Origin',
    'Pragma Priority Range Referer Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform Sec-Fetch-Dest',
    'Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-GPC Traceparent Upgrade-Insecure-Requests',
    'User-Agent X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Request-Id X-Requested-With',
  ]
    .join(' ')
    .split(' ')
    .flatMap((name) => [
      [name, headerKey(name)],
      [name.toLowerCase(), headerKey(name)],
    ]),
)

/** Headers of one value: of several the first is kept, as node:http does. */
const singleValued: ReadonlySet<string> = new Set(
  [
    'AUTHORIZATION FROM IF_MODIFIED_SINCE IF_UNMODIFIED_SINCE MAX_FORWARDS PROXY_AUTHORIZATION',
    'REFERER USER_AGENT',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `HTTP_${name}`),
)

/** A header's key in the environ: `HTTP_USER_AGENT` for `User-Agent`. */
export function headerKey(name: string): `HTTP_${string}` {
  return `HTTP_${name.toUpperCase().replaceAll('-', '_')}`
}

/**
 * Makes the environ of a node:http request.
 *
 * @param target the request's target as it was received, of which nothing is dispatched on yet
 * @throws http-errors 400 for two Host headers (RFC 9112 §3.2)
 */
export function nodeEnviron(
  request: IncomingMessage,
  target: string,
  server: ServerPort,
  errors: { write(text: string): void },
): EnvironWith<object> {
  const { socket, httpVersion } = request
  const { address, port, peer } = ends(socket)
  const { authority, path, query } = splitTarget(target)
  const environ: EnvironWith<object> = {
    REQUEST_METHOD: request.method ?? 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: path,
    QUERY_STRING: query,
    SERVER_NAME: address,
    SERVER_PORT: port,
    SERVER_PROTOCOL: httpVersion === '1.1' ? 'HTTP/1.1' : `HTTP/${httpVersion}`,
    REMOTE_ADDR: peer,
    REQUEST_URI: target,
    'robaccia.version': '1.0',
    'robaccia.url_scheme': 'encrypted' in socket ? 'https' : 'http',
    'robaccia.input': readOnce(() => read(request)),
    'robaccia.errors': errors,
    'robaccia.server': server,
    'robaccia.notes': {},
    'router.params': {},
  }
  const { rawHeaders } = request
  for (let index = 0; index < rawHeaders.length; index += 2) {
    addHeader(environ, rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '')
  }
  // RFC 9112 §3.2.2: of an absolute-form target the authority counts, not Host.
  if (authority !== undefined) environ.HTTP_HOST = authority
  return environ
}

/** A connection's two ends, asked for once: its requests have them in common. */
interface Ends {
  readonly address: string
  readonly port: string
  readonly peer: string
}

const endsOf = new WeakMap<Socket, Ends>()

function ends(socket: Socket): Ends {
  const earlier = endsOf.get(socket)
  if (earlier !== undefined) return earlier
  const { localAddress, localPort, remoteAddress } = socket
  const found = {
    address: localAddress ?? 'localhost',
    port: String(localPort ?? 80),
    peer: remoteAddress ?? '',
  }
  endsOf.set(socket, found)
  return found
}

/** What a reader leaves is dropped, or it would hold up the connection's next request, and its end. */
async function* read(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false })
  } finally {
    request.resume()
  }
}

/** Follows what an outer framework did to the URL: took segments off (koa-mount, Connect's `use`), or rewrote it. */
export function follow(environ: Environ, url: string): void {
  const whole = environ.PATH_INFO
  const { path, query } = splitTarget(url)
  environ.QUERY_STRING = query
  // Of `/blog` under `/blog` nothing is left, which koa-mount says as `/`.
  const rest = path === '/' && !whole.endsWith('/') ? '' : path
  const script = whole.endsWith(rest) ? whole.slice(0, whole.length - rest.length) : ''
  environ.SCRIPT_NAME = script.endsWith('/') ? '' : script
  environ.PATH_INFO = environ.SCRIPT_NAME === '' ? path : rest
}

/**
 * Adds a request header.
 *
 * @throws http-errors 400 for a second Host (RFC 9112 §3.2)
 */
export function addHeader(environ: Headers, name: string, value: string): void {
  const known = wellKnown.get(name)
  if (known === undefined && name.includes('_')) return
  const key = known ?? headerKey(name)
  if (key === 'HTTP_PROXY') return
  if (key === 'HTTP_CONTENT_TYPE') environ.CONTENT_TYPE ??= value
  else if (key === 'HTTP_CONTENT_LENGTH') environ.CONTENT_LENGTH ??= value
  else {
    const earlier = environ[key]
    if (earlier === undefined) environ[key] = value
    else if (key === 'HTTP_HOST') {
      throw createError(400, 'the request must have one Host header, got several')
    } else if (key === 'HTTP_COOKIE') environ[key] = `${earlier}; ${value}`
    else if (!singleValued.has(key)) environ[key] = `${earlier}, ${value}`
  }
}

type Headers = Pick<Environ, 'CONTENT_TYPE' | 'CONTENT_LENGTH' | `HTTP_${string}`>

interface Target {
  readonly authority: string | undefined
  readonly path: string
  readonly query: string
}

/** Takes a request target apart (RFC 9112 §3.2): origin form, absolute form, or `*`, whose path is `''`. */
export function splitTarget(target: string): Target {
  if (target.startsWith('/')) return splitPath(target, undefined)
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/i.exec(target)
  if (absolute === null) return { authority: undefined, path: '', query: '' }
  const [, userAndHost = '', rest = ''] = absolute
  // A name and password there are for the client, and none of the host's (RFC 9110 §4.2.4).
  const authority = userAndHost.slice(userAndHost.lastIndexOf('@') + 1)
  return splitPath(rest.startsWith('/') ? rest : `/${rest}`, authority)
}

function splitPath(text: string, authority: string | undefined): Target {
  const hash = text.indexOf('#')
  const clean = encodeStray(hash === -1 ? text : text.slice(0, hash))
  const mark = clean.indexOf('?')
  return mark === -1
    ? { authority, path: clean, query: '' }
    : { authority, path: clean.slice(0, mark), query: clean.slice(mark + 1) }
}

/** node:http lets bytes through that a URI can't have; they are Latin-1 here, one character a byte. */
function encodeStray(text: string): string {
  return /[^!-~]/.test(text)
    ? text.replace(
        /[^!-~]/g,
        (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
      )
    : text
}
