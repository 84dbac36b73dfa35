// The steps of a migration as data: each holds all that its inverse needs.
import type { ColumnState } from './column.js'
import type { Database } from './database.js'
import type { Index } from './definition.js'
import type { ForeignKeyState, TableState } from './state.js'

export type Operation =
  | { readonly type: 'createTable'; readonly table: TableState }
  | { readonly type: 'dropTable'; readonly table: TableState }
  | { readonly type: 'renameTable'; readonly from: string; readonly to: string }
  | { readonly type: 'addColumn'; readonly table: string; readonly column: ColumnState }
  | { readonly type: 'dropColumn'; readonly table: string; readonly column: ColumnState }
  | {
      readonly type: 'alterColumn'
      readonly table: string
      readonly from: ColumnState
      readonly to: ColumnState
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
export type DataStep = (db: Database) => void | PromiseLike<unknown>

/** A migration: it comes after its parent, undefined for the first. */
export interface Migration {
  /** The file's name without its extension: `0002_add_subtitle`. */
  readonly name: string
  readonly parent: string | undefined
  readonly operations: readonly Operation[]
}

/** What a migration's file exports as `migration`: all but the name, which is the file's. */
export type MigrationFile = Omit<Migration, 'name'>

/** What undoes an operation. A list of them is undone from its end. */
export function inverse(operation: Operation): Operation {
  switch (operation.type) {
    case 'createTable':
      return { ...operation, type: 'dropTable' }
    case 'dropTable':
      return { ...operation, type: 'createTable' }
    case 'addColumn':
      return { ...operation, type: 'dropColumn' }
    case 'dropColumn':
      return { ...operation, type: 'addColumn' }
    case 'addIndex':
      return { ...operation, type: 'dropIndex' }
    case 'dropIndex':
      return { ...operation, type: 'addIndex' }
    case 'addForeignKey':
      return { ...operation, type: 'dropForeignKey' }
    case 'dropForeignKey':
      return { ...operation, type: 'addForeignKey' }
    case 'runs':
      return { ...operation, up: operation.down, down: operation.up }
    case 'renameTable':
    case 'renameColumn':
      return { ...operation, from: operation.to, to: operation.from }
    case 'changePrimaryKey':
      return { ...operation, from: operation.to, to: operation.from }
    default:
      return { ...operation, from: operation.to, to: operation.from }
  }
}

/** What an operation does, in words: `add column entry.subtitle`. */
export function describe(operation: Operation): string {
  switch (operation.type) {
    case 'createTable':
      return `create table ${operation.table.name}`
    case 'dropTable':
      return `drop table ${operation.table.name}`
    case 'renameTable':
      return `rename table ${operation.from} to ${operation.to}`
    case 'addColumn':
      return `add column ${operation.table}.${operation.column.name}`
    case 'dropColumn':
      return `drop column ${operation.table}.${operation.column.name}`
    case 'alterColumn':
      return `alter column ${operation.table}.${operation.to.name}`
    case 'renameColumn':
      return `rename column ${operation.table}.${operation.from} to ${operation.to}`
    case 'changePrimaryKey':
      return `change primary key of ${operation.table} to (${operation.to.join(', ')})`
    case 'addIndex':
      return `add index ${operation.index.name}`
    case 'dropIndex':
      return `drop index ${operation.index.name}`
    case 'addForeignKey':
      return `add foreign key ${operation.key.name}`
    case 'dropForeignKey':
      return `drop foreign key ${operation.key.name}`
    default:
      return 'run a data step'
  }
}
