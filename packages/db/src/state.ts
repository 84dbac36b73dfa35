// Tables as plain data, without the functions that a model has: what migrations add up to, what a database
// holds, and what a model says, in one form, so that they can be compared.
import { isDeepStrictEqual } from 'node:util'
import type { ColumnState, OnDelete } from './column.js'
import type { Index } from './definition.js'

/** A foreign key by names. */
export interface ForeignKeyState {
  readonly name: string
  readonly column: string
  readonly target: { readonly table: string; readonly column: string }
  readonly onDelete: OnDelete
}

/** A table's columns, and beside them its keys and indexes. */
export interface TableState {
  readonly name: string
  /** The name that a model says it had before. */
  readonly was?: string
  readonly columns: readonly ColumnState[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly Index[]
  readonly foreignKeys: readonly ForeignKeyState[]
}

/** All tables by name. */
export type SchemaState = ReadonlyMap<string, TableState>

export function withoutOldName({ was: _was, ...column }: ColumnState): ColumnState {
  return column
}

export function withoutOldNames({ was: _was, ...table }: TableState): TableState {
  return { ...table, columns: table.columns.map(withoutOldName) }
}

/** Whether two columns of one name hold the same, whatever they were called before. */
export function sameColumn(one: ColumnState, other: ColumnState): boolean {
  return sameType(one, other) && one.nullable === other.nullable && sameDefault(one, other)
}

/** Whether two columns have the same kind and size. */
export function sameType(one: ColumnState, other: ColumnState): boolean {
  return (
    one.kind === other.kind &&
    one.length === other.length &&
    one.precision === other.precision &&
    one.scale === other.scale
  )
}

export function sameDefault(one: ColumnState, other: ColumnState): boolean {
  return isDeepStrictEqual(one.default, other.default)
}

/** Whether two tables are the same but for the order of their columns. */
export function sameTable(one: TableState, other: TableState): boolean {
  return (
    one.name === other.name &&
    one.columns.length === other.columns.length &&
    one.columns.every((column) => {
      const twin = other.columns.find(({ name }) => name === column.name)
      return twin !== undefined && sameColumn(column, twin)
    }) &&
    isDeepStrictEqual(one.primaryKey, other.primaryKey) &&
    isDeepStrictEqual(byName(one.indexes), byName(other.indexes)) &&
    isDeepStrictEqual(byName(one.foreignKeys), byName(other.foreignKeys))
  )
}

function byName<Named extends { readonly name: string }>(all: readonly Named[]): readonly Named[] {
  return all.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** The tables that a table refers to. */
export function targetsOf({ foreignKeys }: TableState): readonly string[] {
  return foreignKeys.map(({ target }) => target.table)
}

/** Referred tables before those that refer to them; a cycle is cut where it is first met. */
export function inOrderOfReferences<Table extends { readonly name: string }>(
  tables: readonly Table[],
  targets: (table: Table) => readonly string[],
): readonly Table[] {
  const ordered = new Set<Table>()
  const visiting = new Set<Table>()
  const visit = (table: Table): void => {
    if (visiting.has(table)) return
    visiting.add(table)
    for (const target of targets(table)) {
      const other = tables.find(({ name }) => name === target)
      if (other) visit(other)
    }
    ordered.add(table)
  }
  for (const table of tables) visit(table)
  return [...ordered]
}
