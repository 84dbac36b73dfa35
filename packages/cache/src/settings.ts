// The options of a cache, checked, and what is made of them.
import type { Environ, HeaderList } from '@robaccia/core'
import { keyMaker } from './cache-key.js'
import { CacheStatus } from './cache-status.js'
import { Flights } from './flights.js'
import { GuardedStore } from './guarded-store.js'
import { assertAtLeast0, assertPositive } from './limit.js'
import { memoryStore } from './memory-store.js'
import type { Budget } from './recording.js'
import type { StoringRules } from './storable.js'
import { storeAt } from './store-at.js'
import type { Store } from './store.js'
import { withoutTags } from './tags.js'

export interface CacheOptions {
  /**
   * Where responses are kept: `memoryStore()` unless given. The URL of a Redis, `redis://user:password@host:port/database`
   * or `rediss://` for TLS, is for `redisStore({ url })`, which needs the package `redis`; it keeps no process from ending.
   */
  readonly store?: Store | string | undefined
  /** Bytes of a body that is stored at most; a longer one passes unstored: 1 MiB unless given. */
  readonly maxBody?: number
  /**
   * Bytes that streams hold at most, all together, while they are stored and sent; what is more passes unstored, at its
   * client's pace: 64 MiB unless given. So many slow clients can't fill the memory.
   */
  readonly maxBuffered?: number
  /**
   * Stores responses with `set-cookie` too, so that everybody gets the same cookie: false unless given. Say so only if no
   * cookie tells people apart.
   */
  readonly storeCookies?: boolean
  /** Request headers that every response varies with, in lower case, unsaid: none unless given. */
  readonly vary?: readonly string[]
  /**
   * A response that says nothing but when it was modified is fresh for this share of the time since, and a day at most:
   * 0.1 unless given (RFC 9111 §4.2.2), 0 for never.
   */
  readonly heuristic?: number
  /** Seconds that a stale response is kept, to be validated, or used if the app throws: a day unless given. */
  readonly keepStale?: number
  /**
   * Who asks for a page that somebody else is asking for waits for it: `time` milliseconds at most (5,000 unless given; 0:
   * nobody waits), and `most` requests for one page (1,000 unless given). Those beyond ask the app themselves.
   */
  readonly collapse?: { readonly time?: number; readonly most?: number }
  /**
   * Leaves `cache-tag`, `cache-groups` and `cache-group-invalidation` in responses, for a cache further out: false unless
   * given.
   */
  readonly forwardTags?: boolean
  /** What `cache-status` calls this cache: `robaccia` unless given; false for no such header. */
  readonly name?: string | false
}

export interface Settings {
  readonly store: GuardedStore
  readonly flights: Flights
  readonly keyOf: (environ: Environ) => string | undefined
  readonly collapseTime: number
  readonly status: CacheStatus
  readonly rules: StoringRules
  readonly maxBody: number
  readonly budget: Budget
  readonly vary: readonly string[]
  /** Milliseconds. */
  readonly keepStale: number
  /** The headers that others may see. */
  readonly shown: (headers: HeaderList) => HeaderList
}

/** @throws TypeError for options that a cache can't have */
export function settingsOf(options: CacheOptions): Settings {
  const {
    store: given = memoryStore(),
    maxBody = 1024 * 1024,
    maxBuffered = 64 * 1024 * 1024,
    storeCookies = false,
    vary = [],
    heuristic = 0.1,
    keepStale = 86_400,
    collapse: { time = 5000, most = 1000 } = {},
    forwardTags = false,
    name = 'robaccia',
  } = options
  const store = typeof given === 'object' && given !== null ? given : storeAt(given)
  assertStore(store)
  assertPositive('cache: maxBody', maxBody)
  assertPositive('cache: maxBuffered', maxBuffered)
  assertAtLeast0('cache: keepStale', keepStale)
  assertAtLeast0('cache: collapse.time', time)
  assertAtLeast0('cache: collapse.most', most)
  if (!(heuristic >= 0 && heuristic <= 1)) {
    throw new TypeError(`cache: heuristic must be a number from 0 to 1, got ${heuristic}`)
  }
  const wrong = vary.find((each) => !/^[!#$%&'*+.^_`|~\da-z-]+$/.test(each) || each === '*')
  if (wrong !== undefined) {
    throw new TypeError(`cache: vary must name headers in lower case, got ${JSON.stringify(wrong)}`)
  }
  return {
    store: new GuardedStore(store),
    flights: new Flights({ most }),
    keyOf: keyMaker(),
    collapseTime: time,
    status: new CacheStatus(name),
    rules: { cookies: storeCookies, share: heuristic },
    maxBody,
    budget: { left: maxBuffered },
    vary,
    keepStale: keepStale * 1000,
    shown: forwardTags ? (headers) => headers : withoutTags,
  }
}

function assertStore(store: Store): void {
  for (const method of ['find', 'body', 'put', 'purge', 'purgeTag', 'purgeAll'] as const) {
    if (typeof store[method] !== 'function') {
      throw new TypeError(`cache: store must have ${method}(), got ${typeof store[method]}`)
    }
  }
}
