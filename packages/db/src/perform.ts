// Runs a migration's operations on the database.
import type { Knex } from 'knex'
import type { Database } from './database.js'
import { apply } from './apply.js'
import { runStatement } from './ddl.js'
import { DatabaseError, MigrationError } from './errors.js'
import { type DataStep, describe, type Operation } from './operation.js'
import { rowChecks, rowsInTheWay } from './row-checks.js'
import { type Session, sessionOf } from './session.js'
import { keptParts } from './sqlite-parts.js'
import type { SchemaState } from './state.js'
import { statements } from './operation-statements.js'

/** How far a migration has come, for a database that commits after each statement. */
export interface Progress {
  /** The steps that an earlier run has done: each statement and each data step is one. */
  readonly done?: number
  /** Is told, after each step, how many are done. For a data step it is called in the step's transaction. */
  ran?(done: number): Promise<void>
}

/**
 * Runs operations one after the other, in the transaction that it is called in: see `migrationTransaction`. Rows
 * that an operation could not keep as they are, and a table that is not as the migrations say, are found before
 * that operation changes anything.
 *
 * @param before the state that the database is in
 * @returns the state that it is in then
 * @throws MigrationError for rows that are in the way, naming the operation and their number, and for what the
 *   database refuses
 * @throws TypeError for an operation that the state does not fit
 */
export async function perform(
  db: Database,
  before: SchemaState,
  operations: readonly Operation[],
  progress: Progress = {},
): Promise<SchemaState> {
  const run = new Run(db, progress)
  let state = before
  for (const operation of operations) {
    // oxlint-disable-next-line no-await-in-loop -- each operation needs the one before it
    await run.operation(state, operation)
    state = apply(state, [operation])
  }
  return state
}

class Run {
  readonly #db: Database
  readonly #session: Session
  readonly #progress: Progress
  #step = 0

  constructor(db: Database, progress: Progress) {
    this.#db = db
    this.#session = db[sessionOf]
    this.#progress = progress
  }

  async operation(state: SchemaState, operation: Operation): Promise<void> {
    if (operation.type === 'runs') {
      await this.#next(() => this.#data(operation.up))
      return
    }
    const { dialect } = this.#session
    const kept =
      dialect === 'sqlite'
        ? await this.#session.run((knex) => keptParts(knex, state, operation))
        : []
    if (this.#step >= this.#done) await this.#checkRows(operation)
    for (const statement of statements(dialect, state, operation, kept)) {
      // oxlint-disable-next-line no-await-in-loop -- each statement needs the one before it
      await this.#next(async (done) => {
        await this.#ask(operation, (knex) => runStatement(dialect, knex, statement))
        await this.#progress.ran?.(done)
      })
    }
  }

  get #done(): number {
    return this.#progress.done ?? 0
  }

  async #next(step: (done: number) => Promise<void>): Promise<void> {
    this.#step += 1
    if (this.#step > this.#done) await step(this.#step)
  }

  #data(step: DataStep): Promise<void> {
    return this.#db.transaction(async () => {
      await step(this.#db)
      await this.#progress.ran?.(this.#step)
    })
  }

  async #checkRows(operation: Operation): Promise<void> {
    const { dialect } = this.#session
    for (const check of rowChecks(dialect, operation)) {
      // oxlint-disable-next-line no-await-in-loop -- one connection, in a transaction
      const rows = await this.#ask(operation, (knex) => rowsInTheWay(dialect, knex, check))
      if (rows !== undefined) throw new MigrationError(check.problem(rows))
    }
  }

  /** Somebody has changed the database by hand, or it lacks the right or the room: the operation says where. */
  async #ask<Answer>(operation: Operation, fn: (knex: Knex) => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#session.run(fn)
    } catch (cause) {
      if (!(cause instanceof Error) || cause instanceof DatabaseError) throw cause
      throw new MigrationError(
        `${describe(operation)}: the database must take it, got ${cause.message}: check --database tells where it is not as the migrations say`,
        { cause },
      )
    }
  }
}
