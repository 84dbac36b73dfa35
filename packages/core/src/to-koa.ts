// The contract on Koa: an app as Koa middleware.
import type { Middleware as KoaMiddleware, ParameterizedContext } from 'koa'
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { byteLength, closeBody, isWhole } from './body.js'
import type { App, Body, Chunk, HeaderList } from './contract.js'
import { assertBody, assertStarted, hasNoBody } from './exchange.js'
import { setBody } from './koa-body.js'
import { beginPipe, isPipeable } from './koa-stream.js'
import { headersToSend } from './head.js'
import { BodyStream } from './node-body.js'
import { follow, nodeEnviron } from './node-environ.js'
import { NodeExchange, type Running } from './node-exchange.js'
import { joined } from './node-wire.js'

/** Where an app's `robaccia.errors` go. */
export interface KoaOptions {
  /** Standard error unless given. */
  readonly errors?: { write(text: string): void }
}

/**
 * Makes an app a Koa middleware that always answers: put it last. What the app throws before the
 * head goes up to Koa; afterwards the connection is cut, and Koa's `error` event tells. What outer
 * Koa middleware took off the path (as koa-mount does) is the app's `SCRIPT_NAME`.
 *
 * @example
 * new Koa().use(toKoa(app)).listen(8080)
 */
export function toKoa(app: App, { errors = process.stderr }: KoaOptions = {}): KoaMiddleware {
  return answering(app, errors)
}

type Errors = Required<KoaOptions>['errors']

/** The same for a server that waits for what runs. */
export function answering(
  app: App,
  errors: Errors,
  running?: Running,
): (ctx: ParameterizedContext) => Promise<void> {
  return async (ctx) => {
    const exchange = new KoaExchange(ctx, running)
    try {
      const environ = nodeEnviron(ctx.req, ctx.originalUrl, exchange, errors)
      if (ctx.req.url !== ctx.originalUrl) follow(environ, ctx.req.url ?? '/')
      ctx.state['robaccia.environ'] = environ
      const body = await app(environ, exchange.startResponse)
      await respond(ctx, exchange, body)
    } catch (error) {
      exchange.error ??= error
      throw error
    } finally {
      exchange.leave()
    }
  }
}

/** Outer Koa middleware adds headers of its own, and Koa's `error` event tells what fails late. */
class KoaExchange extends NodeExchange {
  readonly #ctx: ParameterizedContext

  constructor(ctx: ParameterizedContext, running: Running | undefined) {
    super(ctx.res, running)
    this.#ctx = ctx
  }

  protected override report(error: unknown): void {
    this.#ctx.app.emit('error', error, this.#ctx)
  }

  /** A whole body, the app's or the page for an error, has its length in the head. */
  protected override givenBytes(): number {
    const { req, statusCode } = this.response
    if (req.method === 'HEAD' || hasNoBody(statusCode)) return 0
    if (this.release !== undefined && this.headSent) return this.bytes
    return this.bytes || Number(this.response.getHeader('content-length') ?? 0)
  }

  protected override sentHeaders(): HeaderList {
    return Object.entries(this.response.getHeaders()).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)] as const),
    )
  }
}

/** Gives Koa the response. The body is then Koa's to send; a stream closes itself, the rest is closed here. */
async function respond(
  ctx: ParameterizedContext,
  exchange: NodeExchange,
  body: Body,
): Promise<void> {
  assertBody(body)
  const isSent = ctx.method !== 'HEAD' && !hasNoBody(exchange.status)
  if (!isWhole(body) && isSent && exchange.status !== 0) {
    // It says how it is closed before the exchange may ask for it.
    const begun = begin(body, exchange, ctx.res)
    exchange.leave()
    const stream = await begun
    ctx.status = exchange.status
    setHeaders(ctx, exchange.headers)
    setBody(ctx, stream)
    return
  }
  try {
    assertStarted(exchange)
    const length = isWhole(body) ? byteLength(body) : undefined
    const headers = headersToSend(ctx.method, exchange.status, exchange.headers, length)
    ctx.status = exchange.status
    // Before the body, for which Koa would look up a type.
    setHeaders(ctx, headers)
    // With no body at all Koa would answer a HEAD without a length, as it must for an empty array.
    const isDescribed = isSent || (length !== 0 && !hasNoBody(exchange.status))
    if (isWhole(body) && isDescribed) setBody(ctx, content(body, length, headers))
  } finally {
    if (body.close !== undefined || !isWhole(body)) await closeBody(body)
  }
  exchange.headSent = true
}

async function begin(
  body: AsyncIterable<Chunk> & Body,
  exchange: NodeExchange,
  response: ServerResponse,
): Promise<Readable> {
  if (isPipeable(body)) {
    await beginPipe(body, exchange, response)
    return body
  }
  const stream = new BodyStream(body, exchange, response)
  await stream.begin()
  return stream
}

/**
 * A whole body as Koa sends it. node:http writes the head in the encoding of a string that goes with it, UTF-8
 * for Koa's: so a string goes out as one, in one write, only if both are ASCII.
 */
function content(
  body: readonly Chunk[],
  length: number | undefined,
  headers: HeaderList,
): string | Buffer {
  const chunk = joined(body)
  const isText = typeof chunk === 'string' && chunk.length === length
  if (isText && headers.every(([, value]) => !NOT_ASCII.test(value))) return chunk
  return Buffer.from(chunk)
}

const NOT_ASCII = /[^\0-\x7f]/

/** Sets the app's headers; a cookie or a `vary` that outer Koa middleware had set stays beside them. */
export function setHeaders(ctx: ParameterizedContext, headers: HeaderList): void {
  const seen = new Set<string>()
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || name === 'vary' || seen.has(name)) ctx.append(name, value)
    else ctx.set(name, value)
    seen.add(name)
  }
}
