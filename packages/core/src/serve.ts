// Runs an app on a port until it is told to stop: accept, serve, finish what runs, close what was used.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { assertApp } from './compose.js'
import type { App } from './contract.js'
import { askWhenRead } from './expect-continue.js'
import { serverLimits } from './server-limits.js'
import { listen } from './listen.js'
import type { Running } from './node-exchange.js'
import { Connections, shutDown } from './shut-down.js'

export interface ServeOptions {
  /** 8080 unless given; 0 takes any free one. */
  readonly port?: number
  /** An address or name to listen on. Without it 127.0.0.1 and, where there is one, ::1: this machine only. */
  readonly host?: string
  /** What carries the contract: `'koa'` unless given, or `'node'`, node:http alone. */
  readonly server?: 'koa' | 'node'
  /** What is closed, in order, once the last request is answered: a database, say. */
  readonly using?: readonly { close(): unknown }[]
  /** How long a client may take, in milliseconds; Infinity is no limit. */
  readonly timeouts?: Timeouts
  /** Bytes that a request's line and headers may have: 16 KiB unless given; more are answered with 431. */
  readonly maxHeaderSize?: number
  /** Milliseconds that requests which run get to finish at shutdown: 10,000 unless given. */
  readonly grace?: number
  /** SIGINT and SIGTERM shut down, unless this is false. */
  readonly signals?: boolean
  /** Where `robaccia.errors` go: standard error unless given. */
  readonly errors?: { write(text: string): void }
}

/** Who is too slow is answered with 408, or closed if idle. They are looked at once a second. */
export interface Timeouts {
  /** From the connection, or a request's first byte, to the end of its headers: 30,000 unless given. */
  readonly headers?: number
  /** To the end of a request's body: 300,000 unless given. */
  readonly request?: number
  /** Between two requests of a connection: 5,000 unless given. Behind a proxy: longer than the proxy keeps its own. */
  readonly idle?: number
}

/** A running server. */
export interface Serving {
  readonly port: number
  /** `http://localhost:8080`, say. */
  readonly url: string
  /** Shuts down: stops accepting, finishes what runs, closes what it was using. */
  readonly close: () => Promise<void>
  /** Settles when it has shut down; rejects when something that it was using failed to close. */
  readonly closed: Promise<void>
}

/**
 * Serves an app.
 *
 * @throws TypeError for an app that is not a function, a port that isn't an integer from 0 to 65535, a limit
 * that is none, or an unknown server
 * @throws Error with the system's `code` (`EADDRINUSE`, `EACCES`, `ENOTFOUND` …) and a message that names
 * the address, when it can't listen
 */
export async function serve(app: App, options: ServeOptions = {}): Promise<Serving> {
  const { port = 8080, host, server = 'koa', using = [], grace = 10_000, signals = true } = options
  assertApp(app, 'what serve is given')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`serve's port must be an integer from 0 to 65535, got ${port}`)
  }
  const running: Running = { count: 0 }
  const limits = serverLimits(options)
  const listener = await listenerOf(server, app, running, options)
  const stop = new AbortController()
  const connections = new Connections()
  const make = (): Server =>
    connections.keep(askWhenRead(createServer(limits, connections.noting(listener))))
  const { servers, port: bound, url } = await listen(make, port, host)

  const closed = once(stop.signal, 'abort').then(() =>
    shutDown(servers, connections, running, grace, using),
  )
  const close = (): Promise<void> => {
    stop.abort()
    return closed
  }
  if (signals) onSignals(close, closed)
  return { port: bound, url, close, closed }
}

/** Each server is loaded when it is asked for: who serves by node:http alone doesn't load Koa. */
async function listenerOf(
  server: 'koa' | 'node',
  app: App,
  running: Running,
  { errors = process.stderr }: ServeOptions,
): Promise<RequestListener> {
  if (server === 'koa') return (await import('./koa-listener.js')).koaListener(app, errors, running)
  if (server === 'node') return (await import('./to-node.js')).nodeListener(app, errors, running)
  throw new TypeError(`serve's server must be 'koa' or 'node', got '${String(server)}'`)
}

/** The first signal shuts down; a second one, from somebody in a hurry, ends the process as it would have. */
function onSignals(close: () => Promise<void>, closed: Promise<void>): void {
  const stop = (): void => {
    remove()
    void close()
  }
  const remove = (): void => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  closed.then(remove, remove)
}
