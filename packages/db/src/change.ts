// Changing and deleting rows. Both give the number of rows that met the conditions, changed or not,
// on every database; without a condition they want `all()`.
import type { Knex } from 'knex'
import { sayAll, type Step, withValues } from './clause.js'
import { findColumn } from './column.js'
import { named, type TableDefinition } from './definition.js'
import { writing } from './foreign-key.js'
import { type Sign, sum, sumError, unit } from './increment.js'
import { Query, RestrictedQuery } from './query.js'
import { type RawRow, rowReader, selection, selectScope } from './selection.js'
import type { Session } from './session.js'
import { type Binding, bound, loaded } from './storage.js'
import { plain } from './value.js'

interface Plan {
  readonly table: TableDefinition
  readonly conditions: readonly Step[]
  readonly all: boolean
  /** What each column is set to, or what is added to it. Absent for a delete. */
  readonly changes?: Changes
}

type Changes = Readonly<Record<string, Change>>

interface Change {
  readonly value: unknown
  /** Whether the value is added or taken away. */
  readonly sign?: Sign
}

abstract class ChangeQuery<R, Self> extends RestrictedQuery<R, number, Self> {
  protected readonly session: Session
  protected readonly plan: Plan

  constructor(session: Session, plan: Plan) {
    super(session, selectScope(session.dialect, plan.table, []))
    this.session = session
    this.plan = plan
  }

  protected abstract with(change: Partial<Plan>): Self

  /** Says that every row is meant. */
  all(): Self {
    return this.with({ all: true })
  }

  /** Gives these columns of the rows, or all, as they are after an update and were before a delete. */
  returning<K extends keyof R & string>(...given: K[]): Query<Pick<R, K>[]> {
    const { table } = this.plan
    const names = named(table, given)
    const columns = selection(table, names, [])
    const readOne = rowReader<Pick<R, K>>(this.session.dialect, columns, [])
    const read = (rows: readonly RawRow[]) => rows.map(readOne)
    const build = (knex: Knex) =>
      this.build(knex).returning(
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Knex's types know names only, its compiler raw expressions too
        columns.map((one) => one.sql(this.session.dialect, knex)) as unknown as string[],
      )
    return new Query(this.session, {
      build,
      execute: async (knex) =>
        this.#lacksReturning()
          ? this.#emulate(names, read)
          : read(await this.#writing(knex, build(knex))),
    })
  }

  protected restricted(...steps: readonly Step[]): Self {
    return this.with({ conditions: [...this.plan.conditions, ...steps] })
  }

  protected build(knex: Knex): Knex.QueryBuilder {
    const { table, changes, all, conditions } = this.plan
    const what = changes ? 'an update' : 'a delete'
    if (conditions.length === 0 && !all) {
      throw new TypeError(`${what} of ${table.name} must have a condition, or all() for every row`)
    }
    const builder = this.#matching(knex)
    if (!changes) return builder.delete()
    if (Object.keys(changes).length === 0) {
      throw new TypeError(`an update of ${table.name} must set a column, got none`)
    }
    return builder.update(this.#values(knex, changes))
  }

  protected async execute(knex: Knex): Promise<number> {
    return Number(await this.#writing(knex, this.build(knex)))
  }

  #values(knex: Knex, changes: Changes): Record<string, Binding> {
    const { dialect } = this.session
    return Object.fromEntries(
      Object.entries(changes).map(([name, { value, sign }]) => {
        const column = findColumn(this.plan.table, name)
        const binding = bound(dialect, knex, column, plain(column, value))
        return [name, sign ? sum(dialect, knex, column, sign, binding) : binding]
      }),
    )
  }

  async #writing<Answer>(knex: Knex, statement: PromiseLike<Answer>): Promise<Answer> {
    const { table, changes = {} } = this.plan
    const values = this.plan.changes ? [this.#values(knex, changes)] : []
    const matching = () => this.#matching(knex)
    try {
      return await writing(this.session, knex, { table, values, matching }, statement)
    } catch (error) {
      const sums = Object.keys(changes).filter((name) => changes[name]?.sign)
      throw sumError(
        sums.map((name) => findColumn(table, name)),
        error,
      )
    }
  }

  #matching(knex: Knex): Knex.QueryBuilder {
    const builder: Knex.QueryBuilder = knex(this.plan.table.name)
    const clauses = this.plan.conditions.map((step) => step())
    sayAll(builder, clauses, withValues(knex))
    return builder
  }

  // MySQL has no RETURNING, and Knex does not ask SQLite for that of a delete.
  #lacksReturning(): boolean {
    const { dialect } = this.session
    return dialect === 'mysql' || (dialect === 'sqlite' && !this.plan.changes)
  }

