// Tables as plain data, without the functions that a model has: what migrations add up to, what a database
// holds, and what a model says, in one form, so that they can be compared.
import type { OnDelete } from './column.js'
import type { TableDefinition } from './definition.js'

/** A foreign key by names. */
export interface ForeignKeyState {
  readonly name: string
  readonly column: string
  readonly target: { readonly table: string; readonly column: string }
  readonly onDelete: OnDelete
}

/** A table's columns (without `references`: those are the foreign keys), keys and indexes. */
export interface TableState extends TableDefinition {
  readonly foreignKeys: readonly ForeignKeyState[]
}

/** All tables by name. */
export type SchemaState = ReadonlyMap<string, TableState>
