// What a model says, as a state.
import type { ColumnDefinition, ColumnState } from './column.js'
import { computedDefault } from './column.js'
import { type AnyTable, checkOldName, type TableDefinition } from './definition.js'
import { foreignKeys } from './references.js'
import { checkSchema } from './rules.js'
import type { SchemaState, TableState } from './state.js'
import { fromPlain, plain } from './value.js'

/**
 * The state that a model's tables describe, old names included.
 *
 * @throws TypeError for a reference to what is no key or of another kind, and for an old name of a table
 *   that is still in the model or that two tables claim
 */
export function schemaOf(tables: readonly AnyTable[]): SchemaState {
  const definitions = tables.map(({ table }) => table)
  for (const { name, was } of definitions) {
    if (was === undefined) continue
    checkOldName(`the old name of ${name}`, was, definitions)
    const twin = definitions.find((other) => other.name !== name && other.was === was)
    if (twin) {
      throw new TypeError(
        `the old name ${was} must be that of one table, got ${name} and ${twin.name}`,
      )
    }
  }
  const state = new Map(definitions.map((table) => [table.name, tableState(table)]))
  checkSchema(state)
  return state
}

function tableState(table: TableDefinition): TableState {
  const { name, was, primaryKey, indexes } = table
  return {
    name,
    ...(was === undefined ? {} : { was }),
    columns: table.columns.map(columnState),
    primaryKey,
    indexes,
    foreignKeys: foreignKeys(table).map((key) => ({
      name: key.name,
      column: key.column.name,
      target: { table: key.target.table, column: key.target.name },
      onDelete: key.onDelete,
    })),
  }
}

/** A column without its keys and indexes; its default in the form that a row would hold. */
export function columnState(definition: ColumnDefinition): ColumnState {
  const {
    primary: _primary,
    index: _index,
    unique: _unique,
    references: _references,
    default: value,
    ...column
  } = definition
  if (value === undefined || value === null) return column
  if (computedDefault(definition) !== undefined) return { ...column, default: value }
  return { ...column, default: fromPlain(column, plain(column, value)) }
}
