// The port that stays open while applications come and go: a connection goes to whoever answers, and waits while
// nobody does.
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { listen } from '@robaccia/core/node'
import type { Listening } from '@robaccia/core/node'

/** Milliseconds that a connection waits for an application to start. */
const PATIENCE = 10_000

export type Receiver = (socket: Socket) => void

export class Door {
  readonly #waiting = new Set<Socket>()
  #receiver: Receiver | undefined
  #late: NodeJS.Timeout | undefined
  #listening: Listening<Server> | undefined

  /** @throws as core's `listen` does */
  async listen(port: number, host?: string): Promise<Listening<Server>> {
    // Paused: what a connection says is read where it is answered.
    const make = (): Server =>
      createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#take(socket))
    this.#listening = await listen(make, port, host)
    return this.#listening
  }

  /** From now on connections go there, also those that have waited. */
  lead(receiver: Receiver): void {
    clearTimeout(this.#late)
    this.#receiver = receiver
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const socket of waiting) {
      socket.removeAllListeners('error')
      if (!socket.destroyed) receiver(socket)
    }
  }

  /** From now on connections wait; those that have waited too long go to `late`, and with them all that follow. */
  hold(late: Receiver): void {
    clearTimeout(this.#late)
    this.#receiver = undefined
    this.#late = setTimeout(() => this.lead(late), PATIENCE)
  }

  close(): void {
    clearTimeout(this.#late)
    for (const server of this.#listening?.servers ?? []) server.close()
    for (const socket of this.#waiting) socket.destroy()
  }

  #take(socket: Socket): void {
    if (this.#receiver !== undefined) {
      this.#receiver(socket)
      return
    }
    // Whoever leaves while they wait is missed by nobody.
    socket.on('error', () => {})
    this.#waiting.add(socket)
  }
}
