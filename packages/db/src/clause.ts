// A part of a query as data: what it says to a builder, and with which parts. So a query's SQL depends on nothing
// but data, by which it can be known again; see compiled.ts.
import type { Knex } from 'knex'
import type { ColumnState } from './column.js'
import { type Binding, cast, type Dialect, type Stored } from './storage.js'

/** A value that is bound: a query says the same with another. */
export class Parameter {
  readonly value: Stored

  constructor(value: Stored) {
    this.value = value
  }
}

/** What a query is built with. */
export interface Context {
  readonly knex: Knex
  /** What stands for a parameter. */
  valueOf(this: void, parameter: Parameter): Stored
}

/** With the values themselves. */
export function withValues(knex: Knex): Context {
  return { knex, valueOf: ({ value }) => value }
}

export interface Clause<Parts = unknown> {
  readonly parts: Parts
  /** Says it to a builder. It must not look at anything but its parts, and at no value of a parameter. */
  say(this: void, builder: Knex.QueryBuilder, parts: Parts, context: Context): void
}

/** Makes a clause, or throws for a value that its column can't be compared with. */
export type Step = () => Clause

export function clause<Parts>(say: Clause<Parts>['say'], parts: Parts): Clause {
  return { say, parts } satisfies Clause<Parts>
}

export function sayAll(
  builder: Knex.QueryBuilder,
  clauses: readonly Clause[],
  context: Context,
): void {
  for (const { say, parts } of clauses) say(builder, parts, context)
}

/** What is bound for a parameter that is compared with a column. */
export function binding(
  dialect: Dialect,
  column: ColumnState,
  parameter: Parameter,
  { knex, valueOf }: Context,
): Exclude<Binding, null> {
  return cast(dialect, knex, column, valueOf(parameter))
}
