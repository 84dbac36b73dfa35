// The parts of the SQL that makes tables, indexes and foreign keys. Names are plain words (`checkName` sees to
// it), so quoting them is all that they need.
import type { Knex } from 'knex'
import type { ColumnState } from './column.js'
import type { Index } from './definition.js'
import { constraintName } from './names.js'
import type { ForeignKeyState, TableState } from './state.js'
import { type Dialect, sqlDefault, sqlType } from './storage.js'

/** What makes a table and its indexes: one statement on MySQL, which commits after each. */
export function tableStatements(dialect: Dialect, table: TableState): readonly string[] {
  if (dialect === 'mysql') return [createTable(dialect, table)]
  // PostgreSQL takes a reference only to what is unique already.
  const late = table.foreignKeys.filter(
    ({ target }) => dialect === 'postgres' && target.table === table.name,
  )
  const foreignKeys = table.foreignKeys.filter((key) => !late.includes(key))
  return [
    createTable(dialect, { ...table, foreignKeys }),
    ...table.indexes.map((index) => createIndex(dialect, table.name, index)),
    ...late.map((key) => addForeignKey(dialect, table.name, key)),
  ]
}

/**
 * The table, on MySQL with its indexes.
 *
 * @param name what the table is called until it takes its own name
 */
export function createTable(
  dialect: Dialect,
  table: TableState,
  name: string = table.name,
): string {
  const lines = [
    ...table.columns.map((column) => columnSql(dialect, column)),
    ...primaryKeySql(dialect, table),
    ...allIndexes(dialect, table).map((index) => indexSql(dialect, index)),
    ...table.foreignKeys.map((key) => foreignKeySql(dialect, key)),
  ]
  // A binary collation compares and sorts by code points, as the other databases do.
  const options =
    dialect === 'mysql' ? ' engine = InnoDB character set utf8mb4 collate utf8mb4_bin' : ''
  return `create table ${quoted(dialect, name)} (${lines.join(', ')})${options}`
}

export function createIndex(dialect: Dialect, table: string, index: Index): string {
  const unique = index.unique ? 'unique ' : ''
  const on = `${quoted(dialect, table)} (${list(dialect, index.columns)})`
  return `create ${unique}index ${quoted(dialect, index.name)} on ${on}`
}

export function addForeignKey(dialect: Dialect, table: string, key: ForeignKeyState): string {
  return `alter table ${quoted(dialect, table)} add ${foreignKeySql(dialect, key)}`
}

export function columnSql(dialect: Dialect, column: ColumnState): string {
  const sql = `${quoted(dialect, column.name)} ${sqlType(dialect, column)}`
  if (column.kind === 'increments') return sql
  const value = sqlDefault(dialect, column)
  return `${sql}${column.nullable ? ' null' : ' not null'}${value === undefined ? '' : ` default ${value}`}`
}

/** The primary key's constraint; none where a column that counts up says itself that it is the key. */
export function primaryKeySql(dialect: Dialect, table: TableState): readonly string[] {
  if (table.primaryKey.length === 0) return []
  if (dialect !== 'postgres' && table.columns.some(({ kind }) => kind === 'increments')) return []
  const name = quoted(dialect, primaryKeyName(table))
  return [`constraint ${name} primary key (${list(dialect, table.primaryKey)})`]
}

export function primaryKeyName({ name, primaryKey }: TableState): string {
  return constraintName(name, primaryKey, 'primary')
}

/**
 * The indexes that MySQL's foreign keys need where no other begins with their column. MySQL would make and
 * drop them by itself, but not where one is left without any.
 */
export function keyIndexes(dialect: Dialect, table: TableState): readonly Index[] {
  if (dialect !== 'mysql') return []
  const starts = [table.primaryKey[0], ...table.indexes.map(({ columns }) => columns[0])]
  return table.foreignKeys
    .filter(({ column }) => !starts.includes(column))
    .map(({ name, column }) => ({ name, columns: [column], unique: false }))
}

function allIndexes(dialect: Dialect, table: TableState): readonly Index[] {
  return dialect === 'mysql' ? [...table.indexes, ...keyIndexes(dialect, table)] : []
}

/** An index as a part of MySQL's `create table` and `alter table`. */
export function indexSql(dialect: Dialect, { name, columns, unique }: Index): string {
  return `${unique ? 'unique ' : ''}index ${quoted(dialect, name)} (${list(dialect, columns)})`
}

export function foreignKeySql(dialect: Dialect, key: ForeignKeyState): string {
  const { name, column, target, onDelete } = key
  const to = `${quoted(dialect, target.table)} (${quoted(dialect, target.column)})`
  const from = `constraint ${quoted(dialect, name)} foreign key (${quoted(dialect, column)})`
  return `${from} references ${to} on delete ${onDelete}`
}

/** Names of columns, quoted and separated by commas. */
export function list(dialect: Dialect, names: readonly string[]): string {
  return names.map((name) => quoted(dialect, name)).join(', ')
}

export function quoted(dialect: Dialect, name: string): string {
  return dialect === 'mysql' ? `\`${name}\`` : `"${name}"`
}

/** Runs a statement of ours as it is: Knex takes a ? for a binding on its way to PostgreSQL, even in a string. */
export async function runStatement(dialect: Dialect, knex: Knex, statement: string): Promise<void> {
  await knex.raw(dialect === 'postgres' ? statement.replaceAll('?', '\\?') : statement)
}
