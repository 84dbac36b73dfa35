// A store that is named by its URL. What it needs is loaded when it is first asked: who keeps responses in memory needs no
// package for that.
import { createRequire } from 'node:module'
import { assertRedisUrl } from './redis-url.js'
import type { Store } from './store.js'

/** @throws TypeError for what is no URL of Redis, and if the package `redis` is missing */
export function storeAt(url: string): Store {
  assertRedisUrl('cache: store must be a store or a URL', url)
  assertInstalled()
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

function assertInstalled(): void {
  try {
    createRequire(import.meta.url).resolve('redis')
  } catch (cause) {
    throw new TypeError(
      'cache: the package redis must be installed for a store in Redis: npm install redis',
      { cause },
    )
  }
}
