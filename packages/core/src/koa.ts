// The contract on Koa: an app as Koa middleware.
import Koa from 'koa'
import type { Middleware as KoaMiddleware, ParameterizedContext } from 'koa'
import type { RequestListener } from 'node:http'
import { closeBody, isWhole, toBytes } from './body.js'
import type { App, Body, Environ, HeaderList } from './contract.js'
import { assertStarted, hasNoBody } from './exchange.js'
import { setBody } from './koa-body.js'
import { BodyStream } from './node-body.js'
import { mountedAt, nodeEnviron } from './node-environ.js'
import { grouped, NodeExchange } from './node-exchange.js'
import { answerTo, reportThrown } from './thrown.js'

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
  return async (ctx) => {
    const exchange = new KoaExchange(ctx)
    try {
      const environ = nodeEnviron(
        ctx.req,
        mountedAt(ctx.originalUrl, ctx.req.url ?? '/'),
        exchange,
        errors,
      )
      ctx.state['robaccia.environ'] = environ
      const body = await app(environ, exchange.startResponse)
      await respond(ctx, exchange, body)
    } catch (error) {
      exchange.error ??= error
      throw error
    }
  }
}

/** Outer Koa middleware adds headers of its own, and Koa's `error` event tells what fails late. */
class KoaExchange extends NodeExchange {
  readonly #ctx: ParameterizedContext

  constructor(ctx: ParameterizedContext) {
    super(ctx.res)
    this.#ctx = ctx
  }

  protected override report(error: unknown): void {
    this.#ctx.app.emit('error', error, this.#ctx)
  }

  protected override sentHeaders(): HeaderList {
    return Object.entries(this.response.getHeaders()).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)] as const),
    )
  }
}

/** A Koa application of nothing but the app, as a listener: its errors are plain text, reported once. */
export function koaListener(app: App, options: KoaOptions): RequestListener {
  const koa = new Koa()
  // Of an error after the head Koa tells twice: from the body's end and from the response's.
  const told = new WeakSet<Error>()
  koa.on('error', (error: NodeJS.ErrnoException, ctx: ParameterizedContext) => {
    if (disconnected.has(error.code) || told.has(error)) return
    told.add(error)
    report(error, ctx)
  })
  koa.use(async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      report(error, ctx)
      const { status, headers, message } = answerTo(error)
      ctx.status = status
      ctx.body = `${message}\n`
      setHeaders(ctx, [...headers, ['content-type', 'text/plain; charset=utf-8']])
    }
  })
  koa.use(toKoa(app, options))
  return koa.callback()
}

function isEnviron(value: unknown): value is Environ {
  return typeof value === 'object' && value !== null && 'robaccia.errors' in value
}

function report(error: unknown, ctx: ParameterizedContext): void {
  const environ: unknown = ctx.state['robaccia.environ']
  if (isEnviron(environ)) reportThrown(error, environ)
}

/** The client's leaving: told by `signal` and `after`, and no error of the app's. */
const disconnected: ReadonlySet<string | undefined> = new Set([
  'ECONNRESET',
  'EPIPE',
  'HPE_INVALID_EOF_STATE',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/** Gives Koa the response. The body is then Koa's to send; a stream closes itself, the rest is closed here. */
async function respond(
  ctx: ParameterizedContext,
  exchange: NodeExchange,
  body: Body,
): Promise<void> {
  assertStarted(exchange)
  if (!isWhole(body) && ctx.method !== 'HEAD' && !hasNoBody(exchange.status)) {
    const stream = new BodyStream(body, exchange, ctx.res)
    await stream.begin()
    ctx.status = exchange.status
    setBody(ctx, stream)
  } else {
    ctx.status = exchange.status
    if (isWhole(body) && !hasNoBody(exchange.status)) {
      const bytes = Buffer.concat(body.map(toBytes))
      if (ctx.method !== 'HEAD') exchange.bytes = bytes.length
      // With no body at all Koa would answer a HEAD without a length, as it must for an empty array.
      if (ctx.method !== 'HEAD' || bytes.length > 0) setBody(ctx, bytes)
    }
    await closeBody(body)
    exchange.headSent = true
  }
  setHeaders(ctx, exchange.headers)
}

/** Sets the app's headers; a cookie or a `vary` that outer Koa middleware had set stays beside them. */
function setHeaders(ctx: ParameterizedContext, headers: HeaderList): void {
  for (const [name, value] of Object.entries(grouped(headers))) {
    if (name === 'set-cookie' || name === 'vary') ctx.append(name, value)
    else ctx.set(name, value)
  }
}

export { fromKoa, fromKoaApp } from './from-koa.js'
export { koaContext } from './koa-context.js'
