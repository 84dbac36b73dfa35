// A store in Redis, shared by processes: heads in a hash for each key, bodies beside them, and a clock that moves with each
// purge. Nothing is locked and no script is run: what was purged is known by its date when it is looked for.
import { createHash } from 'node:crypto'
import { RESP_TYPES } from 'redis'
import { LONGEST_KEPT } from './keeping.js'
import { assertPositive } from './limit.js'
import { RedisConnection, type Client } from './redis-connection.js'
import { assertRedisUrl } from './redis-url.js'
import type { Found, Store } from './store.js'
import type { StoredResponse } from './stored-response.js'

export interface RedisStoreOptions {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS: `redis://127.0.0.1:6379` unless given. */
  readonly url?: string
  /** What keys begin with: `robaccia:cache:` unless given. Sites that share a database need one each. */
  readonly prefix?: string
  /** Milliseconds that an answer may take, connecting included: 250 unless given. */
  readonly timeout?: number
  /** Milliseconds that Redis is left alone after it could not be reached or was late: 1,000 unless given. */
  readonly retryAfter?: number
  /** Variants of a URL that are kept at most, the newest: 32 unless given. */
  readonly maxVariants?: number
}

export interface RedisStore extends Store {
  /** Ends the connection: `serve(site, { using: [store] })` does it. */
  close(): Promise<void>
}

/** What was asked for before a purge can arrive so much later, in milliseconds, and is not stored. */
const LATE = 3_600_000
/** A body whose head was replaced is there a little longer, for those who have just read its head. */
const LINGERING = 10_000

const asBytes = { [RESP_TYPES.BLOB_STRING]: Buffer }

/**
 * Makes a store in Redis 7 or newer. It connects when it is asked, and anew when it has lost the connection, or
 * dropped it because an answer was late. An idle connection keeps no process from ending.
 *
 * @throws TypeError for a URL that is none of Redis, or a limit that is no positive integer
 */
export function redisStore({
  url = 'redis://127.0.0.1:6379',
  prefix = 'robaccia:cache:',
  timeout = 250,
  retryAfter = 1000,
  maxVariants = 32,
}: RedisStoreOptions = {}): RedisStore {
  assertRedisUrl('redisStore: url', url)
  assertPositive('redisStore: timeout', timeout)
  assertPositive('redisStore: retryAfter', retryAfter)
  assertPositive('redisStore: maxVariants', maxVariants)

  const redis = new RedisConnection(url, { timeout, pause: retryAfter })

  const named = (kind: string, name: string): string =>
    `${prefix}${kind}:${createHash('sha256').update(name).digest('base64url')}`
  const head = (key: string): string => named('head', key)
  const body = (id: string): string => `${prefix}body:${id}`
  const purged = (key: string): string => named('purged', key)
  const tagged = (tag: string): string => named('tag', tag)
  const clock = `${prefix}clock`
  const all = `${prefix}all`

  /** Those of which no tag was purged since they were asked for. A tag that Redis has forgotten counts as purged. */
  async function withoutPurged(
    client: Client,
    responses: readonly StoredResponse[],
  ): Promise<StoredResponse[]> {
    const tags = [...new Set(responses.flatMap((response) => response.tags))]
    if (tags.length === 0) return [...responses]
    const ticks = await client.mGet(tags.map(tagged))
    const at = new Map(tags.map((tag, index) => [tag, Number(ticks[index] ?? Infinity)]))
    return responses.filter(({ tags: own, tick }) =>
      own.every((tag) => (at.get(tag) ?? Infinity) <= tick),
    )
  }

  /** The oldest variants, where there are too many. */
  async function prune(client: Client, key: string): Promise<void> {
    const heads = Object.entries(await client.hGetAll(head(key)))
      .map(([variant, json]) => ({ variant, receivedAt: parsed(json)?.receivedAt ?? 0 }))
      .toSorted((one, other) => other.receivedAt - one.receivedAt)
    const extra = heads.slice(maxVariants).map(({ variant }) => variant)
    if (extra.length > 0) await client.hDel(head(key), extra)
  }

  return {
    find: (key) =>
      redis.ask(async (client): Promise<Found> => {
        const [heads, [now, everything, own]] = await Promise.all([
          client.hGetAll(head(key)),
          client.mGet([clock, all, purged(key)]),
        ])
        const tick = Number(now ?? 0)
        const since = Math.max(Number(everything ?? 0), Number(own ?? 0))
        const moment = Date.now()
        const good = Object.values(heads)
          .map(parsed)
          .filter((each) => each !== undefined)
          // One of a later time than now is of a clock that was lost.
          .filter((each) => each.tick >= since && each.tick <= tick && each.until >= moment)
          .toSorted((one, other) => other.receivedAt - one.receivedAt)
        return { responses: await withoutPurged(client, good), tick }
      }),

    body: (_key, { id }) =>
      redis.ask(
        async (client) => (await client.withTypeMapping(asBytes).get(body(id))) ?? undefined,
      ),

    put: (key, response, bytes) =>
      redis.ask(async (client) => {
        const { id, variant, until, tags, tick } = response
        const left = Math.max(1, until - Date.now())
        const field = createHash('sha256').update(variant).digest('base64url')
        const earlier = parsed((await client.hGet(head(key), field)) ?? '')
        if (bytes === undefined && earlier?.id !== id) return
        const writing = client
          .multi()
          .hSet(head(key), field, JSON.stringify(response))
          .pExpire(head(key), left, 'NX')
          .pExpire(head(key), left, 'GT')
        for (const tag of tags) {
          writing
            .set(tagged(tag), String(tick), { condition: 'NX' })
            .pExpire(tagged(tag), LONGEST_KEPT + LATE)
        }
        if (bytes === undefined) writing.pExpire(body(id), left)
        else {
          writing.set(body(id), Buffer.from(bytes), { expiration: { type: 'PX', value: left } })
          if (earlier !== undefined) writing.pExpire(body(earlier.id), LINGERING, 'LT')
        }
        await writing.exec()
        if (earlier === undefined && (await client.hLen(head(key))) > maxVariants)
          await prune(client, key)
      }),

    // The clock moves and is noted in one step: of two purges at once the later one's time stays.
    purge: (keys) =>
      redis.ask(async (client) => {
        const writing = client.multi().incr(clock).unlink(keys.map(head))
        for (const key of keys) {
          writing.copy(clock, purged(key), { REPLACE: true }).pExpire(purged(key), LATE)
        }
        await writing.exec()
      }),

    purgeTag: (tag) =>
      redis.ask(async (client) => {
        await client
          .multi()
          .incr(clock)
          .copy(clock, tagged(tag), { REPLACE: true })
          .pExpire(tagged(tag), LONGEST_KEPT + LATE)
          .exec()
      }),

    purgeAll: () =>
      redis.ask(async (client) => {
        await client.multi().incr(clock).copy(clock, all, { REPLACE: true }).exec()
      }),

    async close() {
      redis.close()
    },
  }
}

/** A head as it was written; undefined for what another version, or somebody else, has written there. */
function parsed(json: string): StoredResponse | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return isStored(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isStored(value: unknown): value is StoredResponse {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'headers' in value &&
    Array.isArray(value.headers) &&
    'vary' in value &&
    Array.isArray(value.vary) &&
    'tags' in value &&
    Array.isArray(value.tags)
  )
}
