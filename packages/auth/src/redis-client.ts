// What is used of a client of Redis, so that any of the package redis will do: a client, a pool.

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

/** A client that is told when an answer was late, so that it may connect anew. */
export interface OwnClient extends RedisClient {
  giveUp?(cause: unknown): void
}

export interface RedisOptions {
  /** Comes before each key. */
  readonly prefix?: string
  /** Milliseconds that an answer may take: 1,000 unless given. */
  readonly timeout?: number
}

/**
 * Waits for an answer, but not for long. Without a connection it asks nothing: the client would keep the question until
 * there is one again.
 *
 * @throws Error without a connection, and when it takes too long
 */
export async function answered<Answer>(
  client: OwnClient,
  timeout: number,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  if (client.isReady === false) throw new Error('redis must be connected, got no connection')
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`redis must answer within ${timeout} ms, got nothing`)
      reject(error)
      client.giveUp?.(error)
    }, timeout)
  })
  try {
    return await Promise.race([ask(), late])
  } finally {
    clearTimeout(timer)
  }
}
