// What a select gives: its columns and those of joined tables, under aliases that can't collide.
import type { Knex } from 'knex'
import { type ColumnDefinition, findColumn } from './column.js'
import type { Scope } from './conditions.js'
import type { TableDefinition } from './definition.js'
import { shown } from './errors.js'
import { type Dialect, loaded, type Raw, selected } from './storage.js'

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

/** A row of the query from a row of the driver. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the query knows its rows' type
export function readRow<R>(
  dialect: Dialect,
  columns: readonly SelectedColumn[],
  joins: readonly Join[],
  raw: RawRow,
): R {
  const row: Record<string, unknown> = {}
  for (const { column, key, join } of columns) {
    if (!join) row[column.name] = loaded(dialect, column, raw[key] ?? null)
  }
  for (const join of joins) {
    const own = columns.filter((one) => one.join === join)
    row[join.as] = own.every(({ key }) => raw[key] === null)
      ? null
      : Object.fromEntries(
          own.map(({ column, key }) => [column.name, loaded(dialect, column, raw[key] ?? null)]),
        )
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `columns` and `R` are of one definition
  return row as R
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
