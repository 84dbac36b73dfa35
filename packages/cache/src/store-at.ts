// A store that is named by its URL. What it needs is loaded when it is first asked: who keeps responses in memory needs no
// package for that.
import { assertRedisInstalled, assertRedisUrl } from './redis-url.js'
import type { Store } from './store.js'

/** @throws TypeError for what is no URL of Redis, and if the package `redis` is missing */
export function storeAt(url: unknown): Store {
  assertRedisUrl('cache: store', url, 'a store or a URL')
  assertRedisInstalled('cache: store')
  let loading: Promise<Store> | undefined
  const loaded = (): Promise<Store> =>
    (loading ??= import('./redis-store.js').then(({ redisStore }) => redisStore({ url })))
  return {
    find: async (key) => (await loaded()).find(key),
    body: async (key, response) => (await loaded()).body(key, response),
    put: async (key, response, body) => (await loaded()).put(key, response, body),
    purge: async (keys) => (await loaded()).purge(keys),
    purgeTag: async (tag) => (await loaded()).purgeTag(tag),
    purgeAll: async () => (await loaded()).purgeAll(),
  }
}
