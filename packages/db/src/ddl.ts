// The SQL that makes tables, indexes and foreign keys. Names are plain words (`defineTable` sees to
// it), so quoting them is all that they need.
import type { AnyColumn, ColumnDefinition, OnDelete } from './column.js'
import type { Index, TableDefinition } from './definition.js'
import { constraintName } from './names.js'
import { type Dialect, sqlDefault, sqlType } from './storage.js'

export interface ForeignKey {
  readonly name: string
  readonly column: ColumnDefinition
  readonly target: AnyColumn
  readonly onDelete: OnDelete
}

export function createTable(
  dialect: Dialect,
  table: TableDefinition,
  foreignKeys: readonly ForeignKey[],
): string {
  const lines = [
    ...table.columns.map((column) => columnSql(dialect, column)),
    ...primaryKeySql(dialect, table),
    ...foreignKeys.map((key) => foreignKeySql(dialect, key)),
  ]
  // A binary collation compares and sorts by code points, as the other databases do.
  const options =
    dialect === 'mysql' ? ' engine = InnoDB character set utf8mb4 collate utf8mb4_bin' : ''
  return `create table ${quoted(dialect, table.name)} (${lines.join(', ')})${options}`
}

export function createIndex(dialect: Dialect, table: TableDefinition, index: Index): string {
  const unique = index.unique ? 'unique ' : ''
  const on = `${quoted(dialect, table.name)} (${list(dialect, index.columns)})`
  return `create ${unique}index ${quoted(dialect, index.name)} on ${on}`
}

export function addForeignKey(dialect: Dialect, key: ForeignKey): string {
  return `alter table ${quoted(dialect, key.column.table)} add ${foreignKeySql(dialect, key)}`
}

function columnSql(dialect: Dialect, column: ColumnDefinition): string {
  const sql = `${quoted(dialect, column.name)} ${sqlType(dialect, column)}`
  if (column.kind === 'increments') return sql
  const value = sqlDefault(dialect, column)
  return `${sql}${column.nullable ? ' null' : ' not null'}${value === undefined ? '' : ` default ${value}`}`
}

function primaryKeySql(dialect: Dialect, table: TableDefinition): readonly string[] {
  // A column that counts up says itself that it is the primary key.
  if (table.primaryKey.length === 0) return []
  if (table.columns.some(({ kind }) => kind === 'increments')) return []
  const name = quoted(dialect, constraintName(table.name, table.primaryKey, 'primary'))
  return [`constraint ${name} primary key (${list(dialect, table.primaryKey)})`]
}

function foreignKeySql(dialect: Dialect, { name, column, target, onDelete }: ForeignKey): string {
  const to = `${quoted(dialect, target.table)} (${quoted(dialect, target.name)})`
  const from = `constraint ${quoted(dialect, name)} foreign key (${quoted(dialect, column.name)})`
  return `${from} references ${to} on delete ${onDelete}`
}

/** Names of columns, quoted and separated by commas. */
export function list(dialect: Dialect, names: readonly string[]): string {
  return names.map((name) => quoted(dialect, name)).join(', ')
}

export function quoted(dialect: Dialect, name: string): string {
  return dialect === 'mysql' ? `\`${name}\`` : `"${name}"`
}
