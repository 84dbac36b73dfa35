// The conditions of a query: each is one group of SQL in parentheses, its values checked and
// converted by their columns.
import type { Knex } from 'knex'
import type { ColumnDefinition } from './column.js'
import { shown } from './errors.js'
import { type Binding, bound, type Dialect, mostValues } from './storage.js'
import { plain } from './value.js'

const operators = ['=', '!=', '<', '<=', '>', '>=', 'like'] as const
export type Operator = (typeof operators)[number]
/** `like` is for strings; at run time it also tells a `date` and a `uuid` from text. */
type OperatorFor<Value> = NonNullable<Value> extends string ? Operator : Exclude<Operator, 'like'>

/** The columns that a query's names stand for: its table's own, and `author.name` of joined ones. */
export interface Scope {
  readonly dialect: Dialect
  /** @throws TypeError for an unknown name, saying which there are */
  find(name: string): { readonly column: ColumnDefinition; readonly sql: string }
}

/** Something done to a builder when the query is built. */
export type Step = (builder: Knex.QueryBuilder, knex: Knex) => void

/** `where` in its forms: an object, a group, a column with a value, or with an operator between. */
export type Condition<C> =
  | readonly [conditions: Partial<C> | ((group: Group<C>) => Group<C>)]
  | readonly [column: string, value: unknown]
  | readonly [column: string, operator: Operator, value: unknown]

/** The ways to say which rows. A value of null stands for IS NULL. */
export abstract class Conditions<C, Self> {
  protected readonly scope: Scope

  constructor(scope: Scope) {
    this.scope = scope
  }

  /** This query with these further conditions. */
  protected abstract restricted(...steps: readonly Step[]): Self

  /** Rows for which the condition holds, and all the others given. */
  where(conditions: Partial<C> | ((group: Group<C>) => Group<C>)): Self
  where<K extends keyof C & string>(column: K, value: C[K]): Self
  where<K extends keyof C & string>(column: K, operator: OperatorFor<C[K]>, value: C[K]): Self
  where(...condition: Condition<C>): Self {
    return this.#add('where', condition)
  }

  /** Rows for which the conditions so far hold, or else this one does. */
  orWhere(conditions: Partial<C> | ((group: Group<C>) => Group<C>)): Self
  orWhere<K extends keyof C & string>(column: K, value: C[K]): Self
  orWhere<K extends keyof C & string>(column: K, operator: OperatorFor<C[K]>, value: C[K]): Self
  orWhere(...condition: Condition<C>): Self {
    return this.#add('orWhere', condition)
  }

  /** Rows for which the condition is false. As in SQL, a null is neither equal nor unequal. */
  whereNot(conditions: Partial<C> | ((group: Group<C>) => Group<C>)): Self
  whereNot<K extends keyof C & string>(column: K, value: C[K]): Self
  whereNot<K extends keyof C & string>(column: K, operator: OperatorFor<C[K]>, value: C[K]): Self
  whereNot(...condition: Condition<C>): Self {
    return this.#add('whereNot', condition)
  }

  /**
   * Rows whose column has one of the values; no values, no rows.
   *
   * @throws RangeError for more than 30,000 values
   */
  whereIn<K extends keyof C & string>(column: K, values: readonly NonNullable<C[K]>[]): Self {
    const { scope } = this
    const found = scope.find(column)
    checkComparable(found.column)
    if (values.length > mostValues) {
      throw new RangeError(
        `the values of ${column} must be at most ${mostValues}, got ${values.length}`,
      )
    }
    return this.restricted((builder, knex) => {
      const bindings = values.flatMap((value) => equal(scope, knex, found.column, value) ?? [])
      builder.whereIn(found.sql, bindings)
    })
  }

  whereNull(column: keyof C & string): Self {
    const { sql } = this.scope.find(column)
    return this.restricted((builder) => void builder.whereNull(sql))
  }

  whereNotNull(column: keyof C & string): Self {
    const { sql } = this.scope.find(column)
    return this.restricted((builder) => void builder.whereNotNull(sql))
  }

