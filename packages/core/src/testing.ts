// A client for tests: requests to an app without a socket, always linted.
import { CookieJar } from './client-cookies.js'
import { clientEnviron } from './client-environ.js'
import type { RequestInit } from './client-environ.js'
import { ClientExchange } from './client-exchange.js'
import { redirected } from './client-redirect.js'
import type { Asked } from './client-redirect.js'
import { assertApp } from './compose.js'
import type { App, HeaderList, Notes } from './contract.js'
import { lint } from './lint.js'

export type { CookieJar } from './client-cookies.js'
export type { RequestInit } from './client-environ.js'

/** What every response has, read or not. */
interface Head {
  readonly status: number
  /** The app's; those that a server adds (`date`, a whole body's `content-length`) are not among them. */
  readonly headers: HeaderList
  /** The values of a header, joined by `, `; undefined if it was not sent. */
  header(name: string): string | undefined
  /** What was asked for: after redirects that were followed, the last of them. */
  readonly target: string
  /** What the app noted: its route, its template and vars. */
  readonly notes: Notes
  /** What the app wrote to `robaccia.errors`, and the report of what it threw. */
  readonly errors: string
  /** What the app threw: before the head the response is then a server's 500, afterwards it is cut. */
  readonly error?: unknown
}

/** A response, read to its end. */
export interface ClientResponse extends Head {
  readonly bytes: Uint8Array
  readonly text: string
  json(): unknown
}

/** A response whose body the test reads as it comes. */
export interface StreamedResponse extends Head {
  /** Pulls a chunk only when it is asked for one. Stopping before the end is going away. */
  readonly body: AsyncIterable<Uint8Array>
  /** Goes away: `signal` aborts, the body is closed, `after` is told; then it resolves. */
  abort(): Promise<void>
}

type Send = (target: string, init?: RequestInit) => Promise<ClientResponse>

/** Sends requests to one app, and keeps its cookies. */
export interface Client {
  request(method: string, target: string, init?: RequestInit): Promise<ClientResponse>
  /** Resolves with the head: with the first chunk. Read the body to its end, or abort. */
  stream(method: string, target: string, init?: RequestInit): Promise<StreamedResponse>
  /** What the app has set; it is sent with each request that it is for. */
  readonly cookies: CookieJar
  readonly get: Send
  readonly head: Send
  readonly post: Send
  readonly put: Send
  readonly patch: Send
  readonly delete: Send
  readonly options: Send
}

/** As many as browsers follow. */
const MOST_REDIRECTS = 20

/**
 * Makes a client for an app. It does what a server does, without a socket, and checks the contract on
 * the way: a call resolves when the body was read and what was added with `after` has run.
 *
 * @param app is wrapped in `lint`
 * @param defaults are under each request's own: headers, environ
 * @throws ContractViolation from a call in which a rule was broken, whoever swallowed the exception
 * @throws TypeError from a call for a target that no client could send, or with more than one body
 *
 * @example
 * const response = await client(app).get('/blog/')
 */
export function client(app: App, defaults: Pick<RequestInit, 'headers' | 'environ'> = {}): Client {
  assertApp(app, 'what client is given')
  const linted = lint(app)
  const cookies = new CookieJar()

  async function begin({ method, target, init }: Asked): Promise<ClientExchange> {
    const { signal } = init
    signal?.throwIfAborted()
    const headers = { ...defaults.headers, ...init.headers }
    const made = await clientEnviron(method, target, { ...init, headers })
    const exchange = new ClientExchange(linted, made, { ...defaults.environ, ...init.environ })
    addCookies(exchange)
    // What it throws is told to whoever reads the response.
    const leave = () => void exchange.abort().catch(() => {})
    signal?.addEventListener('abort', leave)
    exchange.after(() => signal?.removeEventListener('abort', leave))
    await exchange.begin()
    signal?.throwIfAborted()
    cookies.take(exchange.environ, exchange.headers)
    return exchange
  }

  /** A request's own cookies come before those that were kept. */
  function addCookies({ environ }: ClientExchange): void {
    const sent = [environ.HTTP_COOKIE, cookies.header(environ)].filter(
      (each) => each !== undefined && each !== '',
    )
    if (sent.length > 0) environ.HTTP_COOKIE = sent.join('; ')
  }

  async function request(
    method: string,
    target: string,
    init: RequestInit = {},
  ): Promise<ClientResponse> {
    let asked: Asked = { method, target, init }
    for (let left = MOST_REDIRECTS; ; left--) {
      const exchange = await begin(asked)
      const chunks: Uint8Array[] = []
      for await (const chunk of exchange.chunks()) chunks.push(chunk)
      init.signal?.throwIfAborted()
      const next = init.follow === true ? redirected(asked, exchange) : undefined
      if (next === undefined) return read(asked, exchange, Buffer.concat(chunks))
      if (left === 0) {
        throw new Error(`the app must redirect at most ${MOST_REDIRECTS} times, got ${next.target}`)
      }
      asked = next
    }
  }

  async function stream(
    method: string,
    target: string,
    init: RequestInit = {},
  ): Promise<StreamedResponse> {
    if (init.follow === true) throw new TypeError('stream must not follow redirects, got follow')
    const exchange = await begin({ method, target, init })
    return streamed(target, exchange)
  }

  const by =
    (method: string): Send =>
    (target, init) =>
      request(method, target, init)
  return {
    request,
    stream,
    cookies,
    get: by('GET'),
    head: by('HEAD'),
    post: by('POST'),
    put: by('PUT'),
    patch: by('PATCH'),
    delete: by('DELETE'),
    options: by('OPTIONS'),
  }
}

function headOf(target: string, exchange: ClientExchange): Head {
  const { status, headers, environ, errors, error } = exchange
  return {
    status,
    headers,
    header(name) {
      const values = headers.filter(([each]) => each === name.toLowerCase())
      return values.length === 0 ? undefined : values.map(([, value]) => value).join(', ')
    },
    target,
    notes: environ['robaccia.notes'],
    errors,
    ...(error === undefined ? {} : { error }),
  }
}

function read({ target }: Asked, exchange: ClientExchange, bytes: Uint8Array): ClientResponse {
  const text = new TextDecoder().decode(bytes)
  return { ...headOf(target, exchange), bytes, text, json: (): unknown => JSON.parse(text) }
}

function streamed(target: string, exchange: ClientExchange): StreamedResponse {
  async function* body(): AsyncGenerator<Uint8Array> {
    for await (const chunk of exchange.chunks()) if (chunk.byteLength > 0) yield chunk
    if (exchange.aborted && exchange.error !== undefined) throw exchange.error
  }
  return {
    ...headOf(target, exchange),
    get errors() {
      return exchange.errors
    },
    body: body(),
    abort: () => exchange.abort(),
  }
}
