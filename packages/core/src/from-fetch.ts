// A Fetch handler as an app: Hono, h3, and whatever else makes a Response of a Request.
import createError from 'http-errors'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { App, Body, Environ } from './contract.js'
import { bodyOf, headersOf, originalUrlOf } from './environ-request.js'
import { neighbourAnswer } from './neighbour-answer.js'

/** An object such as Hono's and h3's applications are. */
export interface FetchLike {
  /** Gets the environ as its second argument: `c.env` in Hono. */
  // A method, since its parameters are compared both ways: h3 asks for a Request with more to it.
  fetch(request: Request, environ: Environ): Response | Promise<Response>
}

/**
 * Makes a Fetch handler an app: a function, or an object with a method `fetch`.
 *
 * @throws TypeError when it is neither
 * @throws 501 (from the app) for a method that a Request can't have: CONNECT, TRACE, TRACK
 * @throws 400 (from the app) for a Host that a URL can't have
 *
 * @example
 * const site = mount({ '/api': fromFetch(new Hono().basePath('/api').get('/', (c) => c.text('hi'))), '/': urls })
 */
export function fromFetch(handler: FetchLike | FetchLike['fetch']): App {
  const handle = typeof handler === 'function' ? handler : methodOf(handler)
  return async (environ, startResponse) => {
    const response = await handle(requestOf(environ), environ)
    if (typeof response?.status !== 'number') {
      throw new TypeError(`a Fetch handler must return a Response, got ${inspect(response)}`)
    }
    const body = response.body === null ? [] : await bodyOfResponse(response.body)
    const headers = [...response.headers]
    const answer = neighbourAnswer(environ, { status: response.status, headers, body })
    startResponse(answer.status, answer.headers)
    return answer.body
  }
}

function methodOf(handler: FetchLike): FetchLike['fetch'] {
  if (typeof handler?.fetch !== 'function') {
    throw new TypeError(
      `fromFetch's handler must be a function or have a method fetch, got ${typeof handler}`,
    )
  }
  return (request, environ) => handler.fetch(request, environ)
}

/** Methods that the Fetch standard keeps out of a Request. */
const forbidden: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])

function requestOf(environ: Environ): Request {
  const method = environ.REQUEST_METHOD
  if (forbidden.has(method.toUpperCase())) {
    throw createError(501, `the method must be one that a Fetch handler can get, got ${method}`)
  }
  const headers = new Headers(headersOf(environ))
  const { signal } = environ['robaccia.server']
  const input = method === 'GET' || method === 'HEAD' ? undefined : inputOf(environ)
  return new Request(urlOf(environ), {
    method,
    headers,
    signal,
    ...(input === undefined ? {} : { body: input, duplex: 'half' }),
  })
}

function urlOf(environ: Environ): string {
  const { SERVER_NAME: name, SERVER_PORT: port, 'robaccia.url_scheme': scheme } = environ
  const host = environ.HTTP_HOST ?? `${name.includes(':') ? `[${name}]` : name}:${port}`
  // Of `OPTIONS *` a URL knows nothing.
  const target = originalUrlOf(environ)
  const url = `${scheme}://${host}${target === '*' ? '/' : target}`
  if (/[\s/?#@\\]/.test(host) || !URL.canParse(url)) {
    throw createError(400, `the request must have a Host that makes a URL, got '${host}'`)
  }
  return url
}

/** The request's body, pulled as the handler reads it. */
function inputOf(environ: Environ): ReadableStream<Uint8Array> | undefined {
  if (environ.CONTENT_LENGTH === '0') return undefined
  return ReadableStream.from(bodyOf(environ, 'a Fetch handler'))
}

/**
 * A response's body: whole if it is all there, as that of a text is, else a stream. One whose first chunk takes its
 * time sends the head before it: who makes a Response has said its head.
 */
async function bodyOfResponse(stream: ReadableStream<Uint8Array>): Promise<Body> {
  const reader = stream.getReader()
  const first = reader.read()
  const early = await Promise.race([first, turn(undefined)])
  if (early?.done === true) return []
  const ahead = early === undefined ? [] : [reader.read()]
  const next = await Promise.race([...ahead, turn(undefined)])
  if (early !== undefined && next?.done === true) return [early.value]
  return {
    async *[Symbol.asyncIterator]() {
      if (early === undefined) yield new Uint8Array(0)
      let read = await first
      while (!read.done) {
        yield read.value
        read = await (ahead.shift() ?? reader.read())
      }
    },
    close: () => reader.cancel().catch(() => {}),
  }
}