  // Without RETURNING the rows are locked, changed, and read again by their primary key.
  #emulate<Result>(
    names: readonly string[],
    read: (rows: readonly RawRow[]) => Result[],
  ): Promise<Result[]> {
    const { table, changes } = this.plan
    const { dialect } = this.session
    const keys = table.primaryKey.map((name) => findColumn(table, name))
    if (changes && (keys.length === 0 || keys.some((key) => key.name in changes))) {
      throw new TypeError(
        `returning() of an update of ${table.name} must leave a primary key as it is: MySQL finds the rows by it`,
      )
    }
    return this.session.transaction(() =>
      this.session.run(async (knex) => {
        const columns = (wanted: readonly string[]) =>
          selection(table, wanted, []).map((one) => one.sql(dialect, knex))
        const wanted = changes ? table.primaryKey : names
        const rows = await this.#matching(knex).select(columns(wanted)).forUpdate()
        await this.#writing(knex, this.build(knex))
        if (!changes) return read(rows)
        if (rows.length === 0) return []
        const again: Knex.QueryBuilder = knex(table.name).select(columns(names))
        for (const row of rows) {
          const key = keys.map((column) => [
            `${table.name}.${column.name}`,
            bound(
              dialect,
              knex,
              column,
              plain(column, loaded(dialect, column, row[column.name] ?? null)),
            ),
          ])
          again.orWhere(Object.fromEntries(key))
        }
        return read(await again)
      }),
    )
  }
}

/** An update: it gives the number of rows that met its conditions. */
export class UpdateQuery<R, Numeric extends keyof R> extends ChangeQuery<
  R,
  UpdateQuery<R, Numeric>
> {
  /**
   * Adds to a column, in the database; 1 unless told otherwise. What is null stays so.
   *
   * @throws RangeError (when awaited) if the column could not hold the sum
   */
  increment<K extends Numeric & string>(
    column: K,
    by?: NonNullable<R[K]>,
  ): UpdateQuery<R, Numeric> {
    return this.#add('+', column, by)
  }

  /** Takes from a column, as `increment` adds. */
  decrement<K extends Numeric & string>(
    column: K,
    by?: NonNullable<R[K]>,
  ): UpdateQuery<R, Numeric> {
    return this.#add('-', column, by)
  }

  #add(sign: Sign, name: string, by: unknown): UpdateQuery<R, Numeric> {
    const { table, changes = {} } = this.plan
    const column = findColumn(table, name)
    if (!['integer', 'bigInteger', 'float', 'decimal'].includes(column.kind)) {
      throw new TypeError(
        `${table.name}.${name} must be a number to ${sign === '+' ? 'increment' : 'decrement'}, it is a ${column.kind}()`,
      )
    }
    if (name in changes) {
      throw new TypeError(`${table.name}.${name} must be changed once in an update`)
    }
    return this.with({ changes: { ...changes, [name]: { value: by ?? unit(column), sign } } })
  }

  protected with(change: Partial<Plan>): UpdateQuery<R, Numeric> {
    return new UpdateQuery(this.session, { ...this.plan, ...change })
  }
}

/** A delete: it gives the number of rows that it deleted. */
export class DeleteQuery<R> extends ChangeQuery<R, DeleteQuery<R>> {
  protected with(change: Partial<Plan>): DeleteQuery<R> {
    return new DeleteQuery(this.session, { ...this.plan, ...change })
  }
}
