// The environ of a CGI request (RFC 3875 §4.1). A web server hands over a decoded path, so it is taken from
// REQUEST_URI, which most servers add, wherever that agrees; else it is encoded again.
import type { EnvironWith, ServerPort } from './contract.js'
import { splitTarget } from './node-environ.js'

/** What a process has for an environment. */
export type CgiEnv = Readonly<Record<string, string | undefined>>

/** @throws TypeError without REQUEST_METHOD: it is no CGI request then */
export function cgiEnviron(
  env: CgiEnv,
  input: AsyncIterable<Uint8Array>,
  server: ServerPort,
  errors: { write(text: string): void },
): EnvironWith<object> {
  const { REQUEST_METHOD, QUERY_STRING = '', SERVER_NAME, SERVER_PORT = '' } = env
  if (REQUEST_METHOD === undefined || REQUEST_METHOD === '') {
    throw new TypeError('a CGI request must have REQUEST_METHOD in its environment, got none')
  }
  const { script, rest } = splitPath(env)
  const environ: EnvironWith<object> = {
    REQUEST_METHOD,
    SCRIPT_NAME: script,
    PATH_INFO: rest,
    QUERY_STRING,
    SERVER_NAME: SERVER_NAME || 'localhost',
    SERVER_PORT: /^\d+$/.test(SERVER_PORT) ? SERVER_PORT : '80',
    SERVER_PROTOCOL: env.SERVER_PROTOCOL ?? 'HTTP/1.0',
    REMOTE_ADDR: env.REMOTE_ADDR ?? '',
    REQUEST_URI: env.REQUEST_URI ?? `${script}${rest}${QUERY_STRING && `?${QUERY_STRING}`}`,
    'robaccia.version': '1.0',
    'robaccia.url_scheme': isHttps(env) ? 'https' : 'http',
    'robaccia.input': input,
    'robaccia.errors': errors,
    'robaccia.server': server,
    'robaccia.notes': {},
    'router.params': {},
  }
  if (env.CONTENT_TYPE) environ.CONTENT_TYPE = byteString(env.CONTENT_TYPE)
  const length = contentLength(env)
  if (length !== undefined) environ.CONTENT_LENGTH = String(length)
  for (const [name, value] of Object.entries(env)) {
    if (isHeader(name) && value !== undefined) environ[name] = byteString(value)
  }
  return environ
}

/** The length of the request's body in bytes, if it has one. */
export function contentLength({ CONTENT_LENGTH: length = '' }: CgiEnv): number | undefined {
  return /^\d+$/.test(length) ? Number(length) : undefined
}

/** HTTP_PROXY is dropped: libraries take it for a setting (httpoxy, CVE-2016-5385). */
function isHeader(name: string): name is `HTTP_${string}` {
  return /^HTTP_[^a-z]+$/.test(name) && !/^HTTP_(?:PROXY|CONTENT_TYPE|CONTENT_LENGTH)$/.test(name)
}

/** `HTTPS` is every server's way to say it, `REQUEST_SCHEME` that of some behind a front. */
function isHttps({ HTTPS, REQUEST_SCHEME }: CgiEnv): boolean {
  return (HTTPS !== undefined && /^(?:on|1)$/i.test(HTTPS)) || REQUEST_SCHEME === 'https'
}

/** Node reads the environment as UTF-8; a header is one character a byte. */
function byteString(value: string): string {
  return Buffer.from(value).toString('latin1')
}

interface SplitPath {
  readonly script: string
  readonly rest: string
}

function splitPath(env: CgiEnv): SplitPath {
  const { SCRIPT_NAME = '', PATH_INFO = '', REQUEST_URI } = env
  // A script at the root is `''` here, not `/` (SPEC.md E3).
  const script = SCRIPT_NAME.replace(/\/+$/, '')
  if (REQUEST_URI === '*') return { script: '', rest: '' }
  if (REQUEST_URI !== undefined) {
    const { path } = splitTarget(byteString(REQUEST_URI))
    for (const [index, char] of path.split('').concat('/').entries()) {
      if (char !== '/' || decoded(path.slice(0, index)) !== script) continue
      if (decoded(path.slice(index)) === PATH_INFO) {
        return { script: path.slice(0, index), rest: path.slice(index) }
      }
    }
    // The server has rewritten the path to the script: nobody outside knows the script's name.
    if (decoded(path) === PATH_INFO) return { script: '', rest: path }
  }
  return { script: encoded(script), rest: encoded(PATH_INFO) }
}

/** Bytes that are no UTF-8 come out as they do in a process's environment. */
function decoded(path: string): string {
  const bytes = path.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString()
}

function encoded(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent)
}