  #add(method: 'where' | 'orWhere' | 'whereNot', condition: Condition<C>): Self {
    const steps = stepsOf(this.scope, condition)
    if (steps.length === 0) return this.restricted()
    return this.restricted((builder, knex) => {
      builder[method]((group) => {
        for (const step of steps) step(group, knex)
      })
    })
  }
}

/** The conditions in parentheses, or an `or` among them would let out of what follows. */
export function grouped(steps: readonly Step[]): Step {
  return (builder, knex) =>
    void builder.where((group) => {
      for (const step of steps) step(group, knex)
    })
}

/** Conditions in parentheses: what `where((group) => …)` is given. */
export class Group<C> extends Conditions<C, Group<C>> {
  readonly steps: readonly Step[]

  constructor(scope: Scope, steps: readonly Step[] = []) {
    super(scope)
    this.steps = steps
  }

  protected restricted(...steps: readonly Step[]): Group<C> {
    return new Group(this.scope, [...this.steps, ...steps])
  }
}

function stepsOf<C>(scope: Scope, condition: Condition<C>): readonly Step[] {
  const [first] = condition
  if (typeof first === 'function') return first(new Group<C>(scope)).steps
  if (typeof first === 'string') {
    const [, operator, value] = condition.length === 3 ? condition : [first, '=', condition[1]]
    return [comparison(scope, first, operator, value)]
  }
  if (typeof first !== 'object' || first === null) {
    throw new TypeError(
      `a condition must be a column's name, an object or a function, got ${shown(first)}`,
    )
  }
  return Object.entries(first).map(([name, value]) => comparison(scope, name, '=', value))
}

function comparison(scope: Scope, name: string, operator: unknown, value: unknown): Step {
  const { column, sql } = scope.find(name)
  if (!isOperator(operator)) {
    throw new TypeError(`an operator must be one of ${operators.join(' ')}, got ${shown(operator)}`)
  }
  if (value === null) {
    if (operator === '=') return (builder) => void builder.whereNull(sql)
    if (operator === '!=') return (builder) => void builder.whereNotNull(sql)
    throw new TypeError(`the value of ${name} ${operator} must not be null: only = and != take it`)
  }
  checkComparable(column)
  if (operator === 'like') return like(scope.dialect, column, sql, value)
  if (operator === '=' || operator === '!=') {
    return (builder, knex) => {
      const binding = equal(scope, knex, column, value)
      if (binding !== undefined) builder.where(sql, operator, binding)
      // False, but for a null neither true nor false, so that `whereNot` leaves it out as ever.
      else if (operator === '=') builder.whereRaw('?? <> ??', [sql, sql])
      else builder.whereNotNull(sql)
    }
  }
  return (builder, knex) =>
    void builder.where(sql, operator, bound(scope.dialect, knex, column, plain(column, value)))
}

/** @throws TypeError for a column of JSON */
export function checkComparable(column: ColumnDefinition): void {
  if (column.kind !== 'json') return
  throw new TypeError(`${column.table}.${column.name} must not be compared: JSON has no one form`)
}

function isOperator(value: unknown): value is Operator {
  return operators.some((operator) => operator === value)
}

function like(dialect: Dialect, column: ColumnDefinition, sql: string, pattern: unknown): Step {
  if (column.kind !== 'string' && column.kind !== 'text') {
    throw new TypeError(
      `${column.table}.${column.name} must be a string() or text() for like, it is a ${column.kind}()`,
    )
  }
  // A pattern may be longer than what it finds. SQLite alone knows no escape unless it is told. A last
  // backslash that escapes nothing stands for itself: PostgreSQL would throw, SQLite find nothing.
  const text = String(plain({ ...column, kind: 'text' }, pattern)).replace(
    /(?<!\\)(?:\\\\)*\\$/,
    '$&\\',
  )
  const escape = dialect === 'sqlite' ? " escape '\\'" : ''
  return (builder) => void builder.whereRaw(`?? like ?${escape}`, [sql, text])
}

/**
 * What to bind to ask for equality; undefined if the column could not hold the value. Such a value
 * equals no row's: `/items/99999999999/` is not found, it is not a failure.
 */
function equal(
  scope: Scope,
  knex: Knex,
  column: ColumnDefinition,
  value: unknown,
): Binding | undefined {
  try {
    return bound(scope.dialect, knex, column, plain(column, value))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
