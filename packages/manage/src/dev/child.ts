// The process that serves the application under `dev`. The supervisor holds the port and sends each connection here, so
// that the application has the client's own.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { compose } from '@robaccia/core'
import type { App, Middleware } from '@robaccia/core'
import { toNode } from '@robaccia/core/node'
import type { Database } from '@robaccia/db'
import { development } from './development.js'
import { Followers } from './followers.js'
import { localHosts } from './local-hosts.js'
import { report, ROLE } from './message.js'
import type { Order } from './message.js'

/** Milliseconds that requests get to finish when the supervisor hangs up: whoever edits waits for it. */
const GRACE = 500

/**
 * Serves until the supervisor hangs up, and ends the process.
 *
 * @param names of hosts that the application answers for beside this machine's
 */
export async function serveChild(app: App, db: Database, names: readonly string[]): Promise<never> {
  const followers = new Followers(process.env[ROLE] ?? '')
  // What the application starts is no part of this.
  delete process.env[ROLE]
  const requests = new Requests()
  const site = compose(requests.counted, localHosts(names))(development(app, followers))
  const server = createServer(toNode(site))

  process.on('message', (order: Order, socket?: Socket) => {
    if (order.type === 'edited') {
      followers.tell(order.version, order.styles)
      return
    }
    report({ type: 'taken', id: order.id })
    // It may be gone already.
    if (socket !== undefined) {
      server.emit('connection', socket)
      // The supervisor paused it, so that nothing was read there.
      socket.resume()
    }
  })
  const left = once(process, 'disconnect')
  report({ type: 'ready' })
  await left
  followers.end()
  await Promise.race([requests.ended(), sleep(GRACE)])
  await Promise.race([db.close(), sleep(GRACE)])
  // Timers of the application's own would keep it, and the next one waits.
  process.exit()
}

/** Counts the requests that run. */
class Requests {
  #running = 0
  #ended: (() => void) | undefined

  readonly counted: Middleware = (app) => (environ, startResponse) => {
    this.#running++
    // Added first, so it runs last.
    environ['robaccia.server'].after(() => {
      this.#running--
      if (this.#running === 0) this.#ended?.()
    })
    return app(environ, startResponse)
  }

  async ended(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#ended = resolve))
  }
}
