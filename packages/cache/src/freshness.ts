// How long a response is fresh, and how old it is (RFC 9111 §4.2), in seconds.
import { httpDate, type HeaderList } from '@robaccia/core'
import { secondsOf } from './directives.js'
import { field } from './field.js'
import type { Control } from './targeted.js'

/** Statuses that are fresh for a while though nobody says so (RFC 9110 §15.1). */
const heuristic: ReadonlySet<number> = new Set([
  200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501,
])

/** A guess is never longer than a day. */
const LONGEST_GUESS = 86_400

export interface Lifetime {
  readonly seconds: number
  /** The response says so; else it is a guess. */
  readonly explicit: boolean
}

/**
 * A response's freshness lifetime in a shared cache (§4.2.1). What is malformed or contradicts itself is stale.
 *
 * @param receivedAt milliseconds since 1970: what counts if `date` is none
 * @param share of the time since it was last modified for which a response is taken to be fresh that says nothing (§4.2.2)
 */
export function lifetimeOf(
  status: number,
  headers: HeaderList,
  { directives, targeted }: Control,
  receivedAt: number,
  share: number,
): Lifetime {
  const said = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age')
  if (said !== undefined) return { seconds: said, explicit: true }
  const expires = targeted ? undefined : field(headers, 'expires')
  const date = dateOf(headers, receivedAt)
  if (expires !== undefined) {
    const seconds = (httpDate(expires) - date) / 1000
    return { seconds: seconds > 0 ? seconds : 0, explicit: true }
  }
  const since = (date - httpDate(field(headers, 'last-modified'))) / 1000
  const guessed = heuristic.has(status) || directives.has('public')
  return {
    seconds: guessed && since > 0 ? Math.min(since * share, LONGEST_GUESS) : 0,
    explicit: false,
  }
}

/**
 * How old a response was when it was received (§4.2.3), whose `date` there is. Of several values of `Age` the first
 * counts, and what is no number is not there (§5.1).
 *
 * @param requestedAt milliseconds since 1970, as is `receivedAt`
 */
export function initialAge(headers: HeaderList, requestedAt: number, receivedAt: number): number {
  const [first = ''] = (field(headers, 'age') ?? '').split(',')
  const said = /^\d+$/.test(first.trim()) ? Number(first) : 0
  // A date has whole seconds.
  const apparent = Math.floor(receivedAt / 1000) - dateOf(headers, receivedAt) / 1000
  return Math.max(apparent > 0 ? apparent : 0, said + (receivedAt - requestedAt) / 1000)
}

function dateOf(headers: HeaderList, receivedAt: number): number {
  const date = httpDate(field(headers, 'date'))
  return Number.isNaN(date) ? receivedAt : date
}
