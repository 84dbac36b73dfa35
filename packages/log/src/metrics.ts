// Metrics of requests in Prometheus' terms: a middleware that counts, and an app that serves what it counted.
// https://prometheus.io/docs/practices/naming/
import {
  copyOf,
  empty,
  noteRoute,
  text,
  type App,
  type Environ,
  type Middleware,
} from '@robaccia/core'
import { createRequire } from 'node:module'
import type * as Prometheus from 'prom-client'

export interface MetricsOptions {
  /** The path, below where the middleware stands, at which it answers with the metrics itself; none unless given. */
  readonly path?: string
  /** Who may see them there: `basic(…)`, say. It must be given with `path`, and only then; `(app) => app` for everybody. */
  readonly guard?: Middleware
  /** Where metrics are kept: a registry of their own unless given. */
  readonly registry?: Prometheus.Registry
  /** Comes before each name: none unless given. */
  readonly prefix?: string
  /** The upper bounds of durations in seconds, ascending; from 5 ms to 10 s unless given. */
  readonly buckets?: readonly number[]
  /** Also the process's own metrics (memory, event loop, garbage collection): true unless given. */
  readonly process?: boolean
}

/** The middleware, and what it counted. */
export interface Metrics extends Middleware {
  /** Serves the metrics, for a port of their own or a route. Guard it: they tell what a site has and how busy it is. */
  readonly app: App
  readonly registry: Prometheus.Registry
}

/** What an unknown client can't make more of. */
const METHODS: ReadonlySet<string> = new Set(
  'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY'.split(' '),
)
const LABELS = ['method', 'route', 'status'] as const
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const BYTES = [100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]

/**
 * Counts requests by method, route expression and status: their number, durations until the last byte, sizes, and
 * how many are in flight. A request that no route took has the route `''`, a method that is no standard one is
 * `other`: so strangers can't make new series. Put it where `log` stands.
 *
 * @throws TypeError for buckets that are no ascending positive numbers, for a path that no request can have, and for a path or a
 * guard without the other
 *
 * @example
 * compose(log(), metrics({ path: '/metrics', guard: basic({ realm: 'Metrics', verify }) }))(urls)
 */
export function metrics(options: MetricsOptions = {}): Metrics {
  const { path, guard, prefix = '', buckets = SECONDS, process = true } = options
  assertAscending(buckets)
  assertGuarded(path, guard)
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = client()
  const { registry = new Registry() } = options
  if (process) collectDefaultMetrics({ register: registry, prefix })
  const shared = { registers: [registry], labelNames: LABELS }
  const name = (word: string): string => `${prefix}http_${word}`
  const requests = new Counter({
    name: name('requests_total'),
    help: 'Requests answered',
    ...shared,
  })
  const aborted = new Counter({
    name: name('requests_aborted_total'),
    help: 'Requests whose client left, or whose connection was cut, before the end',
    ...shared,
  })
  const seconds = new Histogram({
    name: name('request_duration_seconds'),
    help: 'Time until the last byte',
    buckets: [...buckets],
    ...shared,
  })
  const received = new Histogram({
    name: name('request_size_bytes'),
    help: 'The content-length of requests with a body',
    buckets: BYTES,
    ...shared,
  })
  const sent = new Histogram({
    name: name('response_size_bytes'),
    help: 'Bytes of bodies sent',
    buckets: BYTES,
    ...shared,
  })
  const inFlight = new Gauge({
    name: name('requests_in_flight'),
    help: 'Requests that are being answered',
    registers: [registry],
  })

  const count: Middleware = (app) => (environ, startResponse) => {
    const began = performance.now()
    inFlight.inc()
    environ['robaccia.server'].after((outcome) => {
      inFlight.dec()
      const labels = labelsOf(environ, outcome.status)
      requests.inc(labels)
      if (outcome.aborted) aborted.inc(labels)
      seconds.observe(labels, (performance.now() - began) / 1000)
      sent.observe(labels, outcome.bytes)
      if (environ.CONTENT_LENGTH !== undefined) {
        received.observe(labels, Number(environ.CONTENT_LENGTH))
      }
    })
    return app(environ, startResponse)
  }

  const page: App = async (environ, startResponse) => {
    if (environ.REQUEST_METHOD !== 'GET' && environ.REQUEST_METHOD !== 'HEAD') {
      return empty(environ, startResponse, 405, [['allow', 'GET, HEAD']])
    }
    return text(environ, startResponse, await registry.metrics(), {
      headers: [
        ['content-type', registry.contentType],
        ['cache-control', 'no-store'],
      ],
    })
  }

  const middleware: Middleware =
    path === undefined || guard === undefined ? count : serving(path, guard(page), count)
  return Object.assign(middleware, { app: page, registry })
}

/** Counts as `count` does, and answers at one path with the metrics. */
function serving(path: string, metricsPage: App, count: Middleware): Middleware {
  const before: Middleware = (app) => (environ, startResponse) => {
    if (environ.PATH_INFO !== path) return app(environ, startResponse)
    noteRoute(environ, path)
    return metricsPage(copyOf(environ, { 'router.params': {} }), startResponse)
  }
  return (app) => count(before(app))
}

const require = createRequire(import.meta.url)

/** It takes longer to load than the log, and only metrics need it. */
function client(): typeof Prometheus {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it is stands in its types
  return require('prom-client') as typeof Prometheus
}

function assertGuarded(path: string | undefined, guard: unknown): void {
  if (path === undefined) {
    if (guard === undefined) return
    throw new TypeError(
      'metrics: guard must come with a path, got none: guard(metrics.app) guards the app',
    )
  }
  // Visible ASCII: paths come percent-encoded.
  if (!/^\/[!-~]+$/.test(path) || /[?#]/.test(path)) {
    throw new TypeError(
      `metrics: path must be one as it is sent, such as '/metrics', got ${JSON.stringify(path)}`,
    )
  }
  if (typeof guard === 'function') return
  throw new TypeError(
    `metrics: path must come with a guard, a middleware such as basic(…); (app) => app lets everybody in; got ${typeof guard}`,
  )
}

function labelsOf(environ: Environ, status: number): Record<(typeof LABELS)[number], string> {
  const { REQUEST_METHOD: method } = environ
  return {
    method: METHODS.has(method) ? method : 'other',
    route: environ['robaccia.notes'].route ?? '',
    status: String(status),
  }
}

function assertAscending(buckets: readonly number[]): void {
  const ascending = buckets.every(
    (bound, at) => Number.isFinite(bound) && bound > (buckets[at - 1] ?? 0),
  )
  if (ascending && buckets.length > 0) return
  throw new TypeError(
    `metrics: buckets must be ascending positive numbers of seconds, got ${JSON.stringify(buckets)}`,
  )
}
