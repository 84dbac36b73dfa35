// The contexts of the Koa middleware in a request: one for each Koa application, so that what one `fromKoa` leaves on
// it (a session, a parsed body, `ctx.state`) is there for the next. Each has a response of its own.
import type Koa from 'koa'
import type { Middleware as KoaMiddleware, ParameterizedContext } from 'koa'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Environ } from './contract.js'
import { originalUrlOf } from './environ-request.js'
import { NodeCall } from './node-call.js'
import { shareRequest } from './shared-request.js'

declare module './contract.js' {
  interface Environ {
    /** The context of the nearest `fromKoa` around: see `koaContext`. */
    'koa.context'?: ParameterizedContext
    /** All of them, one for each Koa application, the innermost last. */
    'koa.contexts'?: readonly ParameterizedContext[]
  }
}

/**
 * The context of the nearest `fromKoa` around an app: `session`, `state`, `request.body` and what else its middleware
 * left there. `undefined` where there is none.
 */
export function koaContext(environ: Environ): ParameterizedContext | undefined {
  return environ['koa.context']
}

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>
type ContextOf = (request: IncomingMessage, response: ServerResponse) => ParameterizedContext

/**
 * A Koa application's own listener, but with these middleware and contexts. Without `contextOf` they are the
 * application's, whose `originalUrl` is the whole path.
 */
export function listenerOf(
  koa: Koa,
  middleware: readonly KoaMiddleware[],
  contextOf?: ContextOf,
): Listener {
  // What `callback()` does, but on the application itself.
  if (koa.listenerCount('error') === 0) koa.on('error', (error) => koa.onerror(error))
  const createContext: ContextOf = (request, response) => {
    const ctx = koa.createContext(request, response)
    if ('originalUrl' in request) setOriginalUrl(ctx, String(request.originalUrl))
    return ctx
  }
  const host: Koa = Object.create(koa, {
    middleware: { value: middleware },
    createContext: { value: contextOf ?? createContext },
  })
  return host.callback()
}

/** A run of Koa middleware: its request and response, and the context that has them until `leave`. */
export interface Entered {
  readonly call: NodeCall
  readonly ctx: ParameterizedContext
  readonly leave: () => void
}

/**
 * Finds the context of this application, or with `any` that of the nearest one, in what is further out, and gives it
 * a response of its own; or makes one.
 *
 * @param reader names the framework to whoever wants to read the request's body after it
 */
export function enterContext(environ: Environ, koa: Koa, any: boolean, reader: string): Entered {
  const contexts = environ['koa.contexts'] ?? []
  const outer = contexts.findLast((each) => any || each.app === koa)
  const shared = shareRequest(environ, outer?.req)
  if (outer !== undefined && shared !== undefined) {
    const call = new NodeCall(environ, reader, shared.request)
    const leave = respondBy(outer, call, originalUrlOf(environ))
    environ['koa.context'] = outer
    return {
      call,
      ctx: outer,
      leave() {
        leave()
        shared.restore()
      },
    }
  }
  const call = new NodeCall(environ, reader)
  const ctx = koa.createContext(call.request, call.response)
  setOriginalUrl(ctx, originalUrlOf(environ))
  Object.assign(ctx, { onerror: errorsTo(call) })
  environ['koa.context'] = ctx
  environ['koa.contexts'] = [...contexts.filter((each) => each.app !== koa), ctx]
  return { call, ctx, leave() {} }
}

/** Gives a context another response, and back its own. */
function respondBy(ctx: ParameterizedContext, call: NodeCall, url: string): () => void {
  const { res, response, respond, originalUrl, cookies } = ctx
  const onerror: unknown = Reflect.get(ctx, 'onerror')
  const set = (to: Pick<ParameterizedContext, 'res' | 'response'>): void => {
    ctx.res = ctx.request.res = cookies.response = to.res
    ctx.response = ctx.request.response = to.response
  }
  const fresh = ctx.app.createContext(call.request, call.response)
  fresh.response.ctx = ctx
  fresh.response.request = ctx.request
  set({ res: call.response, response: fresh.response })
  Object.assign(ctx, { onerror: errorsTo(call) })
  setOriginalUrl(ctx, url)
  delete ctx.respond
  return () => {
    set({ res, response })
    Object.assign(ctx, { onerror })
    setOriginalUrl(ctx, originalUrl)
    if (respond === undefined) delete ctx.respond
    else ctx.respond = respond
  }
}

function setOriginalUrl(ctx: ParameterizedContext, url: string): void {
  ctx.originalUrl = ctx.request.originalUrl = url
}

/** Errors go out of the middleware, where Koa would answer them. */
function errorsTo(call: NodeCall): (error: unknown) => void {
  return (error) => {
    if (error !== null && error !== undefined) call.fail(error)
  }
}
