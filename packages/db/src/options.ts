// The limits of a database: each has a default.
import { shown } from './errors.js'

export interface DatabaseOptions {
  /**
   * How long a query waits for another process that has locked the SQLite file, and one in `outside` for a
   * row that is locked on a server (MySQL counts whole seconds), in milliseconds; 5,000 by default. For all
   * else servers have their own (`lock_timeout`, `innodb_lock_wait_timeout`).
   */
  readonly busyTimeout?: number
}

export type Limits = Required<DatabaseOptions>

// The longest that setTimeout takes.
const longest = 2 ** 31 - 1

/** @throws RangeError for a limit that is none */
export function limitsOf({ busyTimeout = 5000 }: DatabaseOptions): Limits {
  return { busyTimeout: integer('busyTimeout', busyTimeout, 0, longest) }
}

function integer(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new RangeError(
    `${name} of a database must be an integer from ${least} to ${most}, got ${shown(value)}`,
  )
}
