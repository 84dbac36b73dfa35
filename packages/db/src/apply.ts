// What operations make of a state. Nothing is asked of a database: an operation that does not fit is found
// before anything runs.
import { type ColumnState, findColumn } from './column.js'
import { checkConversion } from './conversions.js'
import type { Index } from './definition.js'
import { checkName, foreignKeyName, indexName } from './names.js'
import { describe, type Operation } from './operation.js'
import { checkSchema, checkTable } from './rules.js'
import {
  type ForeignKeyState,
  sameColumn,
  sameTable,
  type SchemaState,
  type TableState,
  withoutOldName,
  withoutOldNames,
} from './state.js'
import { defaultValue, plain } from './value.js'

/**
 * The state after the operations.
 *
 * @throws TypeError, naming the operation, for one that the state before it does not fit
 */
export function apply(state: SchemaState, operations: readonly Operation[]): SchemaState {
  return operations.reduce((before, operation) => {
    try {
      const after = step(before, operation)
      for (const [name, table] of after) if (before.get(name) !== table) checkTable(table)
      checkSchema(after)
      return after
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw new TypeError(`${describe(operation)}: ${error.message}`, { cause: error })
    }
  }, state)
}

function step(state: SchemaState, operation: Operation): SchemaState {
  switch (operation.type) {
    case 'createTable': {
      const { name } = operation.table
      checkName('a table name', name)
      if (state.has(name)) throw new TypeError(`table ${name} must not be there already`)
      for (const column of operation.table.columns) checkColumn(column)
      return new Map(state).set(name, withoutOldNames(operation.table))
    }
    case 'dropTable': {
      const { name } = operation.table
      checkSame(sameTable(tableOf(state, name), withoutOldNames(operation.table)), `table ${name}`)
      const rest = new Map(state)
      rest.delete(name)
      return rest
    }
    case 'renameTable':
      return renameTable(state, operation.from, operation.to)
    case 'addColumn':
      return change(state, operation.table, (table) => addColumn(table, operation.column))
    case 'dropColumn':
      return change(state, operation.table, (table) => dropColumn(table, operation.column))
    case 'alterColumn':
      return change(state, operation.table, (table) => {
        checkSame(operation.from.name === operation.to.name, 'the column before and after')
        checkSame(
          sameColumn(findColumn(table, operation.from.name), operation.from),
          `column ${table.name}.${operation.from.name}`,
        )
        checkColumn(operation.to)
        checkConversion(operation.from, operation.to)
        return withColumn(table, operation.to.name, withoutOldName(operation.to))
      })
    case 'renameColumn':
      return renameColumn(state, operation.table, operation.from, operation.to)
    case 'changePrimaryKey':
      return change(state, operation.table, (table) => {
        const same = operation.from.join() === table.primaryKey.join()
        checkSame(same, `the primary key of ${table.name}`)
        return { ...table, primaryKey: operation.to }
      })
    case 'addIndex':
      return change(state, operation.table, (table) => ({
        ...table,
        indexes: [...table.indexes, operation.index],
      }))
    case 'dropIndex':
      return change(state, operation.table, (table) => ({
        ...table,
        indexes: without(table.indexes, operation.index.name, `an index of ${table.name}`),
      }))
    case 'addForeignKey':
      return change(state, operation.table, (table) => ({
        ...table,
        foreignKeys: [...table.foreignKeys, operation.key],
      }))
    case 'dropForeignKey':
      return change(state, operation.table, (table) => ({
        ...table,
        foreignKeys: without(
          table.foreignKeys,
          operation.key.name,
          `a foreign key of ${table.name}`,
        ),
      }))
    default:
      return state
  }
}

/** @throws TypeError if there is no such table */
export function tableOf(state: SchemaState, name: string): TableState {
  const table = state.get(name)
  if (table) return table
  throw new TypeError(
    `a table must be one of ${[...state.keys()].join(', ') || 'none at all'}, got ${name}`,
  )
}

