// A table: its columns as its own properties, and the queries that start from it.
import type { Knex } from 'knex'
import { DeleteQuery, UpdateQuery } from './change.js'
import {
  type Columns,
  type InsertOf,
  type NumericNames,
  type RowOf,
  type TableColumns,
  type TableDefinition,
  type UpdateOf,
} from './definition.js'
import { shown } from './errors.js'
import { InsertQuery } from './insert.js'
import { SelectQuery } from './select.js'
import type { Session } from './session.js'

/** The queries of a table, and its definition. */
export interface TableQueries<Name extends string, C extends Columns> {
  /** The definition as data. */
  readonly table: TableDefinition<Name, C>
  /** The untyped Knex builder of the table, in the caller's transaction. */
  readonly knex: Knex.QueryBuilder
  /** Inserts a row, or several: all or none. Gives what was inserted, defaults included. */
  insert(rows: readonly InsertOf<C>[]): InsertQuery<RowOf<C>, true>
  // The last overload is the one that a compile error explains.
  insert(row: InsertOf<C>): InsertQuery<RowOf<C>, false>
  /** Selects the named columns, or all. */
  select<K extends keyof C & string>(...columns: K[]): SelectQuery<RowOf<C>, Pick<RowOf<C>, K>>
  /** Sets columns; what is undefined stays as it is. */
  update(values?: UpdateOf<C>): UpdateQuery<RowOf<C>, NumericNames<C>>
  delete(): DeleteQuery<RowOf<C>>
}

export type Table<Name extends string, C extends Columns> = TableColumns<C> & TableQueries<Name, C>

/** The table of a definition. */
export function makeTable<Name extends string, C extends Columns>(
  session: Session,
  table: TableDefinition<Name, C>,
): Table<Name, C> {
  const all = table.columns.map((column) => column.name)
  for (const fixed of [table, all, ...table.columns]) session.selects.fix(fixed)
  const columns = Object.fromEntries(table.columns.map((column) => [column.name, column]))
  const queries = {
    table,
    get knex(): Knex.QueryBuilder {
      return session.executor()(table.name)
    },
    insert: (given: Readonly<Record<string, unknown>>) =>
      new InsertQuery(session, table, given, all),
    select: (...names: string[]) =>
      new SelectQuery(session, {
        table,
        names: names.length > 0 ? names : all,
        joins: [],
        conditions: [],
        order: [],
      }),
    update: (values: unknown = {}) => {
      if (typeof values !== 'object' || values === null) {
        throw new TypeError(
          `the values of an update of ${table.name} must be an object, got ${shown(values)}`,
        )
      }
      const given = Object.entries(values).filter(([, value]) => value !== undefined)
      const changes = Object.fromEntries(given.map(([name, value]) => [name, { value }]))
      return new UpdateQuery(session, { table, conditions: [], all: false, changes })
    },
    delete: () => new DeleteQuery(session, { table, conditions: [], all: false }),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the queries check the definition when they run, their types say the same
  return Object.defineProperties(
    columns,
    Object.getOwnPropertyDescriptors(queries),
  ) as unknown as Table<Name, C>
}
