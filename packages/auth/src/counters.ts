// What counts attempts and requests: rate-limiter-flexible, in this process's memory or elsewhere.
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

export interface CounterOptions {
  /** Keeps its keys apart from those of others in the same place. */
  readonly name: string
  /** How many are allowed in the time. */
  readonly points: number
  /** The time in seconds, from the first on. */
  readonly seconds: number
}

/** Makes a counter; `redisCounters` makes them where several processes share them. */
export type Counters = (options: CounterOptions) => RateLimiterAbstract

/** Counters for one process, gone when it ends. */
export const memoryCounters: Counters = ({ name, points, seconds }) =>
  new RateLimiterMemory({ keyPrefix: name, points, duration: seconds })

export interface Count {
  /** Over the limit. */
  readonly over: boolean
  readonly remaining: number
  /** Whole seconds until the time is over, at least 1. */
  readonly seconds: number
}

/** Counts one. @throws what the place throws where they are kept */
export async function count(counter: RateLimiterAbstract, key: string): Promise<Count> {
  try {
    return counted(await counter.consume(key), false)
  } catch (over) {
    // It rejects with the count, and with an Error only for a failure.
    if (over instanceof RateLimiterRes) return counted(over, true)
    throw over
  }
}

function counted({ remainingPoints, msBeforeNext }: RateLimiterRes, over: boolean): Count {
  return { over, remaining: remainingPoints, seconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) }
}
