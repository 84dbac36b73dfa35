// A node:http request made of an environ, for handlers that want one: what the environ says is what it has, so
// that a header which a middleware took away is gone. And the way back: what such a handler changed on it.
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Environ, EnvironWith } from './contract.js'
import { copyOf } from './environ-copy.js'
import { headerKey, splitTarget } from './node-environ.js'

/** What is mounted where, as Connect and Express have it on a request. */
export type EnvironRequest = IncomingMessage & { originalUrl: string; baseUrl: string }

/** @param reader names the handler's framework to whoever wants to read the body after it */
export function environRequest(environ: Environ, socket: Socket, reader: string): EnvironRequest {
  const input = bodyOf(environ, reader)
  const [, major = '1', minor = '1'] = /^HTTP\/(\d)(?:\.(\d))?/.exec(environ.SERVER_PROTOCOL) ?? []
  const request = Object.assign(new IncomingMessage(socket), {
    httpVersion: `${major}.${minor}`,
    httpVersionMajor: Number(major),
    httpVersionMinor: Number(minor),
    headers: {},
    originalUrl: '',
    baseUrl: '',
    // On the instance: Express replaces the prototype.
    _read(this: IncomingMessage, size: number): void {
      // It lets the stream ask for more by itself: node:http's parser pushes unasked until somebody reads.
      IncomingMessage.prototype._read.call(this, size)
      input.next().then(
        ({ done, value }) => {
          if (done === true) this.complete = true
          this.push(done === true ? null : value)
        },
        (error: Error) => this.destroy(error),
      )
    },
    _destroy(
      this: IncomingMessage,
      error: Error | null,
      done: (error?: Error | null) => void,
    ): void {
      void input.return(undefined).catch(() => {})
      // As node:http does: nobody has to listen for the client's leaving.
      process.nextTick(done, this.listenerCount('error') > 0 ? error : null)
    },
  })
  describeRequest(request, environ)
  // A request without a body is received in one piece (RFC 9112 §6.3): node:http says so once the handler has begun.
  // Handlers tell by `complete` whether a client broke off.
  if (!hasBody(environ)) process.nextTick(() => (request.complete = true))
  return request
}

function hasBody({
  CONTENT_LENGTH: length = '0',
  HTTP_TRANSFER_ENCODING: coding,
}: Environ): boolean {
  return length !== '0' || coding !== undefined
}

/** Gives a request the method, URL and headers that the environ has now. */
export function describeRequest(request: EnvironRequest, environ: Environ): void {
  request.method = environ.REQUEST_METHOD
  request.url = urlOf(environ)
  request.baseUrl = environ.SCRIPT_NAME
  request.originalUrl = originalUrlOf(environ)
  const { headers } = request
  for (const name of Object.keys(headers)) delete headers[name]
  request.rawHeaders = []
  for (const [name, value] of headersOf(environ)) {
    headers[name] = value
    request.rawHeaders.push(name, value)
  }
  request.headersDistinct = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [String(value)]]),
  )
}

/**
 * The environ for what is further in: the same one, or a copy if the handler has changed the request's method,
 * URL or headers.
 */
export function environAfter<P>(request: EnvironRequest, environ: EnvironWith<P>): EnvironWith<P> {
  const changes: Record<string, string | undefined> = {}
  const { method = 'GET', url = '/' } = request
  if (method !== environ.REQUEST_METHOD) changes.REQUEST_METHOD = method
  if (url !== urlOf(environ)) {
    // A handler writes characters where a client writes bytes.
    const { path, query } = splitTarget(url.replace(/[^ -~]+/gu, encodeURIComponent))
    Object.assign(changes, { PATH_INFO: path, QUERY_STRING: query })
  }
  const now = new Map<string, string>()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) now.set(name.toLowerCase(), String(value))
  }
  for (const [name, value] of headersOf(environ)) {
    if (now.get(name) === value) now.delete(name)
    else if (!now.has(name)) changes[keyOf(name)] = undefined
  }
  // A name with `_` could pass for another one.
  for (const [name, value] of now) if (!name.includes('_')) changes[keyOf(name)] = value
  const keys = Object.entries(changes)
  if (keys.length === 0) return environ
  const copy = copyOf(environ, changes)
  for (const [key, value] of keys) if (value === undefined) Reflect.deleteProperty(copy, key)
  return copy
}

type HeaderKey = 'CONTENT_TYPE' | 'CONTENT_LENGTH' | `HTTP_${string}`

function keyOf(name: string): HeaderKey {
  const key = headerKey(name)
  if (key === 'HTTP_CONTENT_TYPE') return 'CONTENT_TYPE'
  return key === 'HTTP_CONTENT_LENGTH' ? 'CONTENT_LENGTH' : key
}

/** The request's headers, their names in lower case. */
export function headersOf(environ: Environ): [name: string, value: string][] {
  const headers: [string, string][] = []
  // Other keys are not looked at: one may be an accessor that notes when it is asked for.
  for (const key of Object.keys(environ)) {
    const name =
      key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH'
        ? key
        : key.startsWith('HTTP_')
          ? key.slice(5)
          : undefined
    if (name === undefined) continue
    const value: unknown = Reflect.get(environ, key)
    if (typeof value === 'string') headers.push([name.toLowerCase().replaceAll('_', '-'), value])
  }
  return headers
}

function urlOf(environ: Environ): string {
  const { SCRIPT_NAME: script, PATH_INFO: path, QUERY_STRING: query } = environ
  if (environ.REQUEST_METHOD === 'OPTIONS' && script === '' && path === '') return '*'
  return `${path === '' ? '/' : path}${query === '' ? '' : `?${query}`}`
}

/** The request's path before anything was dispatched on, with its query. */
export function originalUrlOf(environ: Environ): string {
  const { SCRIPT_NAME: script, QUERY_STRING: query } = environ
  if (script === '') return urlOf(environ)
  return `${script}${environ.PATH_INFO}${query === '' ? '' : `?${query}`}`
}

/** The body: what was read before, else the input, which is then marked as read. */
export async function* bodyOf(environ: Environ, reader: string): AsyncGenerator<Uint8Array> {
  const input = environ['robaccia.input']
  const read = environ['robaccia.body']
  if (read?.input === input && read.bytes !== undefined) {
    yield await read.bytes
    return
  }
  if (read?.input !== input) environ['robaccia.body'] = { input, reader }
  yield* input
}
