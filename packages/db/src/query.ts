// A query is an immutable description: each method gives a new one, and it runs when it is awaited,
// as often as it is awaited.
import type { Knex } from 'knex'
import { Conditions, type Scope } from './conditions.js'
import type { Session } from './session.js'
import type { Transaction } from './turns.js'

/** How a query is built and run. */
export interface Recipe<Result> {
  /** It only reads, so it may run again. */
  readonly reads?: boolean
  build(knex: Knex): Knex.QueryBuilder
  execute(knex: Knex): Promise<Result>
}

export class Query<Result> implements PromiseLike<Result> {
  readonly #session: Session
  readonly #recipe: Recipe<Result>
  readonly #made: Transaction | undefined

  constructor(session: Session, recipe: Recipe<Result>) {
    this.#session = session
    this.#recipe = recipe
    this.#made = session.transactionNow
  }

  /**
   * The untyped Knex builder of this query, which joins its transaction. What it gives comes as the
   * driver gives it.
   */
  get knex(): Knex.QueryBuilder {
    return this.#recipe.build(this.#session.executor(this.#made))
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a query is awaited: that is how it runs
  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((result: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#session
      .run((knex) => this.#recipe.execute(knex), this.#made, this.#recipe)
      .then(onFulfilled, onRejected)
  }
}

/** A query that can be restricted to some rows: the conditions of one, the promise of the other. */
export abstract class RestrictedQuery<C, Result, Self>
  extends Conditions<C, Self>
  implements PromiseLike<Result>
{
  readonly #session: Session
  readonly #made: Transaction | undefined
  readonly #options: { readonly reads: boolean }

  constructor(
    session: Session,
    scope: Scope,
    { reads = false }: { readonly reads?: boolean } = {},
  ) {
    super(scope)
    this.#session = session
    this.#made = session.transactionNow
    this.#options = { reads }
  }

  protected abstract build(knex: Knex): Knex.QueryBuilder
  protected abstract execute(knex: Knex): Promise<Result>

  /** The untyped Knex builder of this query; see `Query`. */
  get knex(): Knex.QueryBuilder {
    return this.build(this.#session.executor(this.#made))
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a query is awaited: that is how it runs
  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((result: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#session
      .run((knex) => this.execute(knex), this.#made, this.#options)
      .then(onFulfilled, onRejected)
  }
}
