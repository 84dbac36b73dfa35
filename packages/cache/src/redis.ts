// The store in Redis: for who has the package `redis`.
export { redisStore } from './redis-store.js'
export type { RedisStore, RedisStoreOptions } from './redis-store.js'
