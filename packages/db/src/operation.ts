// The steps of a migration as data: each holds all that its inverse needs.
import type { ColumnDefinition } from './column.js'
import type { Database } from './database.js'
import type { Index } from './definition.js'
import type { ForeignKeyState, TableState } from './state.js'

export type Operation =
  | { readonly type: 'createTable'; readonly table: TableState }
  | { readonly type: 'dropTable'; readonly table: TableState }
  | { readonly type: 'renameTable'; readonly from: string; readonly to: string }
  | { readonly type: 'addColumn'; readonly table: string; readonly column: ColumnDefinition }
  | { readonly type: 'dropColumn'; readonly table: string; readonly column: ColumnDefinition }
  | {
      readonly type: 'alterColumn'
      readonly table: string
      readonly from: ColumnDefinition
      readonly to: ColumnDefinition
    }
  | {
      readonly type: 'renameColumn'
      readonly table: string
      readonly from: string
      readonly to: string
    }
  | {
      readonly type: 'changePrimaryKey'
      readonly table: string
      readonly from: readonly string[]
      readonly to: readonly string[]
    }
  | { readonly type: 'addIndex'; readonly table: string; readonly index: Index }
  | { readonly type: 'dropIndex'; readonly table: string; readonly index: Index }
  | { readonly type: 'addForeignKey'; readonly table: string; readonly key: ForeignKeyState }
  | { readonly type: 'dropForeignKey'; readonly table: string; readonly key: ForeignKeyState }
  | { readonly type: 'runs'; readonly up: DataStep; readonly down: DataStep }

/** Changes rows: what a data migration does one way or the other. Its queries join the migration's transaction. */
export type DataStep = (db: Database) => void | Promise<void>

/** A migration: it comes after its parent, undefined for the first. */
export interface Migration {
  /** The file's name without its extension: `0002_add_subtitle`. */
  readonly name: string
  readonly parent: string | undefined
  readonly operations: readonly Operation[]
}
