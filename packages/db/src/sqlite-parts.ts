// What a SQLite table has that a model does not know: triggers, and indexes of others. They go when the table is
// made anew, and come back by their own SQL.
import type { Knex } from 'knex'
import { tableOf } from './apply.js'
import { MigrationError } from './errors.js'
import { describe, type Operation } from './operation.js'
import { rawRows } from './raw-rows.js'
import { isRebuilt } from './operation-sqlite.js'
import type { SchemaState, TableState } from './state.js'

/**
 * The SQL of what has to come back after the operation.
 *
 * @throws MigrationError if the table has other columns than the state: the new one would lose them
 */
export async function keptParts(
  knex: Knex,
  state: SchemaState,
  operation: Operation,
): Promise<readonly string[]> {
  if (!isRebuilt(operation) || !('table' in operation) || typeof operation.table !== 'string') {
    return []
  }
  const table = tableOf(state, operation.table)
  await checkColumns(knex, table, operation)
  const parts = await rawRows<{
    readonly type: string
    readonly name: string
    readonly sql: string
  }>(
    'sqlite',
    knex,
    `select type, name, sql from sqlite_master
      where tbl_name = ? collate nocase and type in ('index', 'trigger') and sql is not null
      order by rowid`,
    [table.name],
  )
  const known = table.indexes.map(({ name }) => name.toLowerCase())
  return parts
    .filter(({ type, name }) => type === 'trigger' || !known.includes(name.toLowerCase()))
    .map(({ sql }) => sql)
}

async function checkColumns(knex: Knex, table: TableState, operation: Operation): Promise<void> {
  const found = await rawRows<{ readonly name: string }>(
    'sqlite',
    knex,
    'select name from pragma_table_xinfo(?)',
    [table.name],
  )
  const [there, wanted] = [names(found), names(table.columns)]
  if (there.toSorted().join() === wanted.toSorted().join()) return
  throw new MigrationError(
    `${describe(operation)}: table ${table.name} must have the columns that the migrations before say (${wanted.join(', ')}), got ${there.join(', ') || 'no such table'}`,
  )
}

function names(all: readonly { readonly name: string }[]): readonly string[] {
  return all.map(({ name }) => name)
}
