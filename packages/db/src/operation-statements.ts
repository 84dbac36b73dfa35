// The SQL of a migration's operations. What changes a table has a file for each database: how much one statement may
// change at once, and what has to be named anew with a table or a column, differs too much for a common form.
import { apply } from './apply.js'
import { quoted, tableStatements } from './ddl.js'
import type { Operation } from './operation.js'
import { mysqlStatements } from './operation-mysql.js'
import { postgresStatements } from './operation-postgres.js'
import { sqliteStatements } from './operation-sqlite.js'
import type { SchemaState } from './state.js'
import type { Dialect } from './storage.js'
import { changeOf } from './table-change.js'

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
  switch (operation.type) {
    case 'createTable':
      return tableStatements(dialect, operation.table)
    case 'dropTable':
      return [`drop table ${quoted(dialect, operation.table.name)}`]
    case 'runs':
      return []
    default:
      return ofChange[dialect](changeOf(before, after, operation), kept)
  }
}

const ofChange = { sqlite: sqliteStatements, postgres: postgresStatements, mysql: mysqlStatements }
