// A table's definition as data, and the types of its rows. What migrations, forms and admin read.
import { Column, type ColumnDefinition } from './column.js'
import { shown } from './errors.js'
import { checkName, indexName } from './names.js'
import { checkTable } from './rules.js'
import { defaultValue, plain } from './value.js'

// oxlint-disable-next-line typescript/no-explicit-any -- any value and any kind
export type Columns = Readonly<Record<string, Column<any, boolean, any>>>

export interface Index {
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
}

/** A table as data: its columns in order, its keys and indexes. */
export interface TableDefinition<Name extends string = string, C extends Columns = Columns> {
  readonly name: Name
  /** The name that it had before. */
  readonly was?: string
  readonly columns: readonly ColumnDefinition[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly Index[]
  /** Exists for types only. */
  readonly types?: C
}

/** Whatever `db.table` gave. */
export interface AnyTable {
  readonly table: TableDefinition
}

export type TableName<T extends AnyTable> = T['table']['name']
export type ColumnsOf<T extends AnyTable> = NonNullable<T['table']['types']>

export type ValueOf<C> = C extends Column<infer Value, boolean> ? Value : never
type KindOf<C> = C extends Column<unknown, boolean, infer K> ? K : never
type OptionalNames<C extends Columns> = {
  [N in keyof C]: C[N]['optional'] extends true ? N : never
}[keyof C]

/** Written out, so that compile errors name columns and not helper types. */
type Flat<T> = { [N in keyof T]: T[N] }

export type RowOf<C extends Columns> = { -readonly [N in keyof C]: ValueOf<C[N]> }
export type InsertOf<C extends Columns> = Flat<
  { [N in Exclude<keyof C, OptionalNames<C>>]: ValueOf<C[N]> } & {
    [N in OptionalNames<C>]?: ValueOf<C[N]>
  }
>
export type UpdateOf<C extends Columns> = { [N in keyof C]?: ValueOf<C[N]> }

/** The columns that `increment` takes. */
export type NumericNames<C extends Columns> = {
  [N in keyof C]: KindOf<C[N]> extends 'integer' | 'bigInteger' | 'float' | 'decimal' ? N : never
}[keyof C]

/** A table's columns, as its own properties. */
export type TableColumns<C extends Columns> = {
  readonly [N in keyof C]: ColumnDefinition<ValueOf<C[N]>, KindOf<C[N]>>
}

/** The row that a table's queries give: `Row<typeof entry>`. */
export type Row<T extends AnyTable> = RowOf<ColumnsOf<T>>
/** What a table's insert takes: columns that have a default, are nullable or count up may be left out. */
export type Insert<T extends AnyTable> = InsertOf<ColumnsOf<T>>
/** What a table's update takes. */
export type Update<T extends AnyTable> = UpdateOf<ColumnsOf<T>>

/** The names that a table's queries and definition have: no column may hide them. */
export const reservedNames = ['insert', 'select', 'update', 'delete', 'knex', 'table'] as const
export type ReservedName = (typeof reservedNames)[number]

/** What a table may be told beside its columns. */
export interface TableOptions {
  /**
   * The name that the table had before, so that a migration renames it and keeps its rows. It may stay in
   * the model when that is done.
   */
  readonly was?: string
}

/** @throws TypeError for names, keys, indexes and defaults that a table can't have */
export function defineTable<const Name extends string, C extends Columns>(
  name: Name,
  columns: C,
  options: TableOptions = {},
): TableDefinition<Name, C> {
  checkName('a table name', name)
  const definitions = Object.entries(columns).map(([columnName, column]) => {
    checkName(`a column name of ${name}`, columnName)
    if ((reservedNames as readonly string[]).includes(columnName)) {
      throw new TypeError(
        `a column name of ${name} must not be one of ${reservedNames.join(', ')}, got '${columnName}'`,
      )
    }
    if (!(column instanceof Column)) {
      throw new TypeError(
        `${name}.${columnName} must be a column like string(100), got ${shown(column)}`,
      )
    }
    return Object.freeze({ ...column.definition, table: name, name: columnName })
  })
  const primary = definitions.filter((column) => column.primary)
  const indexes = definitions
    .filter((column) => column.index || column.unique)
    .map(({ name: column, unique }) => ({
      name: indexName(name, [column], unique),
      columns: [column],
      unique,
    }))
  const primaryKey = primary.map((column) => column.name)
  const table = { name, ...options, columns: definitions, primaryKey, indexes }
  checkTable(table)
  for (const column of definitions) checkColumn(column, definitions)
  return table
}

/** The columns that a query names, or all. */
export function named({ columns }: TableDefinition, names: readonly string[]): readonly string[] {
  return names.length > 0 ? names : columns.map(({ name }) => name)
}

function checkColumn(column: ColumnDefinition, all: readonly ColumnDefinition[]): void {
  const full = `${column.table}.${column.name}`
  if (column.references?.onDelete === 'set null' && !column.nullable) {
    throw new TypeError(`${full} must be nullable to have onDelete 'set null'`)
  }
  if (column.default !== undefined) plain(column, defaultValue(column))
  if (column.was !== undefined) {
    checkOldName(`the old name of ${full}`, column.was, all)
    const twin = all.find((other) => other !== column && other.was === column.was)
    if (twin) {
      throw new TypeError(
        `the old name ${column.was} must be that of one column of ${column.table}, got ${column.name} and ${twin.name}`,
      )
    }
  }
}

/** @throws TypeError for an old name that something still has */
export function checkOldName(
  what: string,
  was: string,
  all: readonly { readonly name: string }[],
): void {
  checkName(what, was)
  const holder = all.find(({ name }) => name.toLowerCase() === was.toLowerCase())
  if (holder) {
    throw new TypeError(`${what} must not be in the model any more, got ${shown(was)}`)
  }
}
