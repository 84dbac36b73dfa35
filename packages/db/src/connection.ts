// The Knex instance of a database: its driver, its pool, and what each new connection is told.
import knex, { type Knex } from 'knex'
import { DatabaseError } from './errors.js'
import type { Dialect } from './storage.js'
import type { Target } from './url.js'

const drivers: Readonly<Record<Dialect, string>> = {
  sqlite: 'sqlite3',
  postgres: 'pg',
  mysql: 'mysql2',
}

// The order matters: a switch to WAL waits for other processes only with a busy_timeout.
const onConnect: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: ['pragma busy_timeout = 5000', 'pragma journal_mode = wal', 'pragma foreign_keys = on'],
  postgres: ["set time zone 'UTC'", 'set datestyle to iso'],
  mysql: [
    "set time_zone = '+00:00'",
    'set names utf8mb4 collate utf8mb4_bin',
    // A counted column may hold 0, as on the other databases.
    "set sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  ],
}

/** Milliseconds until a server that does not answer is given up. */
const connectTimeout = 10_000

// What runs outside() a transaction could wait for a row that this transaction itself holds.
const onConnectOutside: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [],
  postgres: ["set lock_timeout = '5s'"],
  mysql: ['set innodb_lock_wait_timeout = 5'],
}

/** The connections of `outside`, at most 5, for which those of transactions never wait. */
export function connectOutside(target: Target): Knex {
  return connect(target, 5, onConnectOutside[target.dialect])
}

/** @throws DatabaseError if the driver is not installed */
export function connect(
  { dialect, address }: Target,
  most = 10,
  statements: readonly string[] = [],
): Knex {
  const driver = drivers[dialect]
  try {
    return knex({
      client: driver,
      connection: connectionOptions(dialect, address),
      pool: {
        // SQLite's one connection is kept, or a database in memory would be lost.
        min: dialect === 'sqlite' ? 1 : 0,
        max: dialect === 'sqlite' ? 1 : most,
        afterCreate: prepare(dialect, [...onConnect[dialect], ...statements]),
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
  dialect: Dialect,
  address: string,
): NonNullable<Knex.Config['connection']> {
  if (dialect === 'sqlite') return { filename: address }
  if (dialect === 'postgres') {
    return { connectionString: address, connectionTimeoutMillis: connectTimeout }
  }
  // FOUND_ROWS: an update counts the rows that it found, as the other databases do.
  return { uri: address, connectTimeout, timezone: 'Z', flags: 'FOUND_ROWS' }
}

type Run = (sql: string, done: (error: Error | null) => void) => void

function prepare(dialect: Dialect, statements: readonly string[]) {
  return (
    connection: { run: Run; query: Run },
    done: (error: Error | null, connection: unknown) => void,
  ): void => {
    const run: Run = (sql, next) =>
      dialect === 'sqlite' ? connection.run(sql, next) : connection.query(sql, next)
    const step = ([first, ...rest]: readonly string[]): void => {
      if (first === undefined) done(null, connection)
      else run(first, (error) => (error ? done(error, connection) : step(rest)))
    }
    step(statements)
  }
}
