// The limits of a database: each has a default.
import { shown } from './errors.js'

export interface DatabaseOptions {
  /**
   * How many connections there are to a server: 0 to 10 by default, and up to 5 more for `outside`, which never waits for
   * one of a transaction's. SQLite always has one of each.
   */
  readonly pool?: { readonly min?: number; readonly max?: number; readonly outside?: number }
  /** How long a query waits for a connection, in milliseconds; 15,000 by default. */
  readonly acquireTimeout?: number
  /**
   * How long a query waits for another process that has locked the SQLite file, and one in `outside` for a
   * row that is locked on a server (MySQL counts whole seconds), in milliseconds; 5,000 by default. For all
   * else servers have their own (`lock_timeout`, `innodb_lock_wait_timeout`).
   */
  readonly busyTimeout?: number
  /** How long `close()` waits for what runs before it cuts it off, in milliseconds; 10,000 by default. */
  readonly closeTimeout?: number
  /** Tells of each statement that took longer than so many milliseconds. */
  readonly slowQuery?: {
    readonly threshold: number
    readonly log: (query: SlowQuery) => void
  }
}

export interface SlowQuery {
  /** With placeholders: its values are not in it. */
  readonly sql: string
  /** From when it was sent until its answer was there. */
  readonly milliseconds: number
}

export interface Limits extends Required<Omit<DatabaseOptions, 'slowQuery' | 'pool'>> {
  readonly pool: Required<NonNullable<DatabaseOptions['pool']>>
  readonly slowQuery: DatabaseOptions['slowQuery']
}

// The longest that setTimeout takes.
const longest = 2 ** 31 - 1

/**
 * @throws RangeError for a limit that is none
 * @throws TypeError for a log that is no function
 */
export function limitsOf({
  pool: { min = 0, max = 10, outside = 5 } = {},
  acquireTimeout = 15_000,
  busyTimeout = 5000,
  closeTimeout = 10_000,
  slowQuery,
}: DatabaseOptions): Limits {
  integer('pool.max', max, 1, 10_000)
  integer('pool.min', min, 0, max)
  integer('pool.outside', outside, 1, 10_000)
  integer('acquireTimeout', acquireTimeout, 1, longest)
  integer('busyTimeout', busyTimeout, 0, longest)
  integer('closeTimeout', closeTimeout, 0, longest)
  if (slowQuery) integer('slowQuery.threshold', slowQuery.threshold, 0, longest)
  if (slowQuery && typeof slowQuery.log !== 'function') {
    const got = shown(slowQuery.log)
    throw new TypeError(`slowQuery.log of a database must be a function, got ${got}`)
  }
  return { pool: { min, max, outside }, acquireTimeout, busyTimeout, closeTimeout, slowQuery }
}

function integer(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(
    `${name} of a database must be an integer from ${least} to ${most}, got ${shown(value)}`,
  )
}
