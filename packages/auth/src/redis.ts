// The public names of @robaccia/auth/redis: sessions and counters in Redis by a client of the package `redis` that the app has
// connected. By a URL they are given to `sessions`, `throttle` and `rateLimit`.
export { redisStore } from './redis-store.js'
export { redisCounters } from './redis-counters.js'
export type { RedisClient, RedisOptions } from './redis-client.js'
