// The pool of a database: its driver, its Knex instance, what each new connection is told, and how it is cut off.
import type { Duplex } from 'node:stream'
import knex, { type Knex } from 'knex'
import { type BetterSqlite3Connection, openBetterSqlite3 } from './better-sqlite3.js'
import { DatabaseError } from './errors.js'
import type { Limits } from './options.js'
import { Pool } from './pool.js'
import { watchSlowQueries } from './slow-query.js'
import { openSqlite3, type Sqlite3Connection } from './sqlite3.js'
import type { Driver, Target } from './url.js'

const sqlitePragmas = ['journal_mode = wal', 'foreign_keys = on']

// What a server's session is told first.
const sessions: Readonly<Record<'pg' | 'mysql2', readonly string[]>> = {
  pg: ["set time zone 'UTC'", 'set datestyle to iso'],
  mysql2: [
    "set time_zone = '+00:00'",
    'set names utf8mb4 collate utf8mb4_bin',
    // As PostgreSQL's: with MySQL's own a transaction that meets a unique key would not see the row that has it.
    'set session transaction isolation level read committed',
    // A counted column may hold 0, as on the other databases.
    "set sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  ],
}

/** The most milliseconds until a server that does not answer is given up. */
const connectTimeout = 10_000

/** @throws DatabaseError if the driver is not installed */
export function connect(
  target: Target,
  limits: Limits,
  session: readonly string[] = [],
): Pool<Connection> {
  const instance = knexOf(target, limits, session)
  if (limits.slowQuery) watchSlowQueries(instance, limits.slowQuery)
  return new Pool(instance, target.label, { cut: cutter(target.driver) })
}

/** The connections of `outside`, for which those of transactions never wait. */
export function connectOutside(target: Target, limits: Limits): Pool {
  const { busyTimeout: wait, pool } = limits
  // It could wait for a row that the transaction around it has locked.
  const session: Readonly<Record<Target['dialect'], readonly string[]>> = {
    sqlite: [],
    postgres: [`set lock_timeout = ${Math.max(1, wait)}`],
    mysql: [`set innodb_lock_wait_timeout = ${Math.max(1, Math.ceil(wait / 1000))}`],
  }
  const few = { ...pool, min: 0, max: pool.outside }
  return connect(target, { ...limits, pool: few }, session[target.dialect])
}

function knexOf(
  { dialect, driver, address }: Target,
  limits: Limits,
  session: readonly string[],
): Knex {
  const open = opener(driver, limits, session)
  const { min, max } = limits.pool
  try {
    return knex({
      client: driver,
      connection: connectionOptions(driver, address, limits),
      acquireConnectionTimeout: limits.acquireTimeout,
      pool: {
        // SQLite's one connection is kept, or a database in memory would be lost.
        ...(dialect === 'sqlite' ? { min: 1, max: 1 } : { min, max }),
        afterCreate: (connection: Connection, done: (error?: unknown) => void) => {
          open(connection).then(() => done(), done)
        },
      },
      useNullAsDefault: true,
      // Values stay out of error messages, and so out of logs.
      compileSqlOnError: false,
      log: { error() {}, warn() {}, debug() {}, deprecate() {} },
    })
  } catch (error) {
    throw new DatabaseError(
      `the driver ${driver} must be installed to use ${dialect}: npm install ${driver}`,
      { cause: error },
    )
  }
}

function connectionOptions(
  driver: Driver,
  address: string,
  { acquireTimeout }: Limits,
): NonNullable<Knex.Config['connection']> {
  // Before the query gives up, so that it is told why there is no connection.
  const timeout = Math.ceil(Math.min(connectTimeout, acquireTimeout * 0.9))
  if (driver === 'pg') return { connectionString: address, connectionTimeoutMillis: timeout }
  if (driver === 'mysql2') {
    // FOUND_ROWS: an update counts the rows that it found, as the other databases do.
    return { uri: address, connectTimeout: timeout, timezone: 'Z', flags: 'FOUND_ROWS' }
  }
  return { filename: address }
}

interface ServerConnection {
  query(sql: string, done: (error: Error | null) => void): void
  /** mysql2's. */
  readonly stream: Duplex
  /** pg's. */
  readonly connection: { readonly stream: Duplex }
}

/** Knex says nothing of what a driver's connections are. */
type Connection = Sqlite3Connection & BetterSqlite3Connection & ServerConnection

/** How a connection is ended, whatever it is doing. */
function cutter(driver: Driver): (connection: Connection) => void {
  const reason = new Error('cut off by close()')
  const cuts = {
    pg: ({ connection }: Connection) => void connection.stream.destroy(reason),
    mysql2: ({ stream }: Connection) => void stream.destroy(reason),
    sqlite3(connection: Connection) {
      connection.interrupt()
      connection.close(() => {})
    },
    'better-sqlite3': (connection: Connection) => connection.close(() => {}),
  }
  return cuts[driver]
}

/** What is done to a new connection before it is used. */
function opener(
  driver: Driver,
  { busyTimeout }: Limits,
  further: readonly string[],
): (connection: Connection) => Promise<void> {
  // The order matters: a switch to WAL waits for other processes only with a busy_timeout.
  if (driver === 'sqlite3') {
    const pragmas = [`busy_timeout = ${busyTimeout}`, ...sqlitePragmas]
    return (connection) => openSqlite3(connection, pragmas)
  }
  if (driver === 'better-sqlite3') {
    return (connection) => openBetterSqlite3(connection, sqlitePragmas, busyTimeout)
  }
  return async (connection) => {
    for (const sql of [...sessions[driver], ...further]) {
      // oxlint-disable-next-line no-await-in-loop -- one connection
      await new Promise<void>((resolve, reject) => {
        connection.query(sql, (error) => (error ? reject(error) : resolve()))
      })
    }
  }
}
