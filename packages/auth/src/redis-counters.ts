// Counters in Redis, for several processes.
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { Counters } from './counters.js'
import { positive } from './limit.js'
import { askBy, type Ask, type RedisClient, type RedisOptions } from './redis-client.js'

/**
 * Counts in Redis, for `throttle` and `rateLimit` of several processes. While Redis does not answer, each process counts
 * for itself.
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
  // Of a client the library uses these two here.
  const storeClient = {
    eval: (...args: Parameters<RedisClient['eval']>) => ask((client) => client.eval(...args)),
    del: (key: string) => ask((client) => client.del(key)),
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
