// Where a query runs: in the transaction that it is made in, else on a connection of its own. The
// transaction is ambient (AsyncLocalStorage), the one exception to 'no ambient state': SQLite has one
// connection, and a query beside the transaction would wait for itself. What runs in a transaction takes
// turns, a savepoint with all that is in it being one: the sqlite3 driver runs statements in any order, and
// a query beside a savepoint would be rolled back with it.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Knex } from 'knex'
import { CompiledSelects } from './compiled.js'
import type { AnyTable } from './definition.js'
import { closed, DatabaseError, outlived, shown } from './errors.js'
import { failed, hasFailed, LazyTransaction, savepoint } from './lazy-transaction.js'
import type { Pool } from './pool.js'
import { withoutForeignKeys } from './sqlite-foreign-keys.js'
import type { Dialect } from './storage.js'
import { hasEnded, inTurn, level, type Transaction } from './turns.js'

type Work<Result> = () => Result | PromiseLike<Result>

interface TransactionOptions {
  readonly snapshot?: boolean
  readonly foreignKeys?: boolean
}

/** Where a Database keeps its session, for this package's other entries; nobody else has the key. */
export const sessionOf: unique symbol = Symbol('session')

/** Makes one clear error of what a driver throws. */
export type Translate = (error: unknown) => unknown

/** The pools of a database. The one of `outside` is made when it is first needed. */
export interface Pools {
  readonly main: Pool
  outside(): Pool
}

export class Session {
  readonly dialect: Dialect
  /** The tables of the database, for what one statement does to another table. */
  readonly tables: readonly AnyTable[]
  readonly selects: CompiledSelects = new CompiledSelects()
  readonly #pools: Pools
  readonly #closeTimeout: number
  readonly #translate: Translate
  readonly #ambient = new AsyncLocalStorage<Transaction | undefined>()
  #outside: Pool | undefined
  #test: { readonly level: Transaction; readonly transaction: LazyTransaction } | undefined
  #closed: Promise<unknown> | undefined

