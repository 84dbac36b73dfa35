// The option `counters`, of all that count.
import { type Counters, memoryCounters } from './counters.js'
import { redisCounters } from './redis.js'
import { connectionTo } from './redis-connection.js'

/** @throws TypeError for what are no counters, and for a URL without the package `redis` */
export function countersOf(
  subject: string,
  counters: Counters | string = memoryCounters,
): Counters {
  if (typeof counters === 'function') return counters
  return redisCounters(connectionTo(counters, `${subject}: counters`, 'counters'))
}
