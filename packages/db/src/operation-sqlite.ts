// SQLite can add a column and rename one; for all else the table is made anew, by the steps of
// https://sqlite.org/lang_altertable.html#otheralter: foreign keys must be off, or dropping the old table
// would delete the rows that refer to it.
import { type ColumnState, computedDefault, findColumn } from './column.js'
import { columnSql, createIndex, createTable, quoted as quotedFor } from './ddl.js'
import type { Operation } from './operation.js'
import type { TableState } from './state.js'
import { randomUuidSql, sqlDefault } from './storage.js'
import type { Change } from './table-change.js'

const dialect = 'sqlite'
const quoted = (name: string): string => quotedFor(dialect, name)

/** Whether the operation makes its table anew, so that what is not in the state has to be kept. */
export function isRebuilt(operation: Operation): boolean {
  switch (operation.type) {
    case 'addColumn':
      return !canBeAppended(operation.column)
    case 'dropColumn':
    case 'alterColumn':
    case 'changePrimaryKey':
    case 'addForeignKey':
    case 'dropForeignKey':
      return true
    default:
      return false
  }
}

export function sqliteStatements(change: Change, kept: readonly string[]): readonly string[] {
  const { operation, before, after } = change
  if (isRebuilt(operation)) return rebuilt(change, kept)
  const table = `alter table ${quoted(before.name)}`
  switch (operation.type) {
    case 'addColumn':
      return [`${table} add column ${columnSql(dialect, operation.column)}`]
    // References, triggers and views follow. The names of constraints stay as they were: nothing names them.
    case 'renameTable':
      return [`${table} rename to ${quoted(operation.to)}`, ...renamedIndexes(before, after)]
    case 'renameColumn': {
      const { from, to } = operation
      return [
        `${table} rename column ${quoted(from)} to ${quoted(to)}`,
        ...renamedIndexes(before, after),
      ]
    }
    case 'addIndex':
      return [createIndex(dialect, before.name, operation.index)]
    case 'dropIndex':
      return [`drop index ${quoted(operation.index.name)}`]
    default:
      return []
  }
}

function renamedIndexes(before: TableState, after: TableState): readonly string[] {
  return after.indexes.flatMap((index, position) => {
    const old = before.indexes[position]
    if (!old || old.name === index.name) return []
    return [`drop index ${quoted(old.name)}`, createIndex(dialect, after.name, index)]
  })
}

function canBeAppended(column: ColumnState): boolean {
  if (column.kind === 'increments' || computedDefault(column) !== undefined) return false
  return column.nullable || sqlDefault(dialect, column) !== undefined
}

function rebuilt(change: Change, kept: readonly string[]): readonly string[] {
  const { before, after } = change
  const { name } = after
  const fresh = `${name}__new`
  const names = after.columns.map((column) => quoted(column.name)).join(', ')
  const values = after.columns.map((column) => valueOf(change, column)).join(', ')
  // The old name's views, triggers and references mean the new table: in this mode a rename leaves them.
  const renamed = [
    'pragma legacy_alter_table = on',
    `alter table ${quoted(fresh)} rename to ${quoted(name)}`,
    'pragma legacy_alter_table = off',
  ]
  return [
    createTable(dialect, after, fresh),
    `insert into ${quoted(fresh)} (${names}) select ${values} from ${quoted(name)}`,
    ...(isCounted(before) && isCounted(after) ? keepCounter(name, fresh) : []),
    `drop table ${quoted(name)}`,
    ...renamed,
    ...after.indexes.map((index) => createIndex(dialect, name, index)),
    ...kept,
  ]
}

function isCounted(table: TableState): boolean {
  return table.columns.some(({ kind }) => kind === 'increments')
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