  constructor(
    dialect: Dialect,
    tables: readonly AnyTable[],
    pools: Pools,
    { closeTimeout, translate }: { readonly closeTimeout: number; readonly translate: Translate },
  ) {
    this.dialect = dialect
    this.tables = tables
    this.#pools = pools
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
    return this.#outer(made)?.source.knex ?? this.#pools.main.knex
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
      const outer = this.#outer(made)
      if (outer) return await this.#inTransaction(outer, work)
      const { main } = this.#pools
      const once = () => work(main.knex)
      return await main.run(reads ? () => main.repeatable(once) : once)
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
  async transaction<Result>(fn: Work<Result>, options: TransactionOptions = {}): Promise<Result> {
    assertFunction('transaction', fn)
    const outer = this.#outer()
    if (!outer) return this.#outermost(this.#pools.main, fn, options)
    if (options.foreignKeys === false) {
      throw new DatabaseError(
        'a migration must run outside transaction(): it begins one of its own',
      )
    }
    return this.#savepoint(outer, fn)
  }

  /**
   * Runs `fn` in a transaction of its own, whatever becomes of the one that it is called in: on another
   * connection, or where there is one only in that transaction, and once more if it is rolled back.
   */
  async outside<Result>(fn: Work<Result>): Promise<Result> {
    assertFunction('outside', fn)
    const outer = this.#outer()
    if (!outer) return this.#outermost(this.#pools.main, fn)
    const isHeld = outer.source.hasBegun
    if (this.#test || (isHeld && this.dialect === 'sqlite')) {
      const result = await this.#savepoint(outer, fn, { isKept: true })
      outer.kept = [...outer.kept, fn]
      return result
    }
    // The pool's last connection may be that of the transaction around, so it must not be waited for.
    const pool = isHeld ? (this.#outside ??= this.#pools.outside()) : this.#pools.main
    return this.#ambient.run(undefined, () => this.#outermost(pool, fn))
  }

  /** Begins a transaction that all queries are in, wherever they come from, until it is rolled back. */
  beginTest(): void {
    if (this.#closed) throw new DatabaseError(closed)
    if (this.#test) throw new DatabaseError('begin() must come after rollback(), got it twice')
    const transaction = new LazyTransaction(this.#pools.main, {
      dialect: this.dialect,
      snapshot: false,
    })
    this.#test = { transaction, level: level(transaction, undefined) }
  }

  async rollbackTest(): Promise<void> {
    const test = this.#test
    if (!test) return
    test.level.ended = true
    await test.level.turns
    this.#test = undefined
    await test.transaction.rollback()
  }

  /** The transaction that a query is to be in. */
  #outer(made?: Transaction): Transaction | undefined {
    const now = this.transactionNow ?? made ?? this.#test?.level
    // What runs may go on to its end: close() waits for it.
    if (this.#closed && (!now || hasEnded(now))) throw new DatabaseError(closed)
    if (hasEnded(made) || hasEnded(now)) throw new DatabaseError(outlived)
    return now
  }

  #inTransaction<Result>(
    outer: Transaction,
    work: (knex: Knex) => Promise<Result>,
  ): Promise<Result> {
    // PostgreSQL gives up a transaction after an error: a test's must outlive what outside of it is one.
    if (outer === this.#test?.level && this.dialect === 'postgres') {
      return this.#savepoint(outer, () => this.run(work))
    }
    return inTurn(outer, async () => {
      const knex = await outer.source.begin()
      return this.#within(level(outer.source, outer), () => work(knex))
    })
  }

  #outermost<Result>(
    pool: Pool,
    fn: Work<Result>,
    { snapshot = false, foreignKeys = true }: TransactionOptions = {},
  ): Promise<Result> {
    const transaction = new LazyTransaction(pool, { dialect: this.dialect, snapshot })
    const own = level(transaction, undefined)
    const work = () => this.#within(own, fn)
    return pool.run(async () => {
      try {
        const result = foreignKeys
          ? await work()
          : await withoutForeignKeys(await this.#translated(transaction.begin()), work)
        await this.#translated(transaction.commit())
        return result
      } catch (error) {
        await transaction.rollback()
        await this.#again(own, error)
        throw error
      }
    })
  }

  async #savepoint<Result>(
    outer: Transaction,
    fn: Work<Result>,
    { isKept = false }: { readonly isKept?: boolean } = {},
  ): Promise<Result> {
    const begun: { own?: Transaction } = {}
    const thrown: unknown[] = []
    try {
      const result = await inTurn(outer, async () => {
        const around = await outer.source.begin()
        return around.transaction(async (knex) => {
          begun.own = level(savepoint(outer.source, knex), outer)
          try {
            const value = await this.#within(begun.own, fn)
            if (await hasFailed(knex)) throw new DatabaseError(failed)
            return value
          } catch (error) {
            thrown.push(error)
            throw error
          }
        })
      })
      // For Knex a transaction that threw undefined did well.
      if (thrown.length === 0) {
        // What is kept runs again as a whole, with all that it keeps.
        if (!isKept) outer.kept = [...outer.kept, ...(begun.own?.kept ?? [])]
        return result
      }
    } catch (error) {
      // What `fn` threw is not ours to translate, and says more than that it could not be rolled back.
      if (thrown.length === 0) throw this.#told(error)
    }
    await this.#again(begun.own, thrown[0])
    throw thrown[0]
  }

  /** Runs again what was to stay, when the transaction that it ran in is rolled back. */
  async #again(rolledBack: Transaction | undefined, cause: unknown): Promise<void> {
    for (const fn of rolledBack?.kept ?? []) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- in the order that they ran in
        await (rolledBack?.outer ? this.outside(fn) : this.#outermost(this.#pools.main, fn))
      } catch (error) {
        throw new DatabaseError(
          'what was run by outside() must succeed again when the transaction around it is rolled back, got an error',
          { cause: new AggregateError([error, cause]) },
        )
      }
    }
  }

  /** Runs `work` in a transaction, which ends when all that it began is done. */
  async #within<Result>(own: Transaction, work: Work<Result>): Promise<Result> {
    try {
      return await this.#ambient.run(own, async () => await work())
    } finally {
      own.ended = true
      await own.turns
    }
  }

  async #translated<Result>(answer: Promise<Result>): Promise<Result> {
    try {
      return await answer
    } catch (error) {
      throw this.#told(error)
    }
  }

  #told(error: unknown): unknown {
    const isCut = this.#pools.main.isCut || this.#outside?.isCut === true
    return isCut ? new DatabaseError(closed, { cause: error }) : this.#translate(error)
  }

  /**
   * Waits for what runs, then closes all connections. A second call waits for the first, and tells nothing of it.
   *
   * @throws DatabaseError inside a transaction, whose end it would wait for, and if it had to cut off what ran
   */
  async close(): Promise<void> {
    if (this.transactionNow && !hasEnded(this.transactionNow)) {
      throw new DatabaseError('close() must be called outside transaction(): it waits for its end')
    }
    if (this.#test) {
      throw new DatabaseError(
        'close() must be called after the rollback() of testDatabase(), got a test that runs',
      )
    }
    if (this.#closed) {
      await this.#closed.catch(() => {})
      return
    }
    this.#closed = this.#end()
    await this.#closed
  }

  async #end(): Promise<void> {
    try {
      await this.#pools.main.close(this.#closeTimeout)
    } finally {
      // What ran on the other may have needed it until now.
      await this.#outside?.close(this.#closeTimeout)
    }
  }
}

function assertFunction(method: string, fn: unknown): void {
  if (typeof fn === 'function') return
  throw new TypeError(`what ${method}() runs must be a function, got ${shown(fn)}`)
}
