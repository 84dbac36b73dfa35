// A Koa application of nothing but an app, for `serve`: what it says of errors, and of which it doesn't.
import Koa from 'koa'
import type { ParameterizedContext } from 'koa'
import type { RequestListener } from 'node:http'
import type { App, Environ } from './contract.js'
import { NodeExchange, type Running } from './node-exchange.js'
import { answerTo, reportThrown } from './thrown.js'
import { answering, setHeaders, type KoaOptions } from './to-koa.js'

type Errors = Required<KoaOptions>['errors']

/** A Koa application of nothing but the app, as a listener: its errors are plain text, reported once. */
export function koaListener(app: App, errors: Errors, running: Running): RequestListener {
  const koa = new Koa()
  // Of an error after the head Koa tells twice: from the body's end and from the response's.
  const told = new WeakSet<Error>()
  koa.on('error', (error: Error, ctx: ParameterizedContext) => {
    if (told.has(error)) return
    told.add(error)
    report(error, ctx)
  })
  const answer = answering(app, errors, running)
  koa.use(async (ctx) => {
    try {
      await answer(ctx)
    } catch (error) {
      report(error, ctx)
      for (const name of ctx.res.getHeaderNames()) ctx.remove(name)
      const { status, headers, message } = answerTo(error)
      ctx.status = status
      ctx.body = `${message}\n`
      setHeaders(ctx, [...headers, ['content-type', 'text/plain; charset=utf-8']])
    }
  })
  return koa.callback()
}

function isEnviron(value: unknown): value is Environ {
  return typeof value === 'object' && value !== null && 'robaccia.errors' in value
}

function report(error: unknown, ctx: ParameterizedContext): void {
  const environ: unknown = ctx.state['robaccia.environ']
  if (isEnviron(environ) && !isDeparture(error, environ)) reportThrown(error, environ)
}

/** Says whether an error is the client's leaving: told by `signal` and `after`, and no error of the app's. */
function isDeparture(error: unknown, environ: Environ): boolean {
  if (!(error instanceof Error)) return false
  const { 'robaccia.server': exchange } = environ
  // What an app throws may have such a code too: its own connections break as well.
  if (exchange instanceof NodeExchange && exchange.error === error) {
    return exchange.isDeparture(error)
  }
  // A request that node:http can't parse to its end is the client's, too, and was answered.
  return 'code' in error && (departures.has(error.code) || String(error.code).startsWith('HPE_'))
}

const departures: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  // Too slow a client, which node:http has answered.
  'ERR_HTTP_REQUEST_TIMEOUT',
])
