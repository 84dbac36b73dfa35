// Runs a migration over Knex's migrator: its table of what is applied and its lock. Each is in a transaction of its own with
// its entry in that table, so that on SQLite and PostgreSQL both are there or neither; on MySQL a journal says how far a
// migration has come.
import type { Knex } from 'knex'
import { readCatalogue } from './catalogue.js'
import type { Database } from './database.js'
import { MigrationError } from './errors.js'
import { type AppliedMigration, historyTable, readHistory } from './migration-history.js'
import { isDoneAlready, Journal, journalTable } from './migration-journal.js'
import { type LockOptions, whileLocked } from './migration-lock.js'
import { type Direction, type Run, runOf } from './migration-run.js'
import type { Migration } from './operation.js'
import { perform } from './perform.js'
import { sessionOf } from './session.js'

export class Runner {
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
