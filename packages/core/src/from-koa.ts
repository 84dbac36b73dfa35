// Koa middleware as a middleware, and a Koa application as an app. Koa itself runs them, on a request made of the
// environ and a response that is read back, so that all it does with a body, a status or an error it does here.
import Koa from 'koa'
import type { Middleware as TypedMiddleware, Next, ParameterizedContext } from 'koa'
import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { byteLength, callApp, closeBody, isWhole, toBytes } from './body.js'
import type { App, Chunk, EnvironWith, Middleware } from './contract.js'
import { environAfter } from './environ-request.js'
import { setBody } from './koa-body.js'
import { enterContext, listenerOf } from './koa-context.js'
import { NodeCall } from './node-call.js'
import { BodyReadable, lateHead, setHead } from './node-reply.js'

// A method's parameters are compared both ways: @koa/router's context is more than Koa's.
interface Handlers {
  handle(ctx: ParameterizedContext, next: Next): unknown
}

/** A Koa middleware, whatever it asks of its context. */
export type KoaMiddleware = Handlers['handle']

const reader = 'Koa middleware'

/** One run of Koa middleware around an app. */
interface Visit {
  readonly ctx: ParameterizedContext
  readonly response: ServerResponse
  /** Runs the app inside: what the last middleware's `next()` does. */
  readonly inner: () => Promise<void>
  /** The status that the app inside has answered without a byte, if it has. */
  empty?: number
  /** All middleware have had their turn. */
  answered: boolean
  /** Whether Koa is to end the response, as it was when the context left it: `ctx.respond`. */
  respond: boolean
}

/**
 * Makes Koa middleware a middleware, composed by koa-compose: the last one's `next()` runs the app inside and sets
 * `ctx.status`, headers and `ctx.body` to what it answers. What they throw and don't catch goes out as the
 * middleware's error.
 *
 * A Koa application as the first argument is the one whose contexts they get (`keys`, `proxy`, what was added to
 * `app.context`), and its own middleware come first: `fromKoa(koa)` is a Koa application with an app at its end.
 * Without one, they get the context of a `fromKoa` further out, or one of a new application.
 *
 * @throws TypeError when an argument is neither
 *
 * @example
 * const koa = new Koa({ keys: [secret] })
 * const site = fromKoa(koa, session(koa), bodyParser())(urls)
 */
export function fromKoa(koa: Koa, ...middleware: readonly KoaMiddleware[]): Middleware
// Two signatures, so that only the first argument may be an application.
export function fromKoa(...middleware: readonly KoaMiddleware[]): Middleware
export function fromKoa(...parts: readonly (Koa | KoaMiddleware)[]): Middleware {
  const [first, ...rest] = parts
  const given = typeof first === 'function' || first === undefined ? undefined : first
  if (given !== undefined) assertKoa('fromKoa', given)
  const middleware = [
    ...(given?.middleware ?? []),
    ...(given === undefined ? parts : rest).map(asMiddleware),
  ]
  const koa = given ?? new Koa()

  return <P>(app: App<P>): App<P> => {
    const visits = new WeakMap<ServerResponse, Visit>()
    const visit = (ctx: ParameterizedContext): Visit => found(visits.get(ctx.res))
    const listen = listenerOf(
      koa,
      [(ctx, next) => finish(visit(ctx), next), ...middleware, (ctx) => visit(ctx).inner()],
      (_request, response) => found(visits.get(response)).ctx,
    )
    return async (environ, startResponse) => {
      const { call, ctx, leave } = enterContext(environ, koa, given === undefined, reader)
      const made: Visit = {
        ctx,
        response: call.response,
        answered: false,
        respond: true,
        inner: () => reply(made, call, app, environ),
      }
      visits.set(call.response, made)
      listen(call.request, call.response).catch((error: unknown) => call.fail(error))
      try {
        return await call.respond(startResponse)
      } finally {
        made.respond = ctx.respond !== false
        leave()
      }
    }
  }
}

/**
 * Makes a Koa application an app: its own 404, its own error handling. Its `error` event tells of errors, as ever.
 *
 * @throws TypeError when it is no Koa application
 */
export function fromKoaApp(koa: Koa): App {
  assertKoa('fromKoaApp', koa)
  const listen = listenerOf(koa, koa.middleware)
  return (environ, startResponse) => {
    const call = new NodeCall(environ, reader)
    listen(call.request, call.response).catch((error: unknown) => call.fail(error))
    return call.respond(startResponse)
  }
}

function assertKoa(name: string, koa: unknown): void {
  if (typeof koa !== 'object' || koa === null || !('createContext' in koa)) {
    throw new TypeError(`${name} must get a Koa application, got ${inspect(koa)}`)
  }
}

function asMiddleware(part: Koa | KoaMiddleware): TypedMiddleware {
  if (typeof part === 'function') return part
  throw new TypeError(
    `fromKoa must get Koa middleware, after at most one Koa application, got ${inspect(part)}`,
  )
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('a Koa context must be the one of its own response')
  return value
}

/**
 * What comes before all the middleware, and so last: an answer without a byte stays one. Koa would write the
 * status's phrase, but only knows that nobody has set a body.
 */
async function finish(visit: Visit, next: () => Promise<void>): Promise<void> {
  const { ctx, response } = visit
  await next()
  visit.answered = true
  if (ctx.res !== response) {
    // The response began while the middleware ran, and the context is the outer response's again: on that one Koa
    // would answer a second time.
    if (visit.respond && !response.writableEnded) response.end()
    await new Promise(() => {})
  }
  if (ctx.body === undefined && ctx.status === visit.empty && ctx.respond !== false) ctx.res.end()
}

/** The app's answer, set on the context as a Koa middleware would. */
async function reply<P>(
  visit: Visit,
  call: NodeCall,
  app: App<P>,
  environ: EnvironWith<P>,
): Promise<void> {
  const { ctx } = visit
  const { res } = ctx
  const seen = environAfter(call.request, environ)
  const { status, headers, body } = await callApp(app, seen, lateHead(res))
  // Somebody has written to the response himself.
  if (res.headersSent || res.destroyed) {
    await closeBody(body)
    return
  }
  if (ctx.body !== undefined && ctx.body !== null) {
    ctx.remove('content-type')
    ctx.body = undefined
  }
  // A 404 without a byte is what Koa has when nobody answers: a status that nobody chose, which a body makes a 200.
  const nobody = status === 404 && isWhole(body) && byteLength(body) === 0
  if (!nobody || ctx.status !== 404) ctx.status = status
  setHead(res, status, headers)
  if (isWhole(body)) {
    const content = joined(body)
    await closeBody(body)
    if (content.length > 0) setBody(ctx, content)
    else visit.empty = status
    return
  }
  // An empty chunk sends the head, once no middleware is left that could add to it.
  const readable = new BodyReadable(body, () => {
    if (visit.answered) res.flushHeaders()
  })
  readable.on('error', (error) => call.fail(error))
  setBody(ctx, readable)
}

/** Text stays text: that is what Koa middleware expect of a page. */
function joined(chunks: readonly Chunk[]): string | Buffer {
  const texts = chunks.filter((chunk) => typeof chunk === 'string')
  return texts.length === chunks.length ? texts.join('') : Buffer.concat(chunks.map(toBytes))
}
