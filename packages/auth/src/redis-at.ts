// Redis for who names a URL, and so has nothing to close.
import type { Ask } from './redis-client.js'
import { RedisConnection } from './redis-connection.js'
import { assertRedisInstalled, assertRedisUrl } from './redis-url.js'

/** Milliseconds that an answer may take, and that Redis is left alone after it failed. */
const SECOND = 1000

/** Who names the same URL shares one, as whoever gives the same client does. */
const connections = new Map<string, RedisConnection>()

/**
 * Asks by the process's connection to a URL. It connects when it is first used.
 *
 * @param subject what the URL is given as, for messages, and `kind` what might be given in its place
 * @throws TypeError for a URL that is none of Redis, and without the package `redis`
 */
export function redisAt(url: unknown, subject: string, kind: string): Ask {
  assertRedisUrl(subject, url, `${kind} or a URL`)
  assertRedisInstalled(subject)
  const connection =
    connections.get(url) ?? new RedisConnection(url, { timeout: SECOND, pause: SECOND })
  connections.set(url, connection)
  return (question) => connection.ask(question)
}
