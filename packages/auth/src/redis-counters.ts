// Counters in Redis, for several processes.
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { Counters } from './counters.js'
import { positive } from './limit.js'
import { askBy, type Ask, type RedisClient, type RedisOptions } from './redis-client.js'

/**
 * Counts in Redis, for `throttle` and `rateLimit` of several processes. While Redis does not answer, each process counts
 * for itself, and says so once on standard error.
 *
 * @param options.prefix `count:` unless given
 * @throws TypeError for a time that is none
 */
export function redisCounters(
  client: RedisClient,
  { prefix, timeout = 1000 }: RedisOptions = {},
): Counters {
  return countersBy(askBy(client, positive('redisCounters: timeout', timeout)), prefix)
}

export function countersBy(ask: Ask, prefix = 'count:'): Counters {
  let failed = false
  // Nobody else hears of a failure: the limiter counts on by its insurance.
  const askOrTell: Ask = async (question) => {
    try {
      const answer = await ask(question)
      failed = false
      return answer
    } catch (error) {
      if (!failed) {
        process.stderr.write(`redisCounters: this process counts for itself: ${String(error)}\n`)
      }
      failed = true
      throw error
    }
  }
  // Of a client the library uses these two here.
  const storeClient = {
    eval: (...args: Parameters<RedisClient['eval']>) => askOrTell((client) => client.eval(...args)),
    del: (key: string) => askOrTell((client) => client.del(key)),
  }
  return ({ name, points, seconds }) => {
    const common = { keyPrefix: prefix + name, points, duration: seconds }
    return new RateLimiterRedis({
      ...common,
      storeClient,
      useRedisPackage: true,
      insuranceLimiter: new RateLimiterMemory(common),
    })
  }
}
