// The contract on Fetch: an app as a function from a Request to a Response, for runtimes that speak these.
import { closeBody, isWhole, toBytes } from './body.js'
import { BodyReader } from './body-reader.js'
import type { App, Body, HeaderList } from './contract.js'
import { assertBody, assertStarted, hasNoBody } from './exchange.js'
import { fetchBody } from './fetch-body.js'
import { fetchEnviron } from './fetch-environ.js'
import { FetchExchange } from './fetch-exchange.js'
import { headersToSend } from './head.js'
import { answerTo } from './thrown.js'

export interface FetchOptions {
  /** Where `robaccia.errors` go: `console.error` unless given. */
  readonly errors?: { write(text: string): void }
}

/** What a runtime knows beside the Request. */
export interface FetchInfo {
  /** `REMOTE_ADDR`; `''` unless given. */
  readonly remoteAddress?: string
  /** Keeps the runtime alive for what runs after the response. */
  readonly waitUntil?: (promise: Promise<unknown>) => void
}

export type FetchHandler = (request: Request, info?: FetchInfo) => Promise<Response>

/**
 * Makes an app a Fetch handler that always answers.
 *
 * @example
 * const handler = toFetch(app)
 * Deno.serve((request, info) => handler(request, { remoteAddress: info.remoteAddr.hostname }))
 */
export function toFetch(app: App, { errors = consoleErrors }: FetchOptions = {}): FetchHandler {
  return async (request, { remoteAddress = '', waitUntil } = {}) => {
    const exchange = new FetchExchange(request.signal, (promise) => waitUntil?.(promise))
    try {
      const environ = fetchEnviron(request, remoteAddress, exchange, errors)
      exchange.environ = environ
      const body = await app(environ, exchange.startResponse)
      return await respond(request.method, exchange, body)
    } catch (error) {
      return failed(request.method, exchange, error)
    } finally {
      exchange.leave()
    }
  }
}

/** Not every runtime has `process.stderr`. */
const consoleErrors = {
  write(text: string): void {
    console.error(text.trimEnd())
  },
}

async function respond(method: string, exchange: FetchExchange, body: Body): Promise<Response> {
  assertBody(body)
  if (exchange.status !== 0 && !isWhole(body) && method !== 'HEAD' && !hasNoBody(exchange.status)) {
    const reader = new BodyReader(body, exchange)
    exchange.release = () => reader.close()
    // A client may leave before the first chunk, which may never come.
    exchange.leave()
    try {
      // Pulled while an error can still become a 500.
      const first = await reader.next()
      return head(method, exchange, undefined, () => fetchBody(first, reader, exchange))
    } catch (error) {
      await reader.close()
      throw error
    }
  }
  // What fails before the head goes out, closing included, is still a 500.
  await closeBody(body)
  assertStarted(exchange)
  return whole(method, exchange, isWhole(body) ? Buffer.concat(body.map(toBytes)) : undefined)
}

function whole(
  method: string,
  exchange: FetchExchange,
  bytes: Uint8Array<ArrayBuffer> | undefined,
): Response {
  const sent = method !== 'HEAD' && !hasNoBody(exchange.status) ? bytes : undefined
  const response = head(method, exchange, bytes?.length, () => sent ?? null)
  if (!exchange.over) exchange.bytes = sent?.length ?? 0
  void exchange.end(false)
  return response
}

/** Once there is a Response its head can't change. */
function head(
  method: string,
  exchange: FetchExchange,
  length: number | undefined,
  body: () => Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null,
): Response {
  const { status } = exchange
  const headers = headersToSend(method, status, exchange.headers, length)
  const response = new Response(body(), { status, headers: headersOf(headers) })
  exchange.headers = headers
  exchange.headSent = true
  return response
}

/** Appended one by one, so that several Set-Cookie stay apart. */
function headersOf(list: HeaderList): Headers {
  const headers = new Headers()
  for (const [name, value] of list) headers.append(name, value)
  return headers
}

function failed(method: string, exchange: FetchExchange, error: unknown): Response {
  exchange.fail(error)
  const { status, headers, message } = answerTo(error)
  exchange.status = status
  exchange.headers = [...headers, ['content-type', 'text/plain; charset=utf-8']]
  return whole(method, exchange, Buffer.from(`${message}\n`))
}

export { fromFetch } from './from-fetch.js'
export type { FetchLike } from './from-fetch.js'
