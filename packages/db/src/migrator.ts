// Applies migrations and undoes them, over Knex's migrator: its table of what is applied and its lock. One by one,
// each in a transaction of its own with its entry in that table, so that on SQLite and PostgreSQL both are there or
// neither; on MySQL a journal says how far a migration has come.
import type { Knex } from 'knex'
import { readCatalogue } from './catalogue.js'
import type { Database } from './database.js'
import { MigrationError } from './errors.js'
import { inOrderOfParents, stateAfter } from './migration-chain.js'
import { type AppliedMigration, historyTable, pendingOf, readHistory } from './migration-history.js'
import {
  type Direction,
  isDoneAlready,
  Journal,
  journalTable,
  type Run,
} from './migration-journal.js'
import { type LockOptions, whileLocked } from './migration-lock.js'
import { inverse, type Migration } from './operation.js'
import { perform } from './perform.js'
import { sessionOf } from './session.js'

export interface MigrateOptions extends LockOptions {
  /** The last migration to apply; all unless given. A name, or its number: `0002`. */
  readonly to?: string
  /** Only notes them as applied, for a database that is already as they would make it. */
  readonly fake?: boolean
  /** Is told of each one that is done. */
  readonly onApplied?: (name: string) => void
}

export interface RollbackOptions extends LockOptions {
  /** The migration to go back to, which stays; null: none stays. Unless given, the last run's are undone. */
  readonly to?: string | null
  /** Is told of each one that is undone. */
  readonly onUndone?: (name: string) => void
}

export interface MigrationStatus {
  readonly applied: readonly AppliedMigration[]
  /** In the order in which `migrate` applies them. */
  readonly pending: readonly Migration[]
}

/**
 * What the database has of the migrations. It changes nothing.
 *
 * @throws MigrationError if it has one that is not among them, or has one without those before it
 */
export async function migrationStatus(
  db: Database,
  migrations: readonly Migration[],
): Promise<MigrationStatus> {
  const applied = await db[sessionOf].run(readHistory)
  return { applied, pending: pendingOf(inOrderOfParents(migrations), applied) }
}

/**
 * Applies the migrations that the database lacks, in their order. If another process does so, it waits.
 *
 * @returns the names of those that it applied
 * @throws MigrationError for a name that `to` can't mean, and if one can't be applied: what it would have done is undone, on MySQL it says how far it
 *   came, and the next call goes on there
 */
export async function migrate(
  db: Database,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const chain = inOrderOfParents(migrations)
  const last = options.to === undefined ? chain.length - 1 : indexOf(chain, options.to)
  const runner = new Runner(db, chain, options)
  const done: string[] = []
  for (;;) {
    // oxlint-disable no-await-in-loop -- one after the other
    const { applied, pending } = await migrationStatus(db, chain)
    const next = pending[0]
    if (!next || chain.indexOf(next) > last) return done
    if (await runner.run(next, 'up', applied)) {
      done.push(next.name)
      options.onApplied?.(next.name)
    }
    // oxlint-enable no-await-in-loop
  }
}

/**
 * The migrations that `rollback` would undo, the last one first.
 *
 * @throws MigrationError for a name that `to` can't mean
 */
export async function undoneBy(
  db: Database,
  migrations: readonly Migration[],
  to?: string | null,
): Promise<readonly Migration[]> {
  const chain = inOrderOfParents(migrations)
  const { applied } = await migrationStatus(db, chain)
  const last = applied.at(-1)
  const stays =
    to === undefined
      ? applied.findLastIndex(({ batch }) => batch !== last?.batch)
      : to === null
        ? -1
        : indexOf(chain, to)
  if (stays >= applied.length) {
    throw new MigrationError(
      `the migration to go back to must be applied, got ${chain[stays]?.name}`,
    )
  }
  return chain.slice(stays + 1, applied.length).toReversed()
}

/**
 * Undoes migrations, the last one first. What they dropped comes back without its rows.
 *
 * @returns the names of those that it undid
 * @throws MigrationError as `migrate` does
 */
export async function rollback(
  db: Database,
  migrations: readonly Migration[],
  options: RollbackOptions = {},
): Promise<readonly string[]> {
  const chain = inOrderOfParents(migrations)
  const runner = new Runner(db, chain, options)
  const undone: string[] = []
  for (const migration of await undoneBy(db, chain, options.to)) {
    // oxlint-disable no-await-in-loop -- one after the other
    const { applied } = await migrationStatus(db, chain)
    // Another process has undone it meanwhile.
    if (applied.at(-1)?.name !== migration.name) continue
    if (await runner.run(migration, 'down', applied)) {
      undone.push(migration.name)
      options.onUndone?.(migration.name)
    }
    // oxlint-enable no-await-in-loop
  }
  return undone
}

/**
 * What a migration does one way or the other: the state before it, and its operations.
 *
 * @throws MigrationError for a name that none of them has
 */
export function runOf(
  migrations: readonly Migration[],
  name: string,
  direction: Direction = 'up',
): Run {
  const chain = inOrderOfParents(migrations)
  const at = indexOf(chain, name)
  const found = chain[at]?.operations ?? []
  return {
    name: chain[at]?.name ?? name,
    direction,
    before: stateAfter(chain.slice(0, direction === 'up' ? at : at + 1)),
    operations: direction === 'up' ? found : found.toReversed().map(inverse),
  }
}

