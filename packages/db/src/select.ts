// Reading rows: select, join, order, limit, first, count.
import type { Knex } from 'knex'
import { type Clause, type Context, Parameter, sayAll, type Step, withValues } from './clause.js'
import { findColumn } from './column.js'
import type { AnyTable, Row, TableDefinition, TableName } from './definition.js'
import { shown } from './errors.js'
import { checkName } from './names.js'
import { Query, RestrictedQuery } from './query.js'
import { type Join, type RawRow, rowReader, selectScope, selection } from './selection.js'
import type { Session } from './session.js'
import type { Dialect } from './storage.js'

type Prefixed<As extends string, R> = { [K in keyof R & string as `${As}.${K}`]: R[K] }
type Nullable<R> = { [K in keyof R]: R[K] | null }

/** The columns of `R` whose values can equal those of type `Value`. */
type Matching<R, Value> = {
  [K in keyof R & string]: NonNullable<R[K]> extends NonNullable<Value> ? K : never
}[keyof R & string]

interface JoinOptions<As extends string> {
  /** The joined rows' name, the table's own by default. */
  readonly as?: As
}

interface Order {
  readonly name: string
  readonly direction: 'asc' | 'desc'
}

interface Plan {
  readonly table: TableDefinition
  readonly names: readonly string[]
  readonly joins: readonly Join[]
  readonly conditions: readonly Step[]
  readonly order: readonly Order[]
  readonly limit?: Parameter
  readonly offset?: Parameter
}

/** A plan as it runs: its SQL depends on nothing else. */
interface Settled extends Omit<Plan, 'conditions'> {
  readonly dialect: Dialect
  readonly conditions: readonly Clause[]
}

/** A query for rows: `C` are the values that conditions compare with, `R` is a row. */
export class SelectQuery<C, R> extends RestrictedQuery<C, R[], SelectQuery<C, R>> {
  readonly #session: Session
  readonly #plan: Plan

  constructor(session: Session, plan: Plan) {
    super(session, selectScope(session.dialect, plan.table, plan.joins), { reads: true })
    this.#session = session
    this.#plan = plan
  }

  /** For this package's own `page`: others have the type of a query only. */
  static parts<C, R>(query: SelectQuery<C, R>): { readonly session: Session; readonly plan: Plan } {
    return { session: query.#session, plan: query.#plan }
  }

  /** Adds to each row the row of another table whose `otherColumn` equals this one's `column`. */
  join<T extends AnyTable, K extends keyof C & string, const As extends string = TableName<T>>(
    other: T,
    column: K,
    otherColumn: Matching<Row<T>, C[K]>,
    options: JoinOptions<As> = {},
  ): SelectQuery<C & Prefixed<As, Row<T>>, R & { [N in As]: Row<T> }> {
    return this.#joined('join', other, column, otherColumn, options.as)
  }

  /** As `join`, but keeps rows for which there is no other: they get null. */
  leftJoin<T extends AnyTable, K extends keyof C & string, const As extends string = TableName<T>>(
    other: T,
    column: K,
    otherColumn: Matching<Row<T>, C[K]>,
    options: JoinOptions<As> = {},
  ): SelectQuery<C & Prefixed<As, Nullable<Row<T>>>, R & { [N in As]: Row<T> | null }> {
    return this.#joined('leftJoin', other, column, otherColumn, options.as)
  }

  /** Nulls are the lowest values. Strings are in the order of their code points. */
  orderBy(column: keyof C & string, direction: 'asc' | 'desc' = 'asc'): SelectQuery<C, R> {
    if (direction !== 'asc' && direction !== 'desc') {
      throw new TypeError(`a direction must be 'asc' or 'desc', got ${shown(direction)}`)
    }
    this.scope.find(column)
    return this.#with({ order: [...this.#plan.order, { name: column, direction }] })
  }

  /** @throws RangeError unless it is a non-negative integer */
  limit(limit: number): SelectQuery<C, R> {
    return this.#with({ limit: new Parameter(checkCount('limit', limit)) })
  }

  /** @throws RangeError unless it is a non-negative integer */
  offset(offset: number): SelectQuery<C, R> {
    return this.#with({ offset: new Parameter(checkCount('offset', offset)) })
  }

  /** The first row, or undefined. */
  first(): Query<R | undefined> {
    const one = this.limit(1)
    return new Query(this.#session, {
      reads: true,
      build: (knex) => one.build(knex),
      execute: async (knex) => (await one.execute(knex))[0],
    })
  }

