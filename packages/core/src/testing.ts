// A client for tests: requests to an app without a socket, always linted.
import { closeBody, isWhole, toBytes } from './body.js'
import { clientEnviron } from './client-environ.js'
import type { RequestInit } from './client-environ.js'
import { assertApp } from './compose.js'
import type { App, Body, EnvironWith, HeaderList, Notes, Outcome } from './contract.js'
import { assertBody, assertStarted, Exchange, hasNoBody } from './exchange.js'
import { lint } from './lint.js'
import type { ContractViolation } from './lint.js'
import { answerTo, reportThrown } from './thrown.js'

export type { RequestInit } from './client-environ.js'

/** A response, read to its end. */
export interface ClientResponse {
  readonly status: number
  /** The app's; those that a server adds (`date`, a whole body's `content-length`) are not among them. */
  readonly headers: HeaderList
  /** The values of a header, joined by `, `; undefined if it was not sent. */
  header(name: string): string | undefined
  readonly bytes: Uint8Array
  readonly text: string
  json(): unknown
  /** What the app noted: its route, its template and vars. */
  readonly notes: Notes
  /** What the app wrote to `robaccia.errors`, and the report of what it threw. */
  readonly errors: string
  /** What the app threw: before the head the response is then a server's 500, afterwards it is cut. */
  readonly error?: unknown
}

type Send = (target: string, init?: RequestInit) => Promise<ClientResponse>

/** Sends requests to one app. */
export interface Client {
  request(method: string, target: string, init?: RequestInit): Promise<ClientResponse>
  readonly get: Send
  readonly head: Send
  readonly post: Send
  readonly put: Send
  readonly patch: Send
  readonly delete: Send
  readonly options: Send
}

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
  const request: Client['request'] = (method, target, init = {}) =>
    send(linted, method, target, {
      ...init,
      headers: { ...defaults.headers, ...init.headers },
      environ: { ...defaults.environ, ...init.environ },
    })
  const by =
    (method: string): Send =>
    (target, init) =>
      request(method, target, init)
  return {
    request,
    get: by('GET'),
    head: by('HEAD'),
    post: by('POST'),
    put: by('PUT'),
    patch: by('PATCH'),
    delete: by('DELETE'),
    options: by('OPTIONS'),
  }
}

/** The exchange of a request that has no network under it: it always ends by being finished. */
class ClientExchange extends Exchange {
  readonly late: unknown[] = []
  readonly chunks: Uint8Array[] = []
  /** The body was read to its end. */
  complete = false
  protected override watch(): void {}
  protected override report(error: unknown): void {
    this.late.push(error)
  }
}

async function send(
  app: App,
  method: string,
  target: string,
  init: RequestInit,
): Promise<ClientResponse> {
  const exchange = new ClientExchange()
  const violations: ContractViolation[] = []
  const errors: string[] = []
  const environ: EnvironWith<object> = {
    ...(await clientEnviron(method, target, init)),
    'robaccia.errors': { write: (text) => void errors.push(text) },
    'robaccia.server': exchange,
    'lint.violations': violations,
    ...init.environ,
  }
  try {
    const body = await app(environ, exchange.startResponse)
    await receive(exchange, method, body)
  } catch (error) {
    exchange.error = error
    if (violations.length === 0) reportThrown(error, environ)
    if (!exchange.headSent) refuse(exchange, method, error)
  }
  const bytes = Buffer.concat(exchange.chunks)
  const outcome: Outcome = {
    status: exchange.status,
    headers: exchange.headers,
    bytes: bytes.byteLength,
    aborted: exchange.headSent && !exchange.complete,
    ...(exchange.error === undefined ? {} : { error: exchange.error }),
  }
  if (outcome.aborted) exchange.drop()
  await exchange.finish(outcome)
  const broken = violations[0] ?? exchange.late[0]
  if (broken !== undefined) throw broken
  return response(outcome, bytes, environ['robaccia.notes'], errors.join(''))
}

/** Does what a server does with a body: reads it where there is one to send, and closes it. */
async function receive(exchange: ClientExchange, method: string, body: Body): Promise<void> {
  assertBody(body)
  try {
    assertStarted(exchange)
    if (hasNoBody(exchange.status)) {
      exchange.headers = exchange.headers.filter(
        ([name]) => !/^content-(?:type|length)$/.test(name),
      )
    } else if (isWhole(body)) {
      const chunks = body.map(toBytes)
      if (method !== 'HEAD') exchange.chunks.push(...chunks)
    } else if (method !== 'HEAD') {
      for await (const chunk of body) {
        exchange.headSent = true
        exchange.chunks.push(toBytes(chunk))
      }
    }
    exchange.complete = true
  } finally {
    await closeBody(body)
  }
  exchange.headSent = true
}

/** A server's own answer to what an app threw before the head. */
function refuse(exchange: ClientExchange, method: string, error: unknown): void {
  const { status, headers, message } = answerTo(error)
  exchange.status = status
  exchange.headers = [...headers, ['content-type', 'text/plain; charset=utf-8']]
  exchange.chunks.splice(0)
  if (method !== 'HEAD') exchange.chunks.push(Buffer.from(`${message}\n`))
}

function response(
  { status, headers, error }: Outcome,
  bytes: Uint8Array,
  notes: Notes,
  errors: string,
): ClientResponse {
  const text = new TextDecoder().decode(bytes)
  return {
    status,
    headers,
    header(name) {
      const values = headers.filter(([each]) => each === name.toLowerCase())
      return values.length === 0 ? undefined : values.map(([, value]) => value).join(', ')
    },
    bytes,
    text,
    json: (): unknown => JSON.parse(text),
    notes,
    errors,
    ...(error === undefined ? {} : { error }),
  }
}
