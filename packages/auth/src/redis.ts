// Sessions and counters in Redis, for several processes: by a client of the package `redis` that the app has connected, or
// by a URL, given to `sessions`, `throttle` or `rateLimit`.
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { Counters } from './counters.js'
import { positive } from './limit.js'
import { answered, type RedisClient, type RedisOptions } from './redis-client.js'
import type { SessionRecord, SessionStore } from './session-store.js'

export type { RedisClient, RedisOptions } from './redis-client.js'

// A session is a hash: its values by key behind a `=`, so that none is taken for the two times.
const CREATE = `
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1`

const UPDATE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local pairs = tonumber(ARGV[2])
for i = 3, 2 * pairs + 1, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
for i = 2 * pairs + 3, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1`

/**
 * Keeps sessions in Redis, which forgets those that have ended.
 *
 * @param options.prefix `session:` unless given
 * @throws TypeError for a time that is none
 *
 * @example
 * const client = await createClient({ url: 'redis://localhost' }).on('error', console.error).connect()
 * sessions({ secret, store: redisStore(client) })
 */
export function redisStore(
  client: RedisClient,
  { prefix = 'session:', timeout = 1000 }: RedisOptions = {},
): SessionStore {
  positive('redisStore: timeout', timeout)
  const evaluate = (script: string, id: string, values: string[]): Promise<unknown> =>
    answered(client, timeout, () => client.eval(script, { keys: [prefix + id], arguments: values }))
  return {
    async read(id) {
      return record(await answered(client, timeout, () => client.hGetAll(prefix + id)))
    },
    async create(id, { values, created, expires }) {
      const times = ['created', String(created), 'expires', String(expires)]
      await evaluate(CREATE, id, [String(expires), ...times, ...fields(values)])
    },
    async update(id, { set, deleted, expires }) {
      const pairs = ['expires', String(expires), ...fields(set)]
      const gone = deleted.map((key) => `=${key}`)
      const count = String(pairs.length / 2)
      return (await evaluate(UPDATE, id, [String(expires), count, ...pairs, ...gone])) === 1
    },
    async delete(id) {
      await answered(client, timeout, () => client.del(prefix + id))
    },
  }
}

function fields(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([key, json]) => [`=${key}`, json])
}

function record(hash: Readonly<Record<string, string>>): SessionRecord | undefined {
  const { created, expires } = hash
  if (created === undefined || expires === undefined) return undefined
  const values = Object.entries(hash)
    .filter(([field]) => field.startsWith('='))
    .map(([field, json]) => [field.slice(1), json])
  return { values: Object.fromEntries(values), created: Number(created), expires: Number(expires) }
}

/**
 * Counts in Redis, for `throttle` and `rateLimit` of several processes. While Redis does not answer, each process counts
 * for itself, and says so once on standard error.
 *
 * @param options.prefix `count:` unless given
 * @throws TypeError for a time that is none
 */
export function redisCounters(
  client: RedisClient,
  { prefix = 'count:', timeout = 1000 }: RedisOptions = {},
): Counters {
  positive('redisCounters: timeout', timeout)
  let failed = false
  // Nobody else hears of a failure: the limiter counts on by its insurance.
  async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await answered(client, timeout, question)
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
  // Of the client the library uses these two here.
  const bounded = {
    eval: (...args: Parameters<RedisClient['eval']>) => ask(() => client.eval(...args)),
    del: (key: string) => ask(() => client.del(key)),
  }
  return ({ name, points, seconds }) => {
    const common = { keyPrefix: prefix + name, points, duration: seconds }
    return new RateLimiterRedis({
      ...common,
      storeClient: bounded,
      useRedisPackage: true,
      insuranceLimiter: new RateLimiterMemory(common),
    })
  }
}
