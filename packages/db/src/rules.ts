// What tables must be, whether a model or a migration says them: their keys, indexes and foreign keys.
import { type ColumnState, findColumn, type Kind } from './column.js'
import { checkDistinct } from './names.js'
import type { ForeignKeyState, SchemaState, TableState } from './state.js'
import { longestKey } from './storage.js'

const unindexable: readonly Kind[] = ['text', 'json']

/** Whether a column may be in a key or have an index. */
export function isIndexable({ kind }: ColumnState): boolean {
  return !unindexable.includes(kind)
}

/** @throws TypeError for columns, keys and indexes that a table can't have */
export function checkTable(table: Omit<TableState, 'foreignKeys' | 'was'>): void {
  const { name, columns, primaryKey, indexes } = table
  if (columns.length === 0) throw new TypeError(`table ${name} must have a column, got none`)
  checkDistinct(
    `a column name of ${name}`,
    columns.map((column) => column.name),
  )
  checkKey(table, 'primary key', primaryKey)
  for (const index of indexes) checkKey(table, 'index', index.columns)
  for (const column of columns) {
    const primary = primaryKey.includes(column.name)
    if (primary && column.nullable) {
      throw new TypeError(`${name}.${column.name} must not be nullable: it is in the primary key`)
    }
    if (column.kind === 'increments' && !(primary && primaryKey.length === 1)) {
      const got = primary ? 'a composite one' : `(${primaryKey.join(', ')})`
      throw new TypeError(
        `an increments column of ${name} must be its whole primary key, got ${got}`,
      )
    }
  }
}

function checkKey(
  table: Omit<TableState, 'foreignKeys'>,
  what: string,
  names: readonly string[],
): void {
  const columns = names.map((name) => findColumn(table, name))
  for (const column of columns) {
    if (isIndexable(column)) continue
    throw new TypeError(
      `${table.name}.${column.name} must be a string(n) to be a key or have an index, got ${column.kind}()`,
    )
  }
  const length = columns.reduce((sum, column) => sum + (column.length ?? 0), 0)
  if (length > longestKey) {
    throw new TypeError(
      `the ${what} (${names.join(', ')}) of ${table.name} must have at most ${longestKey} characters, got ${length}`,
    )
  }
}

/** @throws TypeError for names that are there twice, and for foreign keys that refer to no key */
export function checkSchema(state: SchemaState): void {
  const tables = [...state.values()]
  checkDistinct(
    'a table name',
    tables.map(({ name }) => name),
  )
  // PostgreSQL and SQLite have one namespace for the indexes of all tables.
  checkDistinct(
    'an index name',
    tables.flatMap(({ indexes }) => indexes.map(({ name }) => name)),
  )
  for (const table of tables)
    for (const key of table.foreignKeys) checkForeignKey(state, table, key)
}

/** Whether a foreign key has what it refers to. */
export function canRefer(state: SchemaState, table: TableState, key: ForeignKeyState): boolean {
  return referenceProblem(state, table, key) === undefined
}

function checkForeignKey(state: SchemaState, table: TableState, key: ForeignKeyState): void {
  const problem = referenceProblem(state, table, key)
  if (problem !== undefined) throw new TypeError(`${table.name}.${key.column} ${problem}`)
}

/** What a foreign key's column must be and is not; undefined if the key can be made. */
export function referenceProblem(
  state: SchemaState,
  table: TableState,
  key: ForeignKeyState,
): string | undefined {
  const column = findColumn(table, key.column)
  const target = `${key.target.table}.${key.target.column}`
  const other = state.get(key.target.table)
  const found = other?.columns.find(({ name }) => name === key.target.column)
  if (!other || !found) return `must refer to a column that is there, got ${target}`
  if (found.kind === 'increments' ? column.kind !== 'integer' : found.kind !== column.kind) {
    return `must refer to a column of its own kind ${column.kind}(), got ${target} of ${found.kind}()`
  }
  if (keysOf(other, found.name).length === 0) {
    const part = other.primaryKey.includes(found.name)
      ? ': one column of a composite primary key is not unique by itself'
      : ''
    return `must refer to a primary or unique column, got ${target}${part}`
  }
  if (key.onDelete === 'set null' && !column.nullable) {
    return `must be nullable to have onDelete 'set null'`
  }
  return undefined
}

/** What makes a column unique by itself: 'primary key', the names of unique indexes. */
export function keysOf(table: TableState, column: string): readonly string[] {
  const alone = (names: readonly string[]) => names.length === 1 && names[0] === column
  const unique = table.indexes.filter((index) => index.unique && alone(index.columns))
  return [...(alone(table.primaryKey) ? ['primary key'] : []), ...unique.map(({ name }) => name)]
}