function change(
  state: SchemaState,
  name: string,
  to: (table: TableState) => TableState,
): SchemaState {
  return new Map(state).set(name, to(tableOf(state, name)))
}

function checkSame(same: boolean, what: string): void {
  if (!same) throw new TypeError(`${what} must be as the operation says, got another`)
}

function checkColumn(column: ColumnState): void {
  checkName(`a column name of ${column.table}`, column.name)
  if (column.default !== undefined) plain(column, defaultValue(column))
}

function without<Named extends { readonly name: string }>(
  all: readonly Named[],
  name: string,
  what: string,
): readonly Named[] {
  const rest = all.filter((one) => one.name !== name)
  if (rest.length < all.length) return rest
  const names = all.map((one) => one.name).join(', ')
  throw new TypeError(`${what} must be one of ${names || 'none at all'}, got ${name}`)
}

/** A column that counts up is its table's primary key from the start. */
function addColumn(table: TableState, column: ColumnState): TableState {
  checkColumn(column)
  const added = { ...table, columns: [...table.columns, withoutOldName(column)] }
  return column.kind === 'increments'
    ? { ...added, primaryKey: [...table.primaryKey, column.name] }
    : added
}

function dropColumn(table: TableState, column: ColumnState): TableState {
  const { name } = column
  checkSame(sameColumn(findColumn(table, name), column), `column ${table.name}.${name}`)
  const dropped = { ...table, columns: table.columns.filter((one) => one.name !== name) }
  return column.kind === 'increments' ? { ...dropped, primaryKey: [] } : dropped
}

function withColumn(table: TableState, name: string, column: ColumnState): TableState {
  return { ...table, columns: table.columns.map((one) => (one.name === name ? column : one)) }
}

function renameTable(state: SchemaState, from: string, to: string): SchemaState {
  checkName('a table name', to)
  const old = tableOf(state, from)
  if (state.has(to)) throw new TypeError(`table ${to} must not be there already`)
  const columns = old.columns.map((column) => ({ ...column, table: to }))
  const table = withNames({ ...old, name: to, columns })
  const entries = [...state].map(([name, one]) => (name === from ? table : one))
  const target = (key: ForeignKeyState['target']) =>
    key.table === from ? { ...key, table: to } : key
  return retarget(entries, target)
}

function renameColumn(
  state: SchemaState,
  tableName: string,
  from: string,
  to: string,
): SchemaState {
  checkName(`a column name of ${tableName}`, to)
  const old = tableOf(state, tableName)
  const column = { ...findColumn(old, from), name: to }
  const renamed = (name: string) => (name === from ? to : name)
  const table = withNames({
    ...withColumn(old, from, column),
    primaryKey: old.primaryKey.map(renamed),
    indexes: old.indexes.map((index) => ({ ...index, columns: index.columns.map(renamed) })),
    foreignKeys: old.foreignKeys.map((key) => ({ ...key, column: renamed(key.column) })),
  })
  const entries = [...state.values()].map((one) => (one === old ? table : one))
  return retarget(entries, (target) =>
    target.table === tableName ? { ...target, column: renamed(target.column) } : target,
  )
}

function retarget(
  tables: readonly TableState[],
  to: (target: ForeignKeyState['target']) => ForeignKeyState['target'],
): SchemaState {
  return new Map(
    tables.map((table) => {
      const foreignKeys = table.foreignKeys.map((key) => ({ ...key, target: to(key.target) }))
      return [table.name, { ...table, foreignKeys }]
    }),
  )
}

/** The table with the names that its indexes and foreign keys would have if it were made now. */
function withNames(table: TableState): TableState {
  const named = (index: Index) => indexName(table.name, index.columns, index.unique)
  return {
    ...table,
    indexes: table.indexes.map((index) => ({ ...index, name: named(index) })),
    foreignKeys: table.foreignKeys.map((key) => ({
      ...key,
      name: foreignKeyName(table.name, key.column),
    })),
  }
}
