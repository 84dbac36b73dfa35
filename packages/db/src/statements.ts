// The SQL of a migration's operations. Each database has its own file: how much one statement may change at
// once, and what has to be named anew with a table or a column, differs too much for a common form.
import { apply, tableOf } from './apply.js'
import type { Operation } from './operation.js'
import { mysqlStatements } from './statements-mysql.js'
import { postgresStatements } from './statements-postgres.js'
import { sqliteStatements } from './statements-sqlite.js'
import type { SchemaState, TableState } from './state.js'
import type { Dialect } from './storage.js'

/** An operation on a table that is there before and after it. */
export interface Change {
  readonly operation: Operation
  readonly before: TableState
  readonly after: TableState
}

/**
 * The statements of one operation, in their order. None for a data step.
 *
 * @param before the state that the operation changes
 * @param kept for SQLite: the SQL of the table's triggers and of the indexes that no model knows, which
 *   go when the table is made anew
 * @throws TypeError, naming the operation, if the state does not fit it
 */
export function statements(
  dialect: Dialect,
  before: SchemaState,
  operation: Operation,
  kept: readonly string[] = [],
): readonly string[] {
  const after = apply(before, [operation])
  if (dialect === 'sqlite') return sqliteStatements(before, after, operation, kept)
  return dialect === 'postgres'
    ? postgresStatements(before, after, operation)
    : mysqlStatements(before, after, operation)
}

/** The table before and after an operation that keeps it; undefined for others. */
export function changeOf(
  before: SchemaState,
  after: SchemaState,
  operation: Operation,
): Change | undefined {
  if (operation.type === 'renameTable') {
    const { from, to } = operation
    return { operation, before: tableOf(before, from), after: tableOf(after, to) }
  }
  if (!('table' in operation) || typeof operation.table !== 'string') return undefined
  const name = operation.table
  return { operation, before: tableOf(before, name), after: tableOf(after, name) }
}
