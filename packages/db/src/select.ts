// Reading rows: select, join, with, order, limit, first, count.
import type { Knex } from 'knex'
import { type Clause, type Context, Parameter, sayAll, type Step, withValues } from './clause.js'
import { findColumn } from './column.js'
import type { AnyTable, Row, TableName } from './definition.js'
import { shown } from './errors.js'
import { addRelated } from './links.js'
import { checkName } from './names.js'
import { limitedForEach } from './partition.js'
import { limitFor, ordering, type Plan } from './plan.js'
import { Query, RestrictedQuery } from './query.js'
import { type Join, type RawRow, rowReader, selectScope, selection } from './selection.js'
import type { Related, Relations } from './relations.js'
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

/** The columns of the table itself. */
type OwnNames<C> = Exclude<keyof C & string, `${string}.${string}`>

/** A plan as it runs: its SQL depends on nothing else. */
interface Settled extends Omit<Plan, 'conditions' | 'links'> {
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

  /**
   * Adds to each row the rows that belong to it over a reference, by one further query for each choice and
   * 2,000 rows: `many` those that refer to it, `one` the one that it refers to.
   *
   * @throws TypeError for a name that the row has already, and where there is no such reference
   * @example entry.select().with({ comments: many(comment.select(), 'entry') })
   */
  with<const Choice extends Relations<OwnNames<C>>>(
    choice: Choice & { readonly [N in OwnNames<C>]?: never },
  ): SelectQuery<C, R & Related<C, Choice>> {
    const { table, links = {} } = this.#plan
    const added = Object.entries(choice).map(([name, relation]) => {
      checkName('the name of a relation', name)
      this.#checkFree(
        'a relation',
        name,
        table.columns.map((column) => column.name),
      )
      if (relation?.kind !== 'many' && relation?.kind !== 'one') {
        throw new TypeError(
          `the relation ${name} must be what many() or one() gives, got ${shown(relation)}`,
        )
      }
      return [name, relation.link(this.#session, table)] as const
    })
    return new SelectQuery(this.#session, {
      ...this.#plan,
      links: { ...links, ...Object.fromEntries(added) },
    })
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
    return this.#with({ limit: limitFor(this.#session.dialect, checkCount('limit', limit)) })
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
    // Between two queries the row that another refers to may be deleted, and close() may be called.
    if (!this.#plan.links || this.#session.transactionNow) return this.#rows(knex)
    const session = this.#session
    return session.transaction(() => session.run((own) => this.#rows(own)), { snapshot: true })
  }

  async #rows(knex: Knex): Promise<R[]> {
    const { names, links } = this.#plan
    const plan = this.#settled()
    const found = await this.#session.selects.run(knex, plan, {
      build: (context) => buildSelect(plan, context),
      reader: () => readerOf(plan),
    })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the plan and `R` are of one definition
    const rows = found as (R & Record<string, unknown>)[]
    if (links) await addRelated(rows, links, names)
    return rows
  }

  #settled(): Settled {
    const { links, ...plan } = this.#plan
    // Others are found by columns that nobody may have asked for.
    const keys = Object.values(links ?? {}).map(({ key }) => key)
    const names = links ? [...new Set([...plan.names, ...keys])] : plan.names
    for (const { table, as } of plan.joins) {
      if (names.includes(as)) throw taken(`the join of ${table.name}`, as, otherName)
    }
    return {
      ...plan,
      dialect: this.#session.dialect,
      names,
      conditions: plan.conditions.map((step) => step()),
    }
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
    this.#checkFree(`the join of ${other.table.name}`, as, [table.name, ...names], otherName)
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

  #checkFree(what: string, name: string, own: readonly string[], how = ''): void {
    const { joins, links = {} } = this.#plan
    const all = [...own, ...joins.map((join) => join.as), ...Object.keys(links)]
    if (all.includes(name)) throw taken(what, name, how)
  }
}

function readerOf({ dialect, table, names, joins }: Settled): (raw: RawRow) => unknown {
  return rowReader(dialect, selection(table, names, joins), joins)
}

/** Builds a select from its plan, and from nothing but its plan: see compiled.ts. */
function buildSelect(plan: Settled, context: Context): Knex.QueryBuilder {
  const { dialect, table, names, joins, limit, offset, each } = plan
  const { knex, valueOf } = context
  const builder = from(plan, context)
  for (const one of selection(table, names, joins)) builder.select(one.sql(dialect, knex))
  const scope = selectScope(dialect, table, joins)
  const order = plan.order.map((one) => ordering(knex, scope, one))
  if (each !== undefined) {
    return limitedForEach(builder, { each: scope.find(each).sql, order, limit, offset }, context)
  }
  for (const raw of order) builder.orderByRaw(raw)
  if (typeof limit === 'number') builder.limit(limit, { skipBinding: true })
  else if (limit !== undefined) builder.limit(Number(valueOf(limit)))
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

/** How a join gets another name. */
const otherName = " ({ as: '…' })"

function taken(what: string, name: string, how: string): TypeError {
  return new TypeError(
    `${what} must have a name of its own${how}, got '${name}', which the row has already`,
  )
}

function checkCount(what: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`${what} must be a non-negative integer, got ${shown(value)}`)
}
