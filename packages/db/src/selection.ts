// What a select gives: its columns and those of joined tables, under aliases that can't collide.
import type { Knex } from 'knex'
import { type ColumnDefinition, findColumn } from './column.js'
import type { Scope } from './conditions.js'
import type { TableDefinition } from './definition.js'
import { shown } from './errors.js'
import { type Dialect, loaderOf, type Raw, selected } from './storage.js'

export interface Join {
  readonly kind: 'join' | 'leftJoin'
  readonly table: TableDefinition
  /** The joined rows' name, in the row and in conditions. */
  readonly as: string
  readonly left: string
  readonly right: string
}

/** A selected column, and the key under which the driver gives it. */
export interface SelectedColumn {
  readonly column: ColumnDefinition
  readonly key: string
  /** The join that it comes from; undefined for the table's own. */
  readonly join: Join | undefined
  sql(dialect: Dialect, knex: Knex): Knex.Raw
}

export function selection(
  table: TableDefinition,
  names: readonly string[],
  joins: readonly Join[],
): readonly SelectedColumn[] {
  const own = names.map((name) => ({ column: findColumn(table, name), join: undefined }))
  const joined = joins.flatMap((join) => join.table.columns.map((column) => ({ column, join })))
  return [...own, ...joined].map(({ column, join }, position) => {
    // A column's name starts with a letter, so a number's alias is nobody's name.
    const key = join ? `_${position}` : column.name
    const from = join?.as ?? table.name
    return { column, key, join, sql: (dialect, knex) => selected(dialect, knex, column, from, key) }
  })
}

/** A row as a driver gives it. */
export type RawRow = Readonly<Record<string, Raw>>

/** Makes rows of the query from rows of the driver. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the query knows its rows' type
export function rowReader<R>(
  dialect: Dialect,
  columns: readonly SelectedColumn[],
  joins: readonly Join[],
): (raw: RawRow) => R {
  const read = partReader(dialect, columns, undefined)
  const joined = joins.map((join) => ({
    as: join.as,
    keys: columns.filter((one) => one.join === join).map(({ key }) => key),
    read: partReader(dialect, columns, join),
  }))
  return (raw) => {
    const row = read(raw)
    for (const part of joined) {
      row[part.as] = part.keys.every((key) => raw[key] === null) ? null : part.read(raw)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `columns` and `R` are of one definition
    return row as R
  }
}

/** Reads the columns of one join, or the table's own. */
function partReader(
  dialect: Dialect,
  columns: readonly SelectedColumn[],
  join: Join | undefined,
): (raw: RawRow) => Record<string, unknown> {
  const parts = columns
    .filter((one) => one.join === join)
    .map(({ column, key }) => ({ name: column.name, key, load: loaderOf(dialect, column) }))
  return (raw) => {
    const row: Record<string, unknown> = {}
    for (const { name, key, load } of parts) {
      const value = raw[key] ?? null
      row[name] = value !== null && load ? load(value) : value
    }
    return row
  }
}

/** Own columns by their names, joined ones as `author.name`. */
export function selectScope(
  dialect: Dialect,
  table: TableDefinition,
  joins: readonly Join[],
): Scope {
  return {
    dialect,
    find(name) {
      const [as, columnName, ...rest] = name.split('.')
      if (columnName === undefined) {
        return { column: findColumn(table, name), sql: `${table.name}.${name}` }
      }
      const join = joins.find((one) => one.as === as)
      if (!join || rest.length > 0) {
        const known = joins.map((one) => one.as).join(', ') || 'none'
        throw new TypeError(`the table of ${shown(name)} must be a joined one (${known})`)
      }
      return { column: findColumn(join.table, columnName), sql: name }
    },
  }
}