  /** How many rows meet the conditions. */
  count(): Query<number> {
    const { limit, offset } = this.#plan
    if (limit !== undefined || offset !== undefined) {
      throw new TypeError('count() must come without limit and offset: it counts all rows')
    }
    const build = (knex: Knex) => from(this.#settled(), withValues(knex)).count({ count: '*' })
    return new Query(this.#session, {
      reads: true,
      build,
      execute: async (knex) => {
        const rows: readonly { count: unknown }[] = await build(knex)
        return Number(rows[0]?.count)
      },
    })
  }

  protected restricted(...steps: readonly Step[]): SelectQuery<C, R> {
    return this.#with({ conditions: [...this.#plan.conditions, ...steps] })
  }

  protected build(knex: Knex): Knex.QueryBuilder {
    return buildSelect(this.#settled(), withValues(knex))
  }

  protected async execute(knex: Knex): Promise<R[]> {
    const plan = this.#settled()
    const rows = await this.#session.selects.run(knex, plan, {
      build: (context) => buildSelect(plan, context),
      reader: () => readerOf(plan),
    })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the plan and `R` are of one definition
    return rows as R[]
  }

  #settled(): Settled {
    const conditions = this.#plan.conditions.map((step) => step())
    return { ...this.#plan, dialect: this.#session.dialect, conditions }
  }

  #with(change: Partial<Plan>): SelectQuery<C, R> {
    return new SelectQuery(this.#session, { ...this.#plan, ...change })
  }

  #joined<C2, R2>(
    kind: Join['kind'],
    other: AnyTable,
    column: string,
    otherColumn: string,
    as: string = other.table.name,
  ): SelectQuery<C2, R2> {
    const { table, names, joins } = this.#plan
    checkName('the name of a join', as)
    const taken = [table.name, ...names, ...joins.map((join) => join.as)]
    if (taken.includes(as)) {
      throw new TypeError(
        `the join of ${other.table.name} must have a name of its own ({ as: '…' }), got '${as}', which the row has already`,
      )
    }
    findColumn(other.table, otherColumn)
    const join = {
      kind,
      table: other.table,
      as,
      left: this.scope.find(column).sql,
      right: otherColumn,
    }
    return new SelectQuery(this.#session, { ...this.#plan, joins: [...joins, join] })
  }
}

function readerOf({ dialect, table, names, joins }: Settled): (raw: RawRow) => unknown {
  return rowReader(dialect, selection(table, names, joins), joins)
}

/** Builds a select from its plan, and from nothing but its plan: see compiled.ts. */
function buildSelect(plan: Settled, context: Context): Knex.QueryBuilder {
  const { dialect, table, names, joins, order, limit, offset } = plan
  const { knex, valueOf } = context
  const builder = from(plan, context)
  for (const one of selection(table, names, joins)) builder.select(one.sql(dialect, knex))
  const scope = selectScope(dialect, table, joins)
  for (const { name, direction } of order) {
    const { column, sql } = scope.find(name)
    // PostgreSQL takes nulls for the highest values, the others for the lowest.
    const nullable = column.nullable || name.includes('.')
    const nullsLowest = dialect === 'postgres' && nullable
    const nulls = nullsLowest ? ` nulls ${direction === 'asc' ? 'first' : 'last'}` : ''
    builder.orderByRaw(`?? ${direction}${nulls}`, [sql])
  }
  if (limit !== undefined) builder.limit(Number(valueOf(limit)))
  if (offset !== undefined) builder.offset(Number(valueOf(offset)))
  return builder
}

function from({ table, joins, conditions }: Settled, context: Context): Knex.QueryBuilder {
  const builder: Knex.QueryBuilder = context.knex(table.name)
  for (const { kind, table: other, as, left, right } of joins) {
    builder[kind]({ [as]: other.name }, left, '=', `${as}.${right}`)
  }
  sayAll(builder, conditions, context)
  return builder
}

function checkCount(what: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`${what} must be a non-negative integer, got ${shown(value)}`)
}
