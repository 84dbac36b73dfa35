// A connection to Redis for who names a URL, and so has nothing to close. It lets the process end, which a client of the
// package `redis` does not: neither its socket nor its tries to connect again would.
import { createRequire } from 'node:module'
import type { OwnClient, RedisClient } from './redis-client.js'

/** Milliseconds that connecting may take, and in which nobody connects anew after it failed. */
const PAUSE = 1000

const require = createRequire(import.meta.url)

/** Who names the same URL shares one, as whoever gives the same client does. */
const connections = new Map<string, RedisConnection>()

/**
 * The process's connection to a URL. It connects when it is first used.
 *
 * @param subject what the URL is given as, for messages, and `kind` what might be given in its place
 * @throws TypeError for a URL that is none of Redis, and without the package `redis`
 */
export function connectionTo(url: unknown, subject: string, kind: string): RedisClient {
  // No message has the URL: it may hold a password.
  if (typeof url !== 'string' || !/^rediss?:\/\//.test(url)) {
    throw new TypeError(
      `${subject} must be ${kind} or a URL that begins with redis:// or rediss://, got another`,
    )
  }
  if (!isWhole(url)) {
    throw new TypeError(
      `${subject} must be a URL like redis://user:password@host:6379/0, percent-encoded, got another`,
    )
  }
  try {
    require.resolve('redis')
  } catch (cause) {
    throw new TypeError(
      `the package redis must be installed for ${subject} by a URL: npm install redis`,
      { cause },
    )
  }
  let connection = connections.get(url)
  if (connection === undefined) connections.set(url, (connection = new RedisConnection(url)))
  return connection
}

/** Whether the client takes it, which says so only when it connects. */
function isWhole(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { pathname, username, password } = new URL(url)
  return /^(?:\/\d*)?$/.test(pathname) && !/%(?![\da-f]{2})/i.test(username + password)
}

/** What is used of a client of the package, beside its commands. */
interface NodeRedis extends RedisClient {
  readonly isOpen: boolean
  destroy(): void
}

class RedisConnection implements OwnClient {
  readonly #url: string
  #client: NodeRedis | undefined
  #ready: Promise<NodeRedis> | undefined
  /** Milliseconds since 1970 until which nobody connects, and why. */
  #failed: { readonly until: number; readonly cause: unknown } | undefined

  constructor(url: string) {
    this.#url = url
  }

  async eval(...args: Parameters<RedisClient['eval']>): Promise<unknown> {
    return (await this.#connected()).eval(...args)
  }

  async hGetAll(key: string): Promise<Readonly<Record<string, string>>> {
    return (await this.#connected()).hGetAll(key)
  }

  async del(key: string): Promise<number> {
    return (await this.#connected()).del(key)
  }

  giveUp(cause: unknown): void {
    this.#failed = { until: Date.now() + PAUSE, cause }
    this.#forget()
  }

  async #connected(): Promise<NodeRedis> {
    if (this.#failed !== undefined && Date.now() < this.#failed.until) {
      const { cause } = this.#failed
      throw new Error('redis must be connected, got no connection a moment ago', { cause })
    }
    this.#ready ??= this.#connect()
    return this.#ready
  }

  async #connect(): Promise<NodeRedis> {
    const { createClient } = await import('redis')
    const client = createClient({
      url: this.#url,
      disableOfflineQueue: true,
      // It would wait for its next try by a timer that keeps the process.
      socket: { connectTimeout: PAUSE, reconnectStrategy: false },
    })
    this.#client = client
    // Unheard it would end the process. Who waits for an answer is told.
    client.on('error', () => {
      if (this.#client === client) this.#forget()
    })
    client.unref()
    try {
      await client.connect()
    } catch (cause) {
      this.giveUp(cause)
      throw cause
    }
    // It was given up while it connected, which that does not always stop.
    if (this.#client !== client) client.destroy()
    return client
  }

  #forget(): void {
    const client = this.#client
    this.#client = undefined
    this.#ready = undefined
    if (client?.isOpen === true) client.destroy()
  }
}
