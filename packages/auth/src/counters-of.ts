// The option `counters`, of all that count.
import { type Counters, memoryCounters } from './counters.js'
import { redisAt } from './redis-at.js'
import { countersBy } from './redis-counters.js'

/** @throws TypeError for what are no counters, and for a URL without the package `redis` */
export function countersOf(
  subject: string,
  counters: Counters | string = memoryCounters,
): Counters {
  if (typeof counters === 'function') return counters
  return countersBy(redisAt(counters, `${subject}: counters`, 'counters'))
}