function indexOf(chain: readonly Migration[], name: string): number {
  const exact = chain.findIndex((migration) => migration.name === name)
  if (exact !== -1) return exact
  const found = /^\d+$/.test(name)
    ? chain.filter((migration) => numberOf(migration.name) === Number(name))
    : []
  if (found.length === 1 && found[0]) return chain.indexOf(found[0])
  const names = (found.length > 1 ? found : chain).map((migration) => migration.name)
  throw new MigrationError(
    `the name of a migration must be one of ${names.join(', ') || 'none at all'}, got '${name}'`,
  )
}

function numberOf(name: string): number {
  return Number(/^\d+/.exec(name)?.[0])
}

/** A database that was made without migrations already has the tables of the first one. */
async function refuseTables(db: Database, first: Migration): Promise<void> {
  const tables = await db[sessionOf].run((knex) => readCatalogue(db.dialect, knex))
  const made = first.operations.flatMap((operation) =>
    operation.type === 'createTable' && tables.has(operation.table.name)
      ? [operation.table.name]
      : [],
  )
  if (made.length === 0 || tables.has(journalTable)) return
  throw new MigrationError(
    `the database must not have what ${first.name} makes, got table ${made.join(', ')}: if it was made without migrations and is as ${first.name} would make it, note that by migrate --to ${first.name} --fake`,
  )
}

/** Whether it is unknown if the statement was done. */
function isConnectionProblem(error: unknown): boolean {
  const cause = error instanceof MigrationError ? error.cause : error
  if (!(cause instanceof Error)) return false
  if (cause.name === 'DatabaseError') return true
  return 'code' in cause && /^(?:PROTOCOL_|E(?:CONN|PIPE|TIMEDOUT))/.test(String(cause.code))
}

class Runner {
  readonly #db: Database
  readonly #migrations: readonly Migration[]
  readonly #options: LockOptions & { readonly fake?: boolean }
  /** The batch of this run, and the last migration of it. */
  #batch: { readonly number: number; readonly last: string } | undefined

  constructor(
    db: Database,
    migrations: readonly Migration[],
    options: LockOptions & { readonly fake?: boolean },
  ) {
    this.#db = db
    this.#migrations = migrations
    this.#options = options
  }

  /**
   * Applies or undoes a migration.
   *
   * @param applied what the database had when that was decided
   * @returns false if the database has changed since
   */
  async run(
    migration: Migration,
    direction: Direction,
    applied: readonly AppliedMigration[],
  ): Promise<boolean> {
    const run = runOf(this.#migrations, migration.name, direction)
    const operations = this.#options.fake === true ? [] : run.operations
    const work = { ...run, operations }
    return whileLocked(this.#db, operations, this.#options, async () => {
      const now = await this.#db[sessionOf].run(readHistory)
      if (now.at(-1)?.name !== applied.at(-1)?.name) return false
      // Only here: before, another process may have made them by this migration.
      if (now.length === 0 && this.#options.fake !== true) await refuseTables(this.#db, migration)
      await (this.#db.dialect === 'mysql' ? this.#inSteps(work) : this.#byKnex(work))
      return true
    })
  }

  async #inSteps(run: Run): Promise<void> {
    const journal = new Journal(this.#db, run)
    if (this.#options.fake === true) {
      await this.#byKnex(run)
      await journal.close()
      return
    }
    const resumed = await journal.open()
    try {
      await this.#byKnex(run, journal, resumed)
    } catch (error) {
      if (journal.done > 0 || isConnectionProblem(error)) throw journal.stopped(error)
      await journal.close()
      throw error
    }
    await journal.close()
  }

  async #byKnex(run: Run, journal?: Journal, resumed = false): Promise<void> {
    const { name, direction } = run
    const { knex } = this.#db
    const step = async () => this.#perform(run, journal, resumed)
    const migrationSource: Knex.MigrationSource<Migration> = {
      getMigrations: async () => [...this.#migrations],
      getMigrationName: (migration) => migration.name,
      getMigration: async () => ({ up: step, down: step }),
    }
    const config: Knex.MigratorConfig = {
      name,
      migrationSource,
      // It is in one already, or there is none that helps.
      disableTransactions: true,
      disableMigrationsListValidation: true,
    }
    // Whoever is here holds our lock: what Knex's own still says comes from a process that was killed.
    await knex.migrate.forceFreeMigrationsLock(config)
    if (direction === 'down') await knex.migrate.down(config)
    else {
      await knex.migrate.up(config)
      await this.#noteBatch(name)
    }
  }

  async #perform(run: Run, journal: Journal | undefined, resumed: boolean): Promise<void> {
    const { before, operations } = run
    if (!journal) {
      await perform(this.#db, before, operations)
      return
    }
    const done = journal.done
    const ran = (count: number): Promise<void> => journal.note(count)
    try {
      await perform(this.#db, before, operations, { done, ran })
    } catch (error) {
      if (!resumed || journal.done > done || !isDoneAlready(error)) throw error
      await journal.note(done + 1)
      await perform(this.#db, before, operations, { done: done + 1, ran })
    }
  }

  /** Knex counts each call as a batch; here those of one run are one, unless another process came between. */
  async #noteBatch(name: string): Promise<void> {
    await this.#db[sessionOf].run(async (knex) => {
      const history = await readHistory(knex)
      const goesOn = this.#batch !== undefined && history.at(-2)?.name === this.#batch.last
      const batch = (goesOn ? this.#batch?.number : history.at(-1)?.batch) ?? 1
      await knex(historyTable).update({ batch }).where({ name })
      this.#batch = { number: batch, last: name }
    })
  }
}
