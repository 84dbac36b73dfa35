// SQLite can add a column and rename one; for all else the table is made anew, by the steps of
// https://sqlite.org/lang_altertable.html#otheralter: foreign keys must be off, or dropping the old table
// would delete the rows that refer to it.
import { type ColumnState, computedDefault, findColumn } from './column.js'
import { columnSql, createIndex, createTable, quoted as quotedFor, tableStatements } from './ddl.js'
import type { Operation } from './operation.js'
import type { SchemaState, TableState } from './state.js'
import { randomUuidSql, sqlDefault } from './storage.js'
import { type Change, changeOf } from './table-change.js'

const dialect = 'sqlite'
const quoted = (name: string): string => quotedFor(dialect, name)

export function sqliteStatements(
  before: SchemaState,
  after: SchemaState,
  operation: Operation,
  kept: readonly string[],
): readonly string[] {
  switch (operation.type) {
    case 'createTable':
      return tableStatements(dialect, operation.table)
    case 'dropTable':
      return [`drop table ${quoted(operation.table.name)}`]
    case 'addIndex':
      return [createIndex(dialect, operation.table, operation.index)]
    case 'dropIndex':
      return [`drop index ${quoted(operation.index.name)}`]
    default: {
      const change = changeOf(before, after, operation)
      return change ? changed(change, kept) : []
    }
  }
}

/** Whether the operation makes the table anew, so that what is not in the state has to be kept. */
export function isRebuilt(change: Change): boolean {
  const { operation, before } = change
  switch (operation.type) {
    case 'addIndex':
    case 'dropIndex':
      return false
    case 'addColumn':
      return !canBeAppended(operation.column)
    case 'renameTable':
      // The names of constraints are in the table's own text.
      return before.foreignKeys.length > 0 || hasNamedKey(before)
    case 'renameColumn': {
      const { from } = operation
      const inKey = hasNamedKey(before) && before.primaryKey.includes(from)
      return inKey || before.foreignKeys.some(({ column }) => column === from)
    }
    default:
      return true
  }
}

function changed(change: Change, kept: readonly string[]): readonly string[] {
  const { operation, before, after } = change
  if (operation.type === 'addColumn' && !isRebuilt(change)) {
    const column = columnSql(dialect, operation.column)
    return [`alter table ${quoted(after.name)} add column ${column}`]
  }
  if (operation.type !== 'renameTable' && operation.type !== 'renameColumn') {
    return rebuilt(change, before.name, kept)
  }
  const rename =
    operation.type === 'renameTable'
      ? `alter table ${quoted(operation.from)} rename to ${quoted(operation.to)}`
      : `alter table ${quoted(operation.table)} rename column ${quoted(operation.from)} to ${quoted(operation.to)}`
  if (isRebuilt(change)) {
    return [rename, ...rebuilt({ ...change, before: after }, after.name, kept)]
  }
  return [rename, ...renamedIndexes(before, after)]
}

function renamedIndexes(before: TableState, after: TableState): readonly string[] {
  return after.indexes.flatMap((index, position) => {
    const old = before.indexes[position]
    if (!old || old.name === index.name) return []
    return [`drop index ${quoted(old.name)}`, createIndex(dialect, after.name, index)]
  })
}

/** A primary key that counts up is said by its column, without a name. */
function hasNamedKey(table: TableState): boolean {
  return table.primaryKey.length > 0 && !table.columns.some(({ kind }) => kind === 'increments')
}

function canBeAppended(column: ColumnState): boolean {
  if (column.kind === 'increments' || computedDefault(column) !== undefined) return false
  return column.nullable || sqlDefault(dialect, column) !== undefined
}

function rebuilt(change: Change, name: string, kept: readonly string[]): readonly string[] {
  const { before, after } = change
  const fresh = `${after.name}__new`
  const names = after.columns.map((column) => quoted(column.name)).join(', ')
  const values = after.columns.map((column) => valueOf(change, column)).join(', ')
  const counts = (table: TableState) => table.columns.some(({ kind }) => kind === 'increments')
  // The old name's views, triggers and references mean the new table: in this mode a rename leaves them.
  const renamed = [
    'pragma legacy_alter_table = on',
    `alter table ${quoted(fresh)} rename to ${quoted(after.name)}`,
    'pragma legacy_alter_table = off',
  ]
  return [
    createTable(dialect, after, fresh),
    `insert into ${quoted(fresh)} (${names}) select ${values} from ${quoted(name)}`,
    ...(counts(before) && counts(after) ? keepCounter(name, fresh) : []),
    `drop table ${quoted(name)}`,
    ...renamed,
    ...after.indexes.map((index) => createIndex(dialect, after.name, index)),
    ...kept,
  ]
}

/** An id that was once given out is not given out again. */
function keepCounter(name: string, fresh: string): readonly string[] {
  return [
    `delete from sqlite_sequence where name = '${fresh}'`,
    `insert into sqlite_sequence (name, seq) select '${fresh}', seq from sqlite_sequence where name = '${name}'`,
  ]
}

/** What a column of the new table gets from a row of the old one. */
function valueOf({ operation, before }: Change, column: ColumnState): string {
  if (operation.type === 'addColumn' && operation.column.name === column.name) {
    if (computedDefault(column) === 'randomUuid') return randomUuidSql[dialect]
    return sqlDefault(dialect, column) ?? 'null'
  }
  const old = findColumn(before, column.name)
  const value = quoted(column.name)
  if (column.kind !== 'decimal') return value
  // A decimal is a whole number of its smallest unit.
  const digits = (column.scale ?? 0) - (old.scale ?? 0)
  if (digits === 0) return value
  const factor = `1${'0'.repeat(Math.abs(digits))}`
  return digits > 0 ? `${value} * ${factor}` : `${value} / ${factor}`
}
