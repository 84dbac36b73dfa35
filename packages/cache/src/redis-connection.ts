// A connection to Redis that lets the process end, which a client of the package `redis` does not: neither its socket nor its
// tries to connect again would. While it is asked something it keeps the process. Auth and cache, which share
// nothing but core, each have this file.
import type { createClient, RedisClientType } from 'redis'

// A client without them has the empty object for its modules.
// oxlint-disable-next-line typescript/no-generated-empty-object-type
type None = Record<never, never>
/** A client without modules, functions and scripts, that speaks RESP 3. */
export type Client = RedisClientType<None, None, None, 3, None>

export interface ConnectionOptions {
  /** Milliseconds that an answer may take, connecting included. */
  readonly timeout: number
  /** Milliseconds in which Redis is left alone after it could not be reached or was late, so that nobody waits for it again. */
  readonly pause: number
}

export class RedisConnection {
  readonly #url: string
  readonly #options: ConnectionOptions
  #redis: typeof import('redis') | undefined
  #client: Client | undefined
  #ready: Promise<Client> | undefined
  /** Milliseconds since 1970 until which nobody connects, and why. */
  #failed: { readonly until: number; readonly cause: unknown } | undefined
  #closed = false

  constructor(url: string, options: ConnectionOptions) {
    this.#url = url
    this.#options = options
  }

  /**
   * Asks, connecting if need be.
   *
   * @throws Error when the answer takes too long, upon which the connection is dropped, and what the client throws
   */
  async ask<Answer>(question: (client: Client) => Promise<Answer>): Promise<Answer> {
    this.#redis ??= await import('redis')
    const answer = this.#connected(this.#redis.createClient).then(question)
    return inTime(answer, this.#options.timeout, (error) => this.#giveUp(error))
  }

  /** Drops the connection, and refuses what is asked from now on. */
  close(): void {
    this.#closed = true
    this.#drop()
  }

  async #connected(create: typeof createClient): Promise<Client> {
    if (this.#closed) throw new Error('the connection to redis must be open, got closed')
    if (this.#failed !== undefined && Date.now() < this.#failed.until) {
      const { cause } = this.#failed
      throw new Error('redis must be connected, got no connection a moment ago', { cause })
    }
    if (this.#client?.isOpen === false) this.#drop()
    this.#ready ??= this.#connect(create)
    return this.#ready
  }

  async #connect(create: typeof createClient): Promise<Client> {
    const client = create({
      url: this.#url,
      disableOfflineQueue: true,
      // It would wait for its next try by a timer that keeps the process.
      socket: { connectTimeout: this.#options.timeout, reconnectStrategy: false },
    })
    this.#client = client
    // Unheard it would end the process. Who waits for an answer is told.
    client.on('error', () => {})
    // Being dropped while it connects does not stop it.
    client.on('connect', () => {
      if (this.#client !== client) client.destroy()
    })
    client.unref()
    try {
      await client.connect()
    } catch (cause) {
      if (this.#client === client) this.#giveUp(cause)
      throw cause
    }
    return client
  }

  #giveUp(cause: unknown): void {
    this.#failed = { until: Date.now() + this.#options.pause, cause }
    this.#drop()
  }

  #drop(): void {
    const client = this.#client
    this.#client = undefined
    this.#ready = undefined
    client?.destroy()
  }
}

/**
 * Waits for an answer of Redis, but not for long.
 *
 * @param late called when it takes longer than so many milliseconds
 * @throws Error then
 */
export async function inTime<Answer>(
  answer: Promise<Answer>,
  timeout: number,
  late?: (error: Error) => void,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`redis must answer within ${timeout} ms, got nothing`)
      reject(error)
      late?.(error)
    }, timeout)
  })
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
