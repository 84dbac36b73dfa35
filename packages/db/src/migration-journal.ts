// How far a migration has come on MySQL, which commits after each statement that changes a table: a row in a table
// that is there only meanwhile. Who comes after a process that was killed goes on behind what is done.
import { createHash } from 'node:crypto'
import type { Database } from './database.js'
import { apply } from './apply.js'
import { MigrationError } from './errors.js'
import type { Direction, Run } from './migration-run.js'
import { describe, type Operation } from './operation.js'
import { sessionOf } from './session.js'
import { statements } from './operation-statements.js'

export const journalTable = 'robaccia_migration_progress'

interface Entry {
  readonly name: string
  readonly direction: Direction
  /** How many of its steps are done. */
  readonly done: number
  /** Of those steps, so that a file that was changed meanwhile is found. */
  readonly digest: string
}

/** One thing that is done or not: a statement, or a data step. */
interface Step {
  readonly operation: Operation
  readonly sql: string
}

export class Journal {
  readonly #db: Database
  readonly #run: Run
  readonly #steps: readonly Step[]
  #done = 0

  constructor(db: Database, run: Run) {
    this.#db = db
    this.#run = run
    this.#steps = stepsOf(run)
  }

  get done(): number {
    return this.#done
  }

  /**
   * Begins, or goes on where an earlier run stopped.
   *
   * @returns whether an earlier run has begun it
   * @throws MigrationError if another migration is half done, or this one was changed since
   */
  async open(): Promise<boolean> {
    const { name, direction } = this.#run
    await this.#execute(
      `create table if not exists ${journalTable} (name varchar(255) not null, direction varchar(4) not null, done int not null, digest char(64) not null)`,
    )
    const found = await this.#read()
    if (!found) {
      await this.#db[sessionOf].run(async (knex) => {
        await knex(journalTable).insert({ name, direction, done: 0, digest: this.#digest(0) })
      })
      return false
    }
    if (found.name !== name || found.direction !== direction) {
      const command = found.direction === 'up' ? 'migrate' : 'rollback'
      throw new MigrationError(
        `${found.name} must be finished first, got one that stopped after ${steps(found.done)}: run ${command}, which goes on there`,
      )
    }
    if (found.digest !== this.#digest(found.done)) {
      throw new MigrationError(
        `${name} must stay as it is once it has begun, got one that differs in the ${steps(found.done)} that are done: get the file back, and run it again`,
      )
    }
    this.#done = found.done
    return true
  }

  /** Notes that so many steps are done, in the transaction that it is called in. */
  async note(done: number): Promise<void> {
    await this.#db[sessionOf].run(async (knex) => {
      await knex(journalTable).update({ done, digest: this.#digest(done) })
    })
    this.#done = done
  }

  async close(): Promise<void> {
    await this.#execute(`drop table if exists ${journalTable}`)
  }

  /** What is said when a step fails: which are done, and what to do. */
  stopped(error: unknown): MigrationError {
    const { name, direction } = this.#run
    const at = this.#steps[this.#done]
    const reason = error instanceof Error ? error.message : String(error)
    // A MigrationError names the operation itself.
    const where =
      at && !(error instanceof MigrationError)
        ? `${describe(at.operation)} (${at.sql}) failed: `
        : ''
    const command = direction === 'up' ? 'migrate' : 'rollback'
    return new MigrationError(
      `${name} stopped after ${this.#done} of its ${steps(this.#steps.length)}, which stay done, for MySQL commits each: ${where}${reason}. Mend what is in its way, then run ${command} again: it goes on there`,
      { cause: error },
    )
  }

  #digest(done: number): string {
    const text = JSON.stringify(this.#steps.slice(0, done).map(({ sql }) => sql))
    return createHash('sha256').update(text).digest('hex')
  }

  async #read(): Promise<Entry | undefined> {
    return this.#db[sessionOf].run(async (knex) => knex<Entry>(journalTable).first())
  }

  async #execute(sql: string): Promise<void> {
    await this.#db[sessionOf].run(async (knex) => void (await knex.raw(sql)))
  }
}

function stepsOf({ before, operations }: Run): readonly Step[] {
  let state = before
  return operations.flatMap((operation) => {
    const sql = operation.type === 'runs' ? ['runs()'] : statements('mysql', state, operation)
    state = apply(state, [operation])
    return sql.map((each) => ({ operation, sql: each }))
  })
}

function steps(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`
}

/**
 * Whether an error says that a statement had been done already: the process was killed between the statement and
 * its note.
 */
export function isDoneAlready(error: unknown): boolean {
  const cause = error instanceof MigrationError ? error.cause : error
  if (!(cause instanceof Error && 'code' in cause)) return false
  // MariaDB's word for a foreign key that is there.
  if (cause.code === 'ER_CANT_CREATE_TABLE') return cause.message.includes('errno: 121')
  return doneCodes.includes(String(cause.code))
}

const doneCodes = [
  'ER_TABLE_EXISTS_ERROR',
  'ER_DUP_FIELDNAME',
  'ER_DUP_KEYNAME',
  'ER_FK_DUP_NAME',
  'ER_MULTIPLE_PRI_KEY',
  'ER_CANT_DROP_FIELD_OR_KEY',
  'ER_BAD_FIELD_ERROR',
  'ER_BAD_TABLE_ERROR',
  'ER_NO_SUCH_TABLE',
]
