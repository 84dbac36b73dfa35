// Operations as a migration's file writes them: short, typed, columns in the words of a model. Each gives plain
// data that holds all that its inverse needs, and leaves out what a model would name by itself.
import type { Column, ColumnState, OnDelete } from './column.js'
import { type Columns, defineTable, type Index } from './definition.js'
import { shown } from './errors.js'
import { columnState } from './model-state.js'
import { checkName, foreignKeyName, indexName } from './names.js'
import type { DataStep, Operation } from './operation.js'
import type { ForeignKeyState, TableState } from './state.js'

// oxlint-disable-next-line typescript/no-explicit-any -- a column of any value and any kind
type AnyNewColumn = Column<any, boolean, any>

/** An index; its name, unless given, is that which a model gives it: `entry_updated_index`. */
export interface IndexParts {
  readonly columns: readonly string[]
  readonly unique?: boolean
  readonly name?: string
}

/** A foreign key; its name, unless given, is that which a model gives it: `comment_entry_foreign`. */
export interface ForeignKeyParts {
  readonly column: string
  /** Table and column: `entry.id`. */
  readonly target: string
  /** `'restrict'` unless given. */
  readonly onDelete?: OnDelete
  readonly name?: string
}

/** A whole table. */
export interface TableParts {
  /** The columns; `primary()`, `index()` and `unique()` mean what they mean in a model. */
  readonly columns: Columns
  /** Only where its columns are in another order than those of the table. */
  readonly primaryKey?: readonly string[]
  /** The indexes that no column says by itself. */
  readonly indexes?: readonly IndexParts[]
  readonly foreignKeys?: readonly ForeignKeyParts[]
}

export function createTable(name: string, parts: TableParts): Operation {
  return { type: 'createTable', table: tableGiven(name, parts) }
}

/** @param parts the table as it is, so that a rollback can make it again, without its rows */
export function dropTable(name: string, parts: TableParts): Operation {
  return { type: 'dropTable', table: tableGiven(name, parts) }
}

export function renameTable(from: string, to: string): Operation {
  return { type: 'renameTable', from, to }
}

export function addColumn(table: string, name: string, column: AnyNewColumn): Operation {
  return { type: 'addColumn', table, column: columnGiven(table, name, column) }
}

/** @param column the column as it is, so that a rollback can make it again, without its values */
export function dropColumn(table: string, name: string, column: AnyNewColumn): Operation {
  return { type: 'dropColumn', table, column: columnGiven(table, name, column) }
}

export function alterColumn(
  table: string,
  name: string,
  change: { readonly from: AnyNewColumn; readonly to: AnyNewColumn },
): Operation {
  const from = columnGiven(table, name, change.from)
  return { type: 'alterColumn', table, from, to: columnGiven(table, name, change.to) }
}

export function renameColumn(table: string, from: string, to: string): Operation {
  return { type: 'renameColumn', table, from, to }
}

/** @param change the names of the key's columns; none at all for a table without one */
export function changePrimaryKey(
  table: string,
  change: { readonly from: readonly string[]; readonly to: readonly string[] },
): Operation {
  return { type: 'changePrimaryKey', table, from: change.from, to: change.to }
}

export function addIndex(table: string, index: IndexParts): Operation {
  return { type: 'addIndex', table, index: indexGiven(table, index) }
}

export function dropIndex(table: string, index: IndexParts): Operation {
  return { type: 'dropIndex', table, index: indexGiven(table, index) }
}

export function addForeignKey(table: string, key: ForeignKeyParts): Operation {
  return { type: 'addForeignKey', table, key: foreignKeyGiven(table, key) }
}

export function dropForeignKey(table: string, key: ForeignKeyParts): Operation {
  return { type: 'dropForeignKey', table, key: foreignKeyGiven(table, key) }
}

/**
 * A data migration: `up` changes rows, `down` changes them back. Both are called with the database in the state
 * that the operations before it lead to, so they use its `knex` and not today's tables. They run in a
 * transaction.
 *
 * @example
 * runs(
 *   (db) => db.knex('entry').update({ author: 'anonymous' }).where({ author: '' }),
 *   (db) => db.knex('entry').update({ author: '' }).where({ author: 'anonymous' }),
 * )
 */
export function runs(up: DataStep, down: DataStep): Operation {
  for (const [name, step] of Object.entries({ up, down })) {
    if (typeof step !== 'function') {
      throw new TypeError(`${name} of runs() must be a function, got ${shown(step)}`)
    }
  }
  return { type: 'runs', up, down }
}

function tableGiven(name: string, parts: TableParts): TableState {
  const { columns, indexes = [], foreignKeys = [] } = parts
  const table = defineTable(name, columns)
  for (const column of table.columns) refuseNames(`${name}.${column.name}`, column)
  return {
    name,
    columns: table.columns.map(columnState),
    primaryKey: parts.primaryKey ?? table.primaryKey,
    indexes: [...table.indexes, ...indexes.map((index) => indexGiven(name, index))],
    foreignKeys: foreignKeys.map((key) => foreignKeyGiven(name, key)),
  }
}

function columnGiven(table: string, name: string, column: AnyNewColumn): ColumnState {
  checkName('a table name', table)
  const definition = defineTable(table, { [name]: column }).columns[0]
  if (!definition) throw new TypeError(`a column of ${table} must have a name`)
  const { primary, index, unique, kind } = definition
  if (index || unique || (primary && kind !== 'increments')) {
    throw new TypeError(
      `${table}.${name} must leave primary(), index() and unique() to changePrimaryKey() and addIndex()`,
    )
  }
  refuseNames(`${table}.${name}`, definition)
  return columnState(definition)
}

/** What a model says by `references()` and `was()` has operations of its own. */
function refuseNames(
  full: string,
  column: { readonly references?: unknown; readonly was?: string },
) {
  if (column.references) {
    throw new TypeError(`${full} must leave references() to foreignKeys or addForeignKey()`)
  }
  if (column.was !== undefined) throw new TypeError(`${full} must leave was() to renameColumn()`)
}

function indexGiven(table: string, { columns, unique = false, name }: IndexParts): Index {
  return { name: name ?? indexName(table, columns, unique), columns, unique }
}

function foreignKeyGiven(table: string, parts: ForeignKeyParts): ForeignKeyState {
  const { column, target, onDelete = 'restrict', name } = parts
  const [targetTable, targetColumn, ...rest] = target.split('.')
  if (!targetTable || !targetColumn || rest.length > 0) {
    throw new TypeError(
      `the target of ${table}.${column} must be a table and a column like entry.id, got ${shown(target)}`,
    )
  }
  return {
    name: name ?? foreignKeyName(table, column),
    column,
    target: { table: targetTable, column: targetColumn },
    onDelete,
  }
}
