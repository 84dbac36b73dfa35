// Answers in place of an application that does not run: with the page of what it failed with, or with patience. Pages
// follow as the application's do, so that they show it as soon as it runs.
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { compose, html, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { toNode } from '@robaccia/core/node'
import { errorOf } from './failure.js'
import type { Failure } from './failure.js'
import { BASE, Followers } from './followers.js'
import { localHosts } from './local-hosts.js'
import type { Version } from './message.js'
import { element, isForPage } from './page.js'

export class StandIn {
  readonly #followers = new Followers('')
  readonly #sockets = new Set<Socket>()
  readonly #server
  #failure: Failure | undefined

  /** @param names as for the application */
  constructor(names: readonly string[]) {
    this.#server = createServer(toNode(compose(localHosts(names))(this.#app)))
  }

  /** @param failure what it stands in for; without one the application is still starting */
  begin(version: Version, failure?: Failure): void {
    this.#failure = failure
    this.#followers.tell(version, false)
  }

  /** Cuts its connections: whoever comes again is led elsewhere. */
  end(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  readonly receive = (socket: Socket): void => {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    this.#server.emit('connection', socket)
    socket.resume()
  }

  readonly #app: App = async (environ, startResponse) => {
    if (environ.PATH_INFO.startsWith(BASE)) return this.#followers.app(environ, startResponse)
    const { version } = this.#followers
    const follower = (nonce: string): string => element(version, environ.REQUEST_METHOD, nonce)
    if (this.#failure === undefined) {
      const status = 503
      const words = 'The application is still starting.'
      return isForPage(environ)
        ? html(
            environ,
            startResponse,
            `<!doctype html><title>Starting</title>${follower('')}<p>${words}`,
            { status },
          )
        : text(environ, startResponse, `${words}\n`, { status })
    }
    if (!isForPage(environ)) {
      const words = `The application does not run: ${this.#failure.message}\n`
      return text(environ, startResponse, words, { status: 500 })
    }
    const { errorPage } = await import('./error-page.js')
    const { headers, markup } = await errorPage(errorOf(this.#failure), {
      title: 'The application does not run',
      follower,
    })
    startResponse(500, headers)
    return [markup]
  }
}
