// The rows of a query before or after a place in its order.
import type { Knex } from 'knex'
import { binding, clause, type Context, Parameter, type Step } from './clause.js'
import { checkComparable, group } from './conditions.js'
import type { Key, Place } from './cursor.js'
import type { TableDefinition } from './definition.js'
import { limitFor } from './plan.js'
import { SelectQuery } from './select.js'
import { selectScope } from './selection.js'
import { type Binding, type Dialect, stored } from './storage.js'
import { plain } from './value.js'

/** A row, and what its keys are: of most rows nobody asks. */
export interface Keyed<R> {
  readonly row: R
  values(this: void): Place['values']
}

/**
 * The columns that order a query's rows, completed by primary keys so that no two rows are equal.
 *
 * @throws TypeError for a column that can't be compared, and where there is no primary key
 */
export function keysOf<C, R>(query: SelectQuery<C, R>): readonly Key[] {
  const { session, plan } = SelectQuery.parts(query)
  if (plan.limit !== undefined || plan.offset !== undefined) {
    throw new TypeError('a paged query must come without limit and offset: page() has a size')
  }
  const { table, joins } = plan
  const several = joins.filter(({ table: other, right }) => !isKey(other, right))
  const ties = [table, ...several.map((join) => join.table)].flatMap(
    ({ name, primaryKey }, index) => {
      if (primaryKey.length === 0) {
        throw new TypeError(`${name} must have a primary key for page(), got none`)
      }
      const as = several[index - 1]?.as
      return as === undefined ? primaryKey : primaryKey.map((each) => `${as}.${each}`)
    },
  )
  const named = new Set(plan.order.map(({ name }) => name))
  // In the direction of the last column one index serves for all: its entries end with the primary key.
  const last = plan.order.at(-1)?.direction ?? 'asc'
  const missing = ties.filter((name) => !named.has(name)).map((name) => ({ name, direction: last }))
  const scope = selectScope(session.dialect, table, joins)
  return [...plan.order, ...missing].map(({ name, direction }) => {
    const { column, sql } = scope.find(name)
    checkComparable(column)
    return { name, direction, column, sql, nullable: column.nullable || name.includes('.') }
  })
}

function isKey({ columns, primaryKey }: TableDefinition, name: string): boolean {
  if (primaryKey.length === 1 && primaryKey[0] === name) return true
  return columns.some((column) => column.name === name && column.unique)
}

/** The rows at a place, the nearest to it first; without one from the start. */
export async function readKeyed<C, R>(
  query: SelectQuery<C, R>,
  keys: readonly Key[],
  place: Place | undefined,
  limit: number,
): Promise<readonly Keyed<R>[]> {
  const { session, plan } = SelectQuery.parts(query)
  const toward = place && place.way !== 'after' ? keys.map(reversed) : keys
  const added = keys
    .map(({ name }) => name)
    .filter((name) => !name.includes('.') && !plan.names.includes(name))
  const rows = await new SelectQuery<C, R & Record<string, unknown>>(session, {
    ...plan,
    names: added.length > 0 ? [...plan.names, ...added] : plan.names,
    order: toward,
    limit: limitFor(session.dialect, limit),
    conditions: place
      ? [() => group('where', plan.conditions), beyond(session.dialect, toward, place)]
      : plan.conditions,
  })
  const valuesOf = (row: R & Record<string, unknown>) =>
    keys.map(({ name, column }) => {
      const [as = '', own] = name.split('.')
      const value = own === undefined ? row[name] : joinedValue(row[as], own)
      return value === null ? null : plain(column, value)
    })
  if (added.length === 0) return rows.map((row) => ({ row, values: () => valuesOf(row) }))
  return rows.map((row) => {
    const values = valuesOf(row)
    for (const name of added) Reflect.deleteProperty(row, name)
    return { row, values: () => values }
  })
}

function joinedValue(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null ? Reflect.get(row, name) : null
}

function reversed(key: Key): Key {
  return { ...key, direction: key.direction === 'asc' ? 'desc' : 'asc' }
}

interface Beyond {
  readonly dialect: Dialect
  readonly keys: readonly Key[]
  readonly way: Place['way']
  readonly values: readonly (Parameter | null)[]
}

/** Rows that come later in the order than a place; with `until` also the one that is there. */
function beyond(dialect: Dialect, keys: readonly Key[], { way, values }: Place): Step {
  return () => {
    const parameters = keys.map(({ column }, index) => {
      const value = values[index] ?? null
      return value === null ? null : new Parameter(stored(dialect, column, value))
    })
    return clause(sayBeyond, { dialect, keys, way, values: parameters })
  }
}

function sayBeyond(builder: Knex.QueryBuilder, parts: Beyond, context: Context): void {
  const { dialect, keys, way, values } = parts
  const bound = keys.map(({ column }, index) => {
    const value = values[index] ?? null
    return value && binding(dialect, column, value, context)
  })
  const later = (inner: Knex.QueryBuilder, [key, ...rest]: readonly Key[]): void => {
    if (!key) return
    const value = bound[keys.indexOf(key)] ?? null
    inner.where((after) => isLater(after, key, value))
    if (rest.length === 0 && way !== 'until') return
    inner.orWhere((equal) => {
      void (value === null ? equal.whereNull(key.sql) : equal.where(key.sql, value))
      if (rest.length > 0) equal.where((deeper) => later(deeper, rest))
    })
  }
  const [key] = keys
  const value = bound[0] ?? null
  // Says the same of the first column alone: what the databases find an index by.
  if (key && value !== null && !(key.nullable && key.direction === 'desc')) {
    builder.where(key.sql, key.direction === 'asc' ? '>=' : '<=', value)
  }
  builder.where((inner) => later(inner, keys))
}

/** Nulls are the lowest values. */
function isLater(builder: Knex.QueryBuilder, key: Key, value: Binding): void {
  if (key.direction === 'asc') {
    void (value === null ? builder.whereNotNull(key.sql) : builder.where(key.sql, '>', value))
  } else if (value === null) {
    void builder.whereRaw('1 = 0')
  } else {
    builder.where(key.sql, '<', value)
    if (key.nullable) builder.orWhereNull(key.sql)
  }
}
