// Ends a server without losing a request that has come: take what waits, say that connections close, finish
// what runs, and only then close what was used.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Running } from './node-exchange.js'

/** A connection's latest answer, if it has asked yet: on the socket itself, since each request sets it. */
const LATEST: unique symbol = Symbol('latest')

interface Connection extends Socket {
  [LATEST]?: ServerResponse
}

/** The connections of servers that stop together. Once they do, answers say that they are the last, or clients would go on to ask. */
export class Connections {
  readonly #open = new Set<Connection>()
  #stopping = false

  /** Keeps a server's connections. */
  keep(server: Server): Server {
    return server.on('connection', (socket: Connection) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
    })
  }

  /** A listener that hands on to another. (A second listener of the event would cost more than what it does.) */
  noting(listener: RequestListener): RequestListener {
    return (request, response) => {
      if (this.#stopping || isFramedInDoubt(request)) response.shouldKeepAlive = false
      const connection: Connection = request.socket
      connection[LATEST] = response
      listener(request, response)
    }
  }

  stop(): void {
    this.#stopping = true
    // Of answers that wait in line (pipelining) only the last may say it.
    for (const { [LATEST]: response } of this.#open) {
      if (response !== undefined) response.shouldKeepAlive = false
    }
  }

  /** Browsers connect ahead of need, and node:http counts nobody idle who has not asked anything. */
  closeSilent(): void {
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy()
  }
}

/** Who handed on a Transfer-Encoding by HTTP/1.0 need not have seen the body end where it does (RFC 9112 §6.1). */
function isFramedInDoubt(request: IncomingMessage): boolean {
  // node:http makes the headers when they are first asked for.
  return request.httpVersion === '1.0' && request.headers['transfer-encoding'] !== undefined
}

/**
 * Stops accepting, waits for the requests that run, and closes what they were using, all of it.
 *
 * @param grace milliseconds after which connections are cut
 * @throws what the first failed `close` threw
 */
export async function shutDown(
  servers: readonly Server[],
  connections: Connections,
  running: Running,
  grace: number,
  using: readonly { close(): unknown }[],
): Promise<void> {
  connections.stop()
  await Promise.all(servers.map(drain))
  const closed = Promise.all(servers.map(stopAccepting))
  let late: NodeJS.Timeout | undefined
  const cut = new Promise<void>((done) => {
    late = setTimeout(() => {
      servers.forEach((server) => server.closeAllConnections())
      late = setTimeout(done, MOMENT)
    }, grace)
  })
  await Promise.race([closed, sleep(QUIET), cut])
  // Closes what is idle, and asks only once.
  servers.forEach((server) => server.close())
  const idle = setInterval(() => {
    servers.forEach((server) => server.closeIdleConnections())
    connections.closeSilent()
  }, 50)
  await closed
  clearInterval(idle)
  await Promise.race([ended(running), cut])
  clearTimeout(late)
  await closeAll(using)
}

/**
 * Milliseconds in which a connection that is kept alive may be idle and is left open: a request may be on its way,
 * and its answer says that it was the last.
 */
const QUIET = 200

/** An HTTP server's own `close` closes idle connections too. */
function stopAccepting(server: Server): Promise<void> {
  return new Promise((done) => NetServer.prototype.close.call(server, () => done()))
}

/** Looked at from time to time, so that a request need not tell. */
async function ended(running: Running): Promise<void> {
  while (running.count > 0) await sleep(5)
}

/** Milliseconds that what was added by `after` gets once connections are cut. */
const MOMENT = 100

/** How many turns of the event loop `drain` takes at most: about as many as connections can wait. */
const MOST_TURNS = 1000

/** Takes the requests that have come already. A turn accepts one connection, and what it sent is read in the next. */
async function drain(server: Server): Promise<void> {
  let quiet = 0
  const accepted = (): void => void (quiet = 0)
  server.on('connection', accepted)
  for (let turns = 0; quiet < 3 && turns < MOST_TURNS; turns++, quiet++) await turn()
  server.off('connection', accepted)
}

async function closeAll(using: readonly { close(): unknown }[]): Promise<void> {
  const failed: unknown[] = []
  for (const each of using) {
    try {
      await each.close()
    } catch (error) {
      failed.push(error)
    }
  }
  if (failed.length > 0) throw failed[0]
}
