// Sessions in Redis, for several processes.
import { positive } from './limit.js'
import { askBy, type Ask, type RedisClient, type RedisOptions } from './redis-client.js'
import type { SessionRecord, SessionStore } from './session-store.js'

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
  { prefix, timeout = 1000 }: RedisOptions = {},
): SessionStore {
  return storeBy(askBy(client, positive('redisStore: timeout', timeout)), prefix)
}

export function storeBy(ask: Ask, prefix = 'session:'): SessionStore {
  const evaluate = (script: string, id: string, values: string[]): Promise<unknown> =>
    ask((client) => client.eval(script, { keys: [prefix + id], arguments: values }))
  return {
    async read(id) {
      return record(await ask((client) => client.hGetAll(prefix + id)))
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
      await ask((client) => client.del(prefix + id))
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
