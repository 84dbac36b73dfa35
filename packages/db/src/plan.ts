// What a select is made of, as data.
import type { Knex } from 'knex'
import { Parameter, type Step } from './clause.js'
import type { Scope } from './conditions.js'
import type { TableDefinition } from './definition.js'
import type { Link } from './links.js'
import type { Join } from './selection.js'
import type { Dialect } from './storage.js'

export interface Order {
  readonly name: string
  readonly direction: 'asc' | 'desc'
}

export interface Plan {
  readonly table: TableDefinition
  readonly names: readonly string[]
  readonly joins: readonly Join[]
  readonly conditions: readonly Step[]
  readonly order: readonly Order[]
  /** A number where it is part of the SQL. */
  readonly limit?: Parameter | number
  readonly offset?: Parameter
  /** What is loaded with the rows, by the names that it gets in them. */
  readonly links?: Readonly<Record<string, Link>>
  /** The column for each of whose values limit and offset hold. */
  readonly each?: string
}

/** SQLite plans a statement anew whenever its limit is bound, which takes longer than many a query. */
export function limitFor(dialect: Dialect, limit: number): Parameter | number {
  return dialect === 'sqlite' ? limit : new Parameter(limit)
}

export function ordering(knex: Knex, scope: Scope, { name, direction }: Order): Knex.Raw {
  const { column, sql } = scope.find(name)
  // PostgreSQL takes nulls for the highest values, the others for the lowest.
  const nullable = column.nullable || name.includes('.')
  const nullsLowest = scope.dialect === 'postgres' && nullable
  const nulls = nullsLowest ? ` nulls ${direction === 'asc' ? 'first' : 'last'}` : ''
  return knex.raw(`?? ${direction}${nulls}`, [sql])
}
