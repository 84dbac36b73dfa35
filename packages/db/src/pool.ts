// The connections of a database, and what runs on them: how it is waited for, cut off, and tried again.
import type { Knex } from 'knex'
import { DatabaseError } from './errors.js'
import { isLost } from './lost.js'

/** What a driver is asked for. */
export interface Ends<Connection> {
  /** Ends a connection, whatever it is doing. */
  cut(connection: Connection): void
}

/** Knex looks at this before it uses a connection again. */
interface Disposable {
  __knex__disposed?: unknown
}

export class Pool<Connection extends object = object> {
  readonly knex: Knex
  readonly #label: string
  readonly #open = new Set<Connection>()
  readonly #driver: Ends<Connection>
  #isCut = false
  #running = 0
  #idle: (() => void) | undefined

  constructor(knex: Knex, label: string, driver: Ends<Connection>) {
    this.knex = knex
    this.#label = label
    this.#driver = driver
    const { pool } = knex.client
    pool.on('createSuccess', (_event: number, connection: Connection) => this.#open.add(connection))
    pool.on('destroyRequest', (_event: number, connection: Connection) =>
      this.#open.delete(connection),
    )
  }

  /** Whether `close` has cut off what ran: then queries fail in any way. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** Runs something that `close` waits for. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#running += 1
    try {
      return await work()
    } finally {
      this.#running -= 1
      if (this.#running === 0) this.#idle?.()
    }
  }

  /**
   * Runs something that changes nothing yet, once more if its connection is lost: on a fresh one, since the
   * others may be lost too without anybody having noticed.
   */
  async repeatable<Result>(work: () => Promise<Result>, mayRepeat = () => true): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      if (!isLost(error) || !mayRepeat()) throw error
      for (const connection of this.#open as Set<Disposable>) connection.__knex__disposed = error
      return work()
    }
  }

  /**
   * Waits for what runs, then closes the connections.
   *
   * @param timeout milliseconds, after which what still runs is cut off
   * @throws DatabaseError if something was cut off
   */
  async close(timeout: number): Promise<void> {
    const ended = this.#ended().then(() => true)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, timeout, false)
    })
    try {
      if (await Promise.race([ended, late])) return
    } finally {
      clearTimeout(timer)
    }
    ended.catch(() => {})
    this.#isCut = true
    for (const connection of this.#open) this.#driver.cut(connection)
    // Nothing more is waited for: Knex refuses what still wants a connection.
    this.#idle?.()
    throw new DatabaseError(
      `what runs on ${this.#label} must end within ${timeout / 1000} s of close(), got some that did not: it was cut off`,
    )
  }

  async #ended(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    await this.knex.destroy()
  }
}
