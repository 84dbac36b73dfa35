// The rows of one table on their way into it, many in one statement.
import type { Knex } from 'knex'
import type { ColumnDefinition } from './column.js'
import { list, quoted } from './ddl.js'
import type { TableDefinition } from './definition.js'
import { decoded, LoadError } from './dump-format.js'
import { DatabaseError, shown, UniqueViolation } from './errors.js'
import type { Session } from './session.js'
import { mostValues, type Stored, stored } from './storage.js'
import { defaultValue, plain, type Plain } from './value.js'

const mostRows = 1000
/** MySQL takes a statement of 16 MiB, and one row may have some MiB by itself; in UTF-16 code units. */
const largestBatch = 2 ** 20

interface NumberedRow {
  readonly line: number
  readonly values: readonly (Stored | null)[]
}

export class RowWriter {
  readonly table: TableDefinition
  readonly #session: Session
  readonly #given: readonly ColumnDefinition[]
  /** Those that the dump lacks and that have a default. */
  readonly #filled: readonly ColumnDefinition[]
  readonly #most: number
  readonly #statements = new Map<number, string>()
  #rows: NumberedRow[] = []
  #size = 0
  #written = 0

  /**
   * @param names the columns that the dump has, in the order of its values
   * @throws LoadError unless they are the table's, and those that it lacks may be left out
   */
  constructor(session: Session, table: TableDefinition, names: readonly string[]) {
    this.table = table
    this.#session = session
    this.#given = names.map((name) => given(table, name))
    this.#filled = table.columns.filter(
      ({ name, kind }) => !names.includes(name) && kind !== 'increments',
    )
    const needed = this.#filled.find((column) => defaultValue(column) === undefined)
    if (needed) {
      throw new LoadError(`the dump must have ${table.name}.${needed.name}, which has no default`)
    }
    this.#most = Math.min(mostRows, Math.floor(mostValues / table.columns.length))
  }

  /** How many rows went into the table. */
  get written(): number {
    return this.#written
  }

  get isFull(): boolean {
    return this.#rows.length >= this.#most || this.#size >= largestBatch
  }

  async isEmpty(): Promise<boolean> {
    const rows = await this.#session.run<readonly unknown[]>((knex) =>
      knex(this.table.name).select(knex.raw('1 as one')).limit(1),
    )
    return rows.length === 0
  }

  /**
   * Keeps a row until the next `flush`.
   *
   * @param size about how much it is, in UTF-16 code units
   * @throws LoadError for a row that the table can't have
   */
  add(line: number, row: readonly unknown[], size: number): void {
    if (row.length !== this.#given.length) {
      const wanted = `a row of ${this.table.name} must have ${this.#given.length} values`
      throw refused(line, `${wanted}, got ${row.length}`)
    }
    try {
      const values = this.#given.map((column, index) =>
        this.#form(column, decoded(column, row[index])),
      )
      for (const column of this.#filled) {
        values.push(this.#form(column, plain(column, defaultValue(column))))
      }
      this.#rows.push({ line, values })
      this.#size += size
    } catch (cause) {
      throw refused(line, withoutValue(cause), cause)
    }
  }

  #form(column: ColumnDefinition, value: Plain | null): Stored | null {
    return value === null ? null : stored(this.#session.dialect, column, value)
  }

  /** Inserts what was added. @throws LoadError that names the first row that the database refuses */
  async flush(): Promise<void> {
    const rows = this.#rows
    this.#rows = []
    this.#size = 0
    if (rows.length === 0) return
    try {
      // A savepoint: PostgreSQL gives up a transaction after any error, and the bad row is still to be found.
      await this.#session.transaction(() => this.#insert(rows))
    } catch (error) {
      throw await this.#blamed(rows, error)
    }
    this.#written += rows.length
  }

  #insert(rows: readonly NumberedRow[]): Promise<void> {
    const sql = this.#statements.get(rows.length) ?? this.#statement(rows.length)
    return this.#session.run(async (knex: Knex) => {
      await knex.raw(sql, rows.flatMap(({ values }) => values) as Knex.RawBinding[])
    })
  }

  #statement(rows: number): string {
    const { dialect } = this.#session
    const names = [...this.#given, ...this.#filled].map(({ name }) => name)
    const row = `(${names.map(() => '?').join(', ')})`
    const into = `${quoted(dialect, this.table.name)} (${list(dialect, names)})`
    const sql = `insert into ${into} values ${Array.from({ length: rows }, () => row).join(', ')}`
    // Nearly all have the same number of rows: as many as there may be.
    if (rows === this.#most) this.#statements.set(rows, sql)
    return sql
  }

  async #blamed(rows: readonly NumberedRow[], error: unknown): Promise<unknown> {
    for (const row of rows) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- the first that fails
        await this.#session.transaction(() => this.#insert([row]))
      } catch (cause) {
        const rule = ruleBroken(this.table, cause)
        return rule === undefined ? cause : refused(row.line, rule, cause)
      }
    }
    return error
  }

  /** Lets the counter of an `increments` column go on behind the rows; the other databases do it by themselves. */
  async countOn(): Promise<void> {
    const counter = this.table.columns.find(({ kind }) => kind === 'increments')
    if (!counter || this.#session.dialect !== 'postgres') return
    await this.#session.run((knex) =>
      knex.raw(
        `select setval(sequence, greatest(last, pg_sequence_last_value(sequence))) from
          (select max(??) as last from ??) as rows,
          (select pg_get_serial_sequence(?, ?)::regclass as sequence) as counter`,
        [counter.name, this.table.name, `"${this.table.name}"`, counter.name],
      ),
    )
  }
}

function given(table: TableDefinition, name: string): ColumnDefinition {
  const column = table.columns.find((each) => each.name === name)
  if (column) return column
  const known = table.columns.map((each) => each.name).join(', ')
  throw new LoadError(
    `the dump's columns of ${table.name} must be among ${known}, got ${shown(name)}`,
  )
}

function refused(line: number, rule: string, cause?: unknown): LoadError {
  return new LoadError(`line ${line} of the dump: ${rule}`, { cause })
}

/** The rule in the error of a value: its message ends with what was got instead. */
function withoutValue(error: unknown): string {
  const [rule = ''] = error instanceof Error ? error.message.split(', got ') : []
  return rule
}

/** What the database has against a row; undefined for an error that is about the connection. */
function ruleBroken({ name }: TableDefinition, error: unknown): string | undefined {
  if (error instanceof UniqueViolation) return error.message
  if (error instanceof DatabaseError) return undefined
  return error instanceof Error && /foreign key/i.test(error.message)
    ? `a row of ${name} must refer to rows that the dump or the database has`
    : `a row of ${name} must be one that the database takes`
}
