// What is used of a client of Redis, so that any of the package redis will do: a client, a pool.
import { inTime } from './redis-connection.js'

/** A client of the package `redis`, connected. */
export interface RedisClient {
  readonly isReady?: boolean
  eval(
    script: string,
    options: { readonly keys: string[]; readonly arguments: string[] },
  ): Promise<unknown>
  hGetAll(key: string): Promise<Readonly<Record<string, string>>>
  del(key: string): Promise<number>
}

export interface RedisOptions {
  /** Comes before each key. */
  readonly prefix?: string
  /** Milliseconds that an answer may take: 1,000 unless given. */
  readonly timeout?: number
}

/** Asks Redis. @throws Error without a connection, and when the answer takes too long */
export type Ask = <Answer>(question: (client: RedisClient) => Promise<Answer>) => Promise<Answer>

/** Asks by a client of the app's own. Without a connection that would keep the question until there is one again. */
export function askBy(client: RedisClient, timeout: number): Ask {
  return async (question) => {
    if (client.isReady === false) throw new Error('redis must be connected, got no connection')
    return inTime(question(client), timeout)
  }
}
