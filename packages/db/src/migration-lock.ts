// One migration at a time on a database, whoever runs it. The lock is one that the database itself lets go when the
// process that holds it dies: SQLite's own write lock, an advisory lock of PostgreSQL's transaction, a named lock of a
// MySQL connection. What Knex's table of locks says meanwhile was left by a process that was killed.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './database.js'
import { MigrationError } from './errors.js'
import { migrationTransaction } from './migration-transaction.js'
import type { Operation } from './operation.js'
import { rawRows } from './raw-rows.js'
import { sessionOf } from './session.js'

/** How a migration waits for another process that migrates the database. */
export interface LockOptions {
  /** The most milliseconds that it waits; 60,000 unless given. */
  readonly lockTimeout?: number
  /** Is called once when it begins to wait. */
  readonly onWait?: () => void
}

/** Milliseconds between two tries. */
const PAUSE = 200

/**
 * Runs `fn`, which performs these operations, while no other process migrates the database; on SQLite and
 * PostgreSQL in a transaction.
 *
 * @throws MigrationError when the lock can't be had in time
 */
export async function whileLocked<Result>(
  db: Database,
  operations: readonly Operation[],
  options: LockOptions,
  fn: () => Promise<Result>,
): Promise<Result> {
  const wait = patience(options)
  switch (db.dialect) {
    case 'sqlite':
      return inSqlite(db, operations, wait, fn)
    case 'postgres':
      return migrationTransaction(db, operations, async () => {
        await until(wait, () => isTrue(db, postgresLock))
        return fn()
      })
    default:
      return inMysql(db, wait, () => migrationTransaction(db, operations, fn))
  }
}

// Each schema has its own tables, and so its own migrations.
const postgresLock =
  "select pg_try_advisory_xact_lock(hashtext('robaccia.migrate.' || current_schema())) as locked"
// Named locks are the whole server's.
const mysqlName = "concat('robaccia.', md5(concat('migrate.', database())))"

async function inSqlite<Result>(
  db: Database,
  operations: readonly Operation[],
  wait: Wait,
  fn: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    let begun = false
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      return await migrationTransaction(db, operations, async () => {
        // A transaction begins, and SQLite locks, with the first query.
        await db[sessionOf].run((knex) => knex.raw('select 1'))
        begun = true
        return fn()
      })
    } catch (error) {
      if (begun || !isBusy(error)) throw error
      // oxlint-disable-next-line no-await-in-loop
      await wait(error)
    }
  }
}

/** Whether SQLite's own patience (`busy_timeout`) has ended. */
function isBusy(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_BUSY'
}

// A transaction of its own keeps the connection; what changes tables would end it, and runs on others.
async function inMysql<Result>(
  db: Database,
  wait: Wait,
  fn: () => Promise<Result>,
): Promise<Result> {
  const holder = await db[sessionOf].run((knex) => knex.transaction())
  const ask = async (sql: string): Promise<boolean> => {
    const [answer] = await rawRows<{ readonly locked: unknown }>('mysql', holder, sql)
    return Number(answer?.locked) === 1
  }
  try {
    await until(wait, () => ask(`select get_lock(${mysqlName}, 0) as locked`))
    return await fn()
  } finally {
    await ask(`select release_lock(${mysqlName}) as locked`).finally(() => holder.rollback())
  }
}

async function isTrue(db: Database, sql: string): Promise<boolean> {
  const [answer] = await db[sessionOf].run((knex) =>
    rawRows<{ readonly locked: unknown }>(db.dialect, knex, sql),
  )
  return answer?.locked === true
}

type Wait = (cause?: unknown) => Promise<void>

async function until(wait: Wait, isDone: () => Promise<boolean>): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- one try after the other
  while (!(await isDone())) await wait()
}

function patience({ lockTimeout = 60_000, onWait }: LockOptions): Wait {
  const end = performance.now() + lockTimeout
  let told = false
  return async (cause) => {
    if (performance.now() >= end) {
      throw new MigrationError(
        `the database must be free of other migrations within ${lockTimeout / 1000} s, got one that still runs`,
        { cause },
      )
    }
    if (!told) onWait?.()
    told = true
    await sleep(PAUSE)
  }
}
