// Where a query runs: in the transaction that it is made in, else on a connection of its own. The
// transaction is ambient (AsyncLocalStorage), the one exception to 'no ambient state': SQLite has one
// connection, and a query beside the transaction would wait for itself. What runs in a transaction takes
// turns, a savepoint with all that is in it being one: the sqlite3 driver runs statements in any order, and
// a query beside a savepoint would be rolled back with it.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Knex } from 'knex'
import { CompiledSelects } from './compiled.js'
import type { AnyTable } from './definition.js'
import { closed, DatabaseError } from './errors.js'
import type { Pool } from './pool.js'
import { withoutForeignKeys } from './sqlite-foreign-keys.js'
import type { Dialect } from './storage.js'

/** A running transaction, a savepoint inside one, or the turn of a query that may need a savepoint. */
export interface Transaction {
  readonly knex: Knex.Transaction
  readonly outer: Transaction | undefined
  ended: boolean
  /** Settles, always fulfilled, when all turns that were asked for so far are over. */
  turns: Promise<unknown>
}

interface TransactionOptions {
  readonly snapshot?: boolean
  readonly foreignKeys?: boolean
}

/** Where a Database keeps its session, for this package's other entries; nobody else has the key. */
export const sessionOf: unique symbol = Symbol('session')

/** Makes one clear error of what a driver throws. */
export type Translate = (error: unknown) => unknown

export class Session {
  readonly dialect: Dialect
  /** The tables of the database, for what one statement does to another table. */
  readonly tables: readonly AnyTable[]
  readonly selects: CompiledSelects = new CompiledSelects()
  readonly #pool: Pool
  readonly #closeTimeout: number
  readonly #translate: Translate
  readonly #ambient = new AsyncLocalStorage<Transaction>()
  #closed: Promise<void> | undefined

  constructor(
    dialect: Dialect,
    tables: readonly AnyTable[],
    pool: Pool,
    { closeTimeout, translate }: { readonly closeTimeout: number; readonly translate: Translate },
  ) {
    this.dialect = dialect
    this.tables = tables
    this.#pool = pool
    this.#closeTimeout = closeTimeout
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
    const now = this.transactionNow ?? made
    // What runs may go on to its end: close() waits for it.
    if (this.#closed && (!now || hasEnded(now))) throw new DatabaseError(closed)
    if (hasEnded(made) || hasEnded(now)) {
      throw new DatabaseError(
        'a query must be awaited before its transaction ends: await it inside the function given to transaction()',
      )
    }
    return now?.knex ?? this.#pool.knex
  }

  /**
   * Runs a piece of work, its errors translated.
   *
   * @param options.reads it only reads: outside a transaction it runs again if its connection is lost
   */
  async run<Result>(
    work: (knex: Knex) => Promise<Result>,
    made: Transaction | undefined = this.transactionNow,
    { reads = false }: { readonly reads?: boolean } = {},
  ): Promise<Result> {
    try {
      const executor = this.executor(made)
      const outer = this.transactionNow ?? made
      if (!outer) {
        const once = () => work(executor)
        return await this.#pool.run(reads ? () => this.#pool.repeatable(once) : once)
      }
      return await inTurn(outer, () => this.#within(outer.knex, outer, work))
    } catch (error) {
      throw this.#told(error)
    }
  }

  /**
   * Runs `fn` in a transaction, or in a savepoint of the one that it is called in.
   *
   * @param options.snapshot for reading only: it sees the database as its first query finds it, and keeps
   *   nobody from writing
   * @param options.foreignKeys false for SQLite to look at them at the end only: see `withoutForeignKeys`
   */
  async transaction<Result>(
    fn: () => Result | PromiseLike<Result>,
    { snapshot = false, foreignKeys = true }: TransactionOptions = {},
  ): Promise<Result> {
    const outer = this.transactionNow
    if (outer && !foreignKeys) {
      throw new DatabaseError(
        'a migration must run outside transaction(): it begins one of its own',
      )
    }
    const executor = this.executor()
    const thrown: unknown[] = []
    let hasBegun = false
    const begin = () =>
      executor.transaction(
        async (knex) => {
          // Knex goes on where it could not begin, though it has told the error.
          if (knex.isCompleted()) throw new Error('the transaction has not begun')
          hasBegun = true
          if (this.dialect === 'sqlite' && !outer && !snapshot) await beginImmediate(knex)
          const work = () => this.#within(knex, outer, fn)
          try {
            return await (foreignKeys ? work() : withoutForeignKeys(knex, work))
          } catch (error) {
            thrown.push(error)
            throw error
          }
        },
        snapshot && !outer ? { isolationLevel: 'repeatable read' } : {},
      )
    try {
      const result = await (outer
        ? inTurn(outer, begin)
        : this.#pool.run(() => this.#pool.repeatable(begin, () => !hasBegun)))
      // For Knex a transaction that threw undefined did well.
      if (thrown.length === 0) return result
    } catch (error) {
      // What `fn` threw is not ours to translate.
      if (!thrown.includes(error)) throw this.#told(error)
    }
    throw thrown[0]
  }

  #told(error: unknown): unknown {
    if (this.#pool.isCut) return new DatabaseError(closed, { cause: error })
    return this.#translate(error)
  }

  /** Runs `work` as the ambient transaction, which ends when all that it began is done. */
  async #within<Result>(
    knex: Knex.Transaction,
    outer: Transaction | undefined,
    work: (knex: Knex.Transaction) => Result | PromiseLike<Result>,
  ): Promise<Result> {
    const transaction: Transaction = { knex, outer, ended: false, turns: Promise.resolve() }
    try {
      return await this.#ambient.run(transaction, async () => await work(knex))
    } finally {
      transaction.ended = true
      await transaction.turns
    }
  }

  /**
   * Waits for what runs, then closes all connections.
   *
   * @throws DatabaseError inside a transaction, whose end it would wait for, and if it had to cut off what ran
   */
  async close(): Promise<void> {
    if (this.transactionNow && !hasEnded(this.transactionNow)) {
      throw new DatabaseError('close() must be called outside transaction(): it waits for its end')
    }
    this.#closed ??= this.#pool.close(this.#closeTimeout)
    await this.#closed
  }
}

/** Runs `work` when all that was asked for before in this transaction is over. */
function inTurn<Result>(transaction: Transaction, work: () => Promise<Result>): Promise<Result> {
  const turn = transaction.turns.then(work)
  transaction.turns = turn.catch(() => {})
  return turn
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
