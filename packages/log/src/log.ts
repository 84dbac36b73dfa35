// A line for each request, and each error once: a middleware for any app. Put it outermost but for `proxied`.
import type { Environ, Middleware, Outcome } from '@robaccia/core'
import type { Logger } from 'pino'
import { isCgi, type Destination } from './destination.js'
import { Request, shown, type Entry } from './entry.js'
import { lines, through, type Format, type Level, type Lines } from './output.js'
import { requestId } from './request-id.js'

declare module '@robaccia/core' {
  interface Environ {
    /** The request's id: it stands in each of its lines, and in the response's `x-request-id`. */
    'log.id'?: string
    /** A pino logger whose lines have the request's id. */
    'log.logger'?: Logger
  }
}

export interface LogOptions {
  /** `pretty` on a terminal, else `json`, unless given. */
  readonly format?: Format
  /** Where lines go: standard output unless given; for a CGI script, whose response that is, standard error. */
  readonly to?: Destination
  /** The least severe lines that are written: `LOG_LEVEL` of the environment, else `info`, unless given. */
  readonly level?: string
  /** A pino logger of the app's own, in place of `format`, `to` and `level`. */
  readonly logger?: Logger
  /** Takes a request's id from `x-request-id` or `traceparent`: say so only behind a proxy that sets them. */
  readonly trustId?: boolean
  /** Request headers that a line has, in lower case; none unless given. */
  readonly headers?: readonly string[]
  /** More keys for a request's line. */
  readonly fields?: (environ: Environ, outcome: Outcome) => Readonly<Record<string, unknown>>
  /** Requests that get no line if all goes well: a health check's, say. */
  readonly skip?: (environ: Environ) => boolean
  /** Shows queries, also those of `referer`. They hold what people search for, and often tokens. */
  readonly showQuery?: boolean
  /** Shows `authorization`, `proxy-authorization` and `cookie`, if `headers` names them. */
  readonly showSecrets?: boolean
}

/**
 * Writes a line when a response is over, and each error that is a 5xx once, with its stack and the request's id, whoever
 * else sees it. The id is on the environ and in the response; so is a logger for the app's own lines.
 *
 * @throws TypeError for options that it can't have, and a file that can't be written
 *
 * @example
 * compose(log(), errors())(urls)
 */
export function log(options: LogOptions = {}): Middleware {
  const { trustId = false, headers = [], fields, skip = () => false } = options
  const out = outputOf(options)
  const names = options.format === 'combined' ? ['referer', 'user-agent', ...headers] : headers
  const show = shown(names, {
    query: options.showQuery === true,
    secrets: options.showSecrets === true,
  })

  function finish(request: Request, outcome: Outcome, skipped: boolean): void {
    const { environ } = request
    if (outcome.error !== undefined && outcome.status >= 500)
      environ['robaccia.notes'].report?.(outcome.error)
    const level = levelOf(outcome)
    if (skipped && level === 'info') return
    const entry: Entry = request.entry(outcome, show)
    out.request(fields === undefined ? entry : { ...entry, ...fields(environ, outcome) }, level)
    if (level === 'error') out.flush()
  }

  return (app) => (environ, startResponse) => {
    const id = requestId(environ, trustId)
    const request = new Request(id, environ)
    const logger = out.logger.child({ id })
    const skipped = skip(environ)
    environ['log.id'] = id
    environ['log.logger'] = logger
    environ['robaccia.notes'].report = reporter(logger, request)
    environ['robaccia.server'].after((outcome) => finish(request, outcome, skipped))
    return app(environ, (status, own, error) =>
      startResponse(status, own.some(isId) ? own : [...own, ['x-request-id', id]], error),
    )
  }
}

function isId([name]: readonly [string, string]): boolean {
  return name === 'x-request-id'
}

function outputOf(options: LogOptions): Lines {
  const { logger, to = isCgi() ? 2 : 1, level = process.env.LOG_LEVEL || 'info' } = options
  if (logger === undefined) {
    const isScreen = to === 1 && process.stdout.isTTY
    return lines(options.format ?? (isScreen ? 'pretty' : 'json'), level, to)
  }
  for (const name of ['format', 'to', 'level'] as const) {
    if (options[name] === undefined) continue
    throw new TypeError(`log: ${name} must not be given beside logger, whose it is`)
  }
  return through(logger)
}

function levelOf({ status, aborted, error }: Outcome): Level {
  if (status >= 500) return 'error'
  return aborted || error !== undefined ? 'warn' : 'info'
}

/** Logs each error once: `errors` tells it, the server does, and the response's end too. */
function reporter(logger: Logger, request: Request): (thrown: unknown) => void {
  const told = new Set<unknown>()
  return (thrown) => {
    if (told.has(thrown)) return
    told.add(thrown)
    const message =
      thrown instanceof Error ? thrown.message : 'something was thrown that is no error'
    logger.error({ err: thrown, ...request.place }, message)
    logger.flush()
  }
}
