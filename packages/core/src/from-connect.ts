// A Connect or Express handler as a middleware, and a whole request listener as an app. What the app inside
// answers goes through the handler's own response, whose methods the handler may have replaced.
import createError from 'http-errors'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { byteLength, callApp, closeBody, isWhole, toBytes } from './body.js'
import type { Response } from './body.js'
import type { App, Body, Environ, EnvironWith, Middleware, StartResponse } from './contract.js'
import { environAfter } from './environ-request.js'
import { hasNoBody } from './exchange.js'
import { NodeCall } from './node-call.js'
import { BodyReadable, lateHead, setHead } from './node-reply.js'
import { shareRequest } from './shared-request.js'

declare module './contract.js' {
  interface Environ {
    /** The request that the handlers given to `fromConnect` share: see `connectRequest`. */
    'connect.request'?: IncomingMessage
  }
}

/**
 * The request that the handlers of the `fromConnect`s around an app share, with what they left on it: `session`,
 * `user`, `body`. `undefined` where there is none.
 */
export function connectRequest(environ: Environ): IncomingMessage | undefined {
  return environ['connect.request']
}

type Next = (error?: unknown) => void

// A method's parameters are compared both ways: Express's Request is more than an IncomingMessage.
interface Handlers {
  handle(request: IncomingMessage, response: ServerResponse, next: Next): unknown
  // What is thrown is anything.
  // oxlint-disable-next-line typescript/no-explicit-any
  handleError(error: any, request: IncomingMessage, response: ServerResponse, next: Next): unknown
  listen(request: IncomingMessage, response: ServerResponse): unknown
}

/** A handler as Connect, Express and Polka have them: an Express app or router, too. */
export type ConnectHandler = Handlers['handle']
/** Connect's handler of errors: a function of four parameters. */
export type ConnectErrorHandler = Handlers['handleError']
/** What `http.createServer` takes: an Express app, too. */
export type Listener = Handlers['listen']

const reader = 'a Connect handler'

/**
 * Makes a Connect handler a middleware: `next()` runs the app inside, whose answer goes through the handler's
 * response. A handler that does not call `next` answers itself. `next(error)`, what it throws and a promise
 * that it rejects go out as an error of the middleware's. A handler of four parameters is, as Connect has it,
 * asked only when the app inside throws before its response begins.
 *
 * With an app for what the handler leaves it is an app: `fromConnect(router)(notFound)`.
 *
 * @throws TypeError when the handler is not a function
 *
 * @example
 * const site = compose(fromConnect(helmet()), fromConnect(session({ secret })))(urls)
 */
export function fromConnect(handler: ConnectHandler): Middleware
// Two signatures, so that a handler's parameters get their types from its number of them.
export function fromConnect(handler: ConnectErrorHandler): Middleware
export function fromConnect(handler: ConnectHandler | ConnectErrorHandler): Middleware {
  assertHandler('fromConnect', handler)
  return isErrorHandler(handler) ? (app) => recovered(handler, app) : (app) => wrapped(handler, app)
}

/**
 * Makes a whole request listener an app: an Express app with its own 404 and error pages, or any function that
 * `http.createServer` takes. It gets no `next`.
 *
 * @throws TypeError when the listener is not a function
 */
export function fromConnectApp(listener: Listener): App {
  assertHandler('fromConnectApp', listener)
  return (environ, startResponse) =>
    handled(environ, startResponse, (call) =>
      run(call, () => listener(call.request, call.response)),
    )
}

function assertHandler(name: string, handler: unknown): void {
  if (typeof handler !== 'function') {
    throw new TypeError(`${name}'s handler must be a function, got ${typeof handler}`)
  }
}

/** Connect's own, documented rule: the number of parameters tells. */
function isErrorHandler(
  handler: ConnectHandler | ConnectErrorHandler,
): handler is ConnectErrorHandler {
  return handler.length === 4
}

function wrapped<P>(handler: ConnectHandler, app: App<P>): App<P> {
  return (environ, startResponse) =>
    handled(environ, startResponse, (call) => {
      let passed = false
      run(call, () =>
        handler(call.request, call.response, (error) => {
          // Express's words for what a handler leaves to the next one.
          if (Boolean(error) && error !== 'route' && error !== 'router') call.fail(error)
          else if (!passed) void reply(call, app, environAfter(call.request, environ))
          passed = true
        }),
      )
    })
}

function recovered<P>(handler: ConnectErrorHandler, app: App<P>): App<P> {
  return async (environ, startResponse) => {
    let answer: Response
    try {
      answer = await callApp(app, environ, startResponse)
    } catch (error) {
      return handled(environ, startResponse, (call) =>
        run(call, () =>
          // With nothing to say it leaves the request to whatever comes after all handlers: a 404.
          handler(error, call.request, call.response, (another) =>
            call.fail(another ? another : createError(404)),
          ),
        ),
      )
    }
    startResponse(answer.status, answer.headers)
    return answer.body
  }
}

/** Handles a request on the one that the handlers around share, if there are any. */
async function handled(
  environ: Environ,
  startResponse: StartResponse,
  handle: (call: NodeCall) => void,
): Promise<Body> {
  const shared = shareRequest(environ, environ['connect.request'])
  const call = new NodeCall(environ, reader, shared?.request)
  environ['connect.request'] = call.request
  handle(call)
  try {
    return await call.respond(startResponse)
  } finally {
    shared?.restore()
  }
}

/** Runs a handler, whose answer comes by its response: what it returns counts only when it is a rejection. */
function run(call: NodeCall, handler: () => unknown): void {
  try {
    Promise.resolve(handler()).catch((error: unknown) => call.fail(error))
  } catch (error) {
    call.fail(error)
  }
}

/** The app's answer, written to the handler's response. */
async function reply<P>(call: NodeCall, app: App<P>, environ: EnvironWith<P>): Promise<void> {
  const { response } = call
  try {
    const { status, headers, body } = await callApp(app, environ, lateHead(response))
    // The handler went on after `next` and has answered itself.
    if (response.headersSent || response.destroyed) {
      await closeBody(body)
      return
    }
    setHead(response, status, headers)
    const isHead = environ.REQUEST_METHOD === 'HEAD'
    if (isWhole(body)) {
      await closeBody(body)
      const length = byteLength(body)
      if (isHead && length > 0 && !response.hasHeader('content-length')) {
        response.setHeader('content-length', length)
      }
      response.end(Buffer.concat(body.map(toBytes)))
    } else if (isHead || hasNoBody(status)) {
      await closeBody(body)
      response.end()
    } else {
      const readable = new BodyReadable(body, () => response.flushHeaders())
      readable.on('error', (error) => call.fail(error))
      pipeline(readable, response, () => {})
      // A chunk is to reach the client before the next is asked for: `compression` keeps it back until it is told.
      const flush: unknown = Reflect.get(response, 'flush')
      if (typeof flush === 'function') {
        readable.on('data', () => void Reflect.apply(flush, response, []))
      }
    }
  } catch (error) {
    call.fail(error)
  }
}
