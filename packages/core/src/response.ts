// The usual answers. Each sends its head and returns a whole body: `return text(environ, startResponse, 'hi')`.
// Those without further parameters are apps themselves.
import type { App, Body, Environ, HeaderList, StartResponse } from './contract.js'

export interface ResponseOptions {
  /** 200 unless given. */
  readonly status?: number
  /** A `content-type` among them replaces the usual one. */
  readonly headers?: HeaderList
}

/** Answers with plain text, in UTF-8. */
export function text(
  _environ: Environ,
  startResponse: StartResponse,
  content: string,
  options?: ResponseOptions,
): Body {
  return send(startResponse, 'text/plain; charset=utf-8', content, options)
}

/** Answers with HTML, in UTF-8. The markup is sent as it is: whoever made it has escaped what it holds. */
export function html(
  _environ: Environ,
  startResponse: StartResponse,
  markup: string,
  options?: ResponseOptions,
): Body {
  return send(startResponse, 'text/html; charset=utf-8', markup, options)
}

/**
 * Answers with a value as JSON, which is UTF-8 by definition and has no charset (RFC 8259 §8.1, §11).
 *
 * @throws TypeError when the value has no JSON (undefined, a function, a BigInt, a cycle)
 */
export function json(
  _environ: Environ,
  startResponse: StartResponse,
  value: unknown,
  options?: ResponseOptions,
): Body {
  // The cast adds what the library's type leaves out: undefined for a value that has no JSON.
  const content = JSON.stringify(value) as string | undefined
  if (content === undefined)
    throw new TypeError(`json value must have a JSON form, got ${typeof value}`)
  return send(startResponse, 'application/json', content, options)
}

/** The statuses that send a client elsewhere by `location` (RFC 9110 §15.4). */
const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Sends the client elsewhere: by 303, so that it comes by GET and a reload does not post again, unless
 * `status` is another of 301, 302, 307 and 308. What is not ASCII in the location is percent-encoded.
 * A URL that came with the request can lead to any site: check it first.
 *
 * @param location an absolute path (`/blog/?page=2`) or a URL with its scheme; not `//host`, which
 * browsers take to another site
 * @throws TypeError for any other location or status, or a control character (CR and LF would add headers)
 */
export function redirect(
  _environ: Environ,
  startResponse: StartResponse,
  location: string,
  options: ResponseOptions = {},
): Body {
  const { status = 303, headers = [] } = options
  if (!redirections.has(status)) {
    throw new TypeError(`redirect status must be 301, 302, 303, 307 or 308, got ${status}`)
  }
  startResponse(status, [['location', encodeLocation(location)], ...headers])
  return []
}

/** Answers without a body. */
export function empty(
  _environ: Environ,
  startResponse: StartResponse,
  status = 204,
  headers: HeaderList = [],
): Body {
  startResponse(status, headers)
  return []
}

// Bare statuses: `errors` makes pages of them.
export const badRequest: App = (environ, startResponse) => empty(environ, startResponse, 400)
export const forbidden: App = (environ, startResponse) => empty(environ, startResponse, 403)
export const notFound: App = (environ, startResponse) => empty(environ, startResponse, 404)
/** For an app that knows the methods: `empty(environ, startResponse, 405, [['allow', 'GET, HEAD']])`. */
export const methodNotAllowed: App = (environ, startResponse) => empty(environ, startResponse, 405)
export const notAcceptable: App = (environ, startResponse) => empty(environ, startResponse, 406)
export const conflict: App = (environ, startResponse) => empty(environ, startResponse, 409)
export const gone: App = (environ, startResponse) => empty(environ, startResponse, 410)

function send(
  startResponse: StartResponse,
  contentType: string,
  content: string,
  { status = 200, headers = [] }: ResponseOptions = {},
): Body {
  const typed = headers.some(([name]) => name === 'content-type')
  startResponse(status, typed ? headers : [['content-type', contentType], ...headers])
  return [content]
}

function encodeLocation(location: string): string {
  const unsafe = /[\p{Cc}\p{Cs}]/u.test(location)
  if (!unsafe && /^\/(?!\/)/.test(location)) {
    // A `%` stays: what is encoded is not encoded again. A `\` may not stay: it is `/` to browsers.
    return location.replace(/[^\u0021-\u007e]|["<>\\^`{|}]/gu, encodeURIComponent)
  }
  if (!unsafe && URL.canParse(location)) return new URL(location).href
  throw new TypeError(
    `redirect location must be an absolute path or a URL without control characters, got ${JSON.stringify(location)}`,
  )
}
