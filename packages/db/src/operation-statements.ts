// The SQL of a migration's operations. Each database has its own file: how much one statement may change at
// once, and what has to be named anew with a table or a column, differs too much for a common form.
import { apply } from './apply.js'
import type { Operation } from './operation.js'
import { mysqlStatements } from './operation-mysql.js'
import { postgresStatements } from './operation-postgres.js'
import { sqliteStatements } from './operation-sqlite.js'
import type { SchemaState } from './state.js'
import type { Dialect } from './storage.js'

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
