// The conditions of a query: each is one group of SQL in parentheses, its values checked and
// converted by their columns.
import type { Knex } from 'knex'
import {
  binding,
  type Clause,
  clause,
  type Context,
  Parameter,
  sayAll,
  type Step,
} from './clause.js'
import type { ColumnDefinition } from './column.js'
import { shown } from './errors.js'
import { type Dialect, mostValues, stored } from './storage.js'
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
    const { dialect } = scope
    return this.restricted(() => {
      const equals = values.flatMap((value) => equal(dialect, found.column, value) ?? [])
      return clause(sayIn, { dialect, ...found, values: equals })
    })
  }

  whereNull(column: keyof C & string): Self {
    const { sql } = this.scope.find(column)
    return this.restricted(() => clause(sayNull, sql))
  }

  whereNotNull(column: keyof C & string): Self {
    const { sql } = this.scope.find(column)
    return this.restricted(() => clause(sayNotNull, sql))
  }

  #add(method: 'where' | 'orWhere' | 'whereNot', condition: Condition<C>): Self {
    const steps = stepsOf(this.scope, condition)
    if (steps.length === 0) return this.restricted()
    return this.restricted(() => group(method, steps))
  }
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
    if (operator === '=') return () => clause(sayNull, sql)
    if (operator === '!=') return () => clause(sayNotNull, sql)
    throw new TypeError(`the value of ${name} ${operator} must not be null: only = and != take it`)
  }
  checkComparable(column)
  const { dialect } = scope
  if (operator === 'like') return like(dialect, column, sql, value)
  if (operator === '=' || operator === '!=') {
    return () => {
      const other = equal(dialect, column, value)
      if (other) return clause(sayCompared, { dialect, column, sql, operator, other })
      return operator === '=' ? clause(sayUnequal, sql) : clause(sayNotNull, sql)
    }
  }
  return () => {
    const other = parameter(dialect, column, value)
    if (!other) return clause(sayUnequal, sql)
    return clause(sayCompared, { dialect, column, sql, operator, other })
  }
}

/** Conditions in parentheses. */
export function group(method: 'where' | 'orWhere' | 'whereNot', steps: readonly Step[]): Clause {
  return clause(sayGroup, { method, clauses: steps.map((step) => step()) })
}

function sayGroup(
  builder: Knex.QueryBuilder,
  parts: { readonly method: 'where' | 'orWhere' | 'whereNot'; readonly clauses: readonly Clause[] },
  context: Context,
): void {
  builder[parts.method]((inner) => sayAll(inner, parts.clauses, context))
}

interface Comparison {
  readonly dialect: Dialect
  readonly column: ColumnDefinition
  readonly sql: string
  readonly operator: Operator
  readonly other: Parameter
}

function sayCompared(builder: Knex.QueryBuilder, parts: Comparison, context: Context): void {
  const { dialect, column, sql, operator, other } = parts
  builder.where(sql, operator, binding(dialect, column, other, context))
}

interface OneOf extends Pick<Comparison, 'dialect' | 'column' | 'sql'> {
  readonly values: readonly Parameter[]
}

function sayIn(
  builder: Knex.QueryBuilder,
  { dialect, column, sql, values }: OneOf,
  context: Context,
): void {
  const bindings = values.map((value) => binding(dialect, column, value, context))
  builder.whereIn(sql, bindings)
}

function sayNull(builder: Knex.QueryBuilder, sql: string): void {
  builder.whereNull(sql)
}

function sayNotNull(builder: Knex.QueryBuilder, sql: string): void {
  builder.whereNotNull(sql)
}

/** False, but for a null neither true nor false, so that `whereNot` leaves it out as ever. */
function sayUnequal(builder: Knex.QueryBuilder, sql: string): void {
  builder.whereRaw('?? <> ??', [sql, sql])
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
  const pieces = { sql, escape: dialect === 'sqlite' ? " escape '\\'" : '' }
  return () => clause(sayLike, { ...pieces, pattern: new Parameter(text) })
}

function sayLike(
  builder: Knex.QueryBuilder,
  parts: { readonly sql: string; readonly escape: string; readonly pattern: Parameter },
  { valueOf }: Context,
): void {
  builder.whereRaw(`?? like ?${parts.escape}`, [parts.sql, valueOf(parts.pattern)])
}

/** Undefined for null, to which nothing compares. @throws TypeError, RangeError for no value of the column */
function parameter(
  dialect: Dialect,
  column: ColumnDefinition,
  value: unknown,
): Parameter | undefined {
  const form = plain(column, value)
  return form === null ? undefined : new Parameter(stored(dialect, column, form))
}

/**
 * What to bind to ask for equality; undefined if the column could not hold the value. Such a value
 * equals no row's: `/items/99999999999/` is not found, it is not a failure.
 */
function equal(dialect: Dialect, column: ColumnDefinition, value: unknown): Parameter | undefined {
  try {
    return parameter(dialect, column, value)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
