// What goes wrong with a database, each in one line that says what to do. No message holds a password.

/** The database can't be used: the driver is missing, nobody answers, the password is wrong … */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError'
}

/** What is said of a query after `close()`, and of one that still waited for a connection then. */
export const closed = 'the database must be open, but close() was called'

/** What is said of a query that comes when its transaction is over. */
export const outlived =
  'a query must be awaited before its transaction ends: await it inside the function given to transaction()'

/** A row exists already with this primary key or unique column. */
export class UniqueViolation extends DatabaseError {
  override readonly name = 'UniqueViolation'
  readonly table: string
  /** The columns that must be unique together; empty if the database did not say which. */
  readonly columns: readonly string[]

  constructor(table: string, columns: readonly string[], options?: ErrorOptions) {
    super(
      `${columns.join(', ') || 'a key'} of ${table} must be unique, got a value that exists`,
      options,
    )
    this.table = table
    this.columns = columns
  }
}

/** A reference that would point to nothing. */
export class ForeignKeyViolation extends DatabaseError {
  override readonly name = 'ForeignKeyViolation'
  /** The table that refers. */
  readonly table: string
  /** Its columns that refer; empty if the database did not say which. */
  readonly columns: readonly string[]
  /** The table that they refer to; empty if the database did not say which. */
  readonly target: string
  /**
   * `'missing'`: a row was to refer to one that does not exist. `'referred'`: one that is referred to was
   * to be deleted, or to change its key.
   */
  readonly reason: 'missing' | 'referred'

  constructor(
    broken: Pick<ForeignKeyViolation, 'table' | 'columns' | 'target' | 'reason'>,
    options?: ErrorOptions,
  ) {
    const { table, columns, target, reason } = broken
    const reference = `${columns.join(', ') || 'a reference'} of ${table}`
    const row = target === '' ? 'a row' : `a row of ${target}`
    super(
      reason === 'missing'
        ? `${reference} must refer to ${row}, got one that does not exist`
        : `${row} must stay while others refer to it, got ${reference}`,
      options,
    )
    this.table = table
    this.columns = columns
    this.target = target
    this.reason = reason
  }
}

/** A migration can't be done as it is: rows are in its way, or the database is not as the migrations say. */
export class MigrationError extends DatabaseError {
  override readonly name = 'MigrationError'
}

/** `1 row`, `284 rows`, for an error message. */
export function rowsOf(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`
}

/** A value for an error message: short, on one line. */
export function shown(value: unknown): string {
  const all = typeof value === 'string' ? JSON.stringify(value) : print(value)
  return all.length > 60 ? `${all.slice(0, 59)}…` : all
}

function print(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
