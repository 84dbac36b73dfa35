// Where a query runs: in the transaction that it is made in, else on a connection of its own. The
// transaction is ambient (AsyncLocalStorage), the one exception to 'no ambient state': SQLite has one
// connection, and a query beside the transaction would wait for itself.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Knex } from 'knex'
import { DatabaseError } from './errors.js'
import type { Dialect } from './storage.js'

/** A running transaction, or savepoint inside one. */
export interface Transaction {
  readonly knex: Knex.Transaction
  readonly outer: Transaction | undefined
  ended: boolean
}

/** Makes one clear error of what a driver throws. */
export type Translate = (error: unknown) => unknown

export class Session {
  readonly dialect: Dialect
  readonly #root: Knex
  readonly #translate: Translate
  readonly #ambient = new AsyncLocalStorage<Transaction>()
  #closed: Promise<void> | undefined

  constructor(dialect: Dialect, root: Knex, translate: Translate) {
    this.dialect = dialect
    this.#root = root
    this.#translate = translate
  }

  /** The transaction that the caller is in. */
  get transactionNow(): Transaction | undefined {
    return this.#ambient.getStore()
  }

  /**
   * What a query runs on.
   *
   * @param made the transaction that the query was made in
   * @throws DatabaseError after `close`, and when that transaction has ended
   */
  executor(made?: Transaction): Knex {
    if (this.#closed) throw new DatabaseError('the database must be open, but close() was called')
    const now = this.transactionNow ?? made
    if (hasEnded(made) || hasEnded(now)) {
      throw new DatabaseError(
        'a query must be awaited before its transaction ends: await it inside the function given to transaction()',
      )
    }
    return now?.knex ?? this.#root
  }

  /** Runs a piece of work, its errors translated. */
  async run<Result>(
    work: (knex: Knex) => Promise<Result>,
    made: Transaction | undefined = this.transactionNow,
  ): Promise<Result> {
    try {
      return await work(this.executor(made))
    } catch (error) {
      throw this.#translate(error)
    }
  }

  /** Runs `fn` in a transaction, or in a savepoint of the one that it is called in. */
  async transaction<Result>(fn: () => Result | PromiseLike<Result>): Promise<Result> {
    const outer = this.transactionNow
    const executor = this.executor()
    let thrown: unknown
    try {
      return await executor.transaction(async (knex) => {
        if (this.dialect === 'sqlite' && !outer) await beginImmediate(knex)
        const transaction: Transaction = { knex, outer, ended: false }
        try {
          return await this.#ambient.run(transaction, async () => await fn())
        } catch (error) {
          thrown = error
          throw error
        } finally {
          transaction.ended = true
        }
      })
    } catch (error) {
      // What `fn` threw is not ours to translate.
      throw error === thrown ? error : this.#translate(error)
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#root.destroy()
    return this.#closed
  }
}

function hasEnded(transaction: Transaction | undefined): boolean {
  return transaction !== undefined && (transaction.ended || hasEnded(transaction.outer))
}

// Knex begins a deferred transaction: one that reads first and then writes fails at once, whatever
// busy_timeout says, if another process wrote in between (https://sqlite.org/isolation.html).
async function beginImmediate(knex: Knex.Transaction): Promise<void> {
  await knex.raw('commit')
  try {
    await knex.raw('begin immediate')
  } catch (error) {
    // Knex is about to roll back what it began.
    await knex.raw('begin')
    throw error
  }
}
