// Adding to a column in the database, and what it says when the column could not hold the sum.
import type { Knex } from 'knex'
import type { ColumnDefinition } from './column.js'
import type { Binding, Dialect } from './storage.js'
import { type Plain, rangeRule } from './value.js'

export type Sign = '+' | '-'

/** What `increment` and `decrement` change by unless they are told. */
export function unit({ kind }: ColumnDefinition): Plain {
  if (kind === 'bigInteger') return 1n
  return kind === 'decimal' ? '1' : 1
}

/** The column's value with a number added or taken away. */
export function sum(
  dialect: Dialect,
  knex: Knex,
  { name, kind }: ColumnDefinition,
  sign: Sign,
  by: Binding,
): Knex.Raw {
  if (dialect !== 'sqlite' || kind !== 'float') return knex.raw(`?? ${sign} ?`, [name, by])
  // SQLite would store an infinite number; the least of its integers has no abs(), which is an error.
  return knex.raw(
    `case when abs(?? ${sign} ?) <= ${Number.MAX_VALUE} then ?? ${sign} ? when ?? is not null then abs(-9223372036854775807 - 1) end`,
    [name, by, name, by, name],
  )
}

interface DriverError extends Error {
  readonly code?: string
  readonly sqlMessage?: string
}

/** A RangeError that names the columns, for a sum that one of them could not hold; all else as it is. */
export function sumError(columns: readonly ColumnDefinition[], error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const possible = columnsOver(columns, error)
  if (possible.length === 0) return error
  const rules = possible.map((column) => `${column.table}.${column.name} must ${rangeRule(column)}`)
  return new RangeError(`${rules.join(', and ')}, got a sum that it could not hold`, {
    cause: error,
  })
}

/** The columns that a driver's error may be about. */
function columnsOver(
  columns: readonly ColumnDefinition[],
  { code, message, sqlMessage = '' }: DriverError,
): readonly ColumnDefinition[] {
  const namedIn = (text: string) =>
    columns.filter(({ name }) => new RegExp(`(?:^|["'\`])${name}(?:["'\`]|$)`).test(text))
  // PostgreSQL does not say which.
  if (code === '22003') return columns
  if (code === 'ER_DATA_OUT_OF_RANGE' || code === 'ER_WARN_DATA_OUT_OF_RANGE') {
    return namedIn(sqlMessage)
  }
  if (message.endsWith('integer overflow')) return columns.filter(({ kind }) => kind === 'float')
  return namedIn(/CHECK constraint failed: (.*)$/.exec(message)?.[1] ?? '')
}
