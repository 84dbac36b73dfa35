// A transaction that begins with its first query. Until then it holds no connection, so that one which waits
// for something else first, such as a slow client's form, keeps nobody from the database.
import type { Knex } from 'knex'
import { DatabaseError, outlived } from './errors.js'
import type { Pool } from './pool.js'
import type { Dialect } from './storage.js'
import { undoesTransaction, undone } from './undone.js'

/** What the queries of a transaction, or of a savepoint in one, run on. */
export interface Source {
  /** Where a builder can be made at once; its queries begin the transaction. */
  readonly knex: Knex
  readonly hasBegun: boolean
  begin(): Promise<Knex.Transaction>
  /** @throws DatabaseError when the transaction is over */
  check(): void
}

/** A savepoint, which is over when the transaction around it is. */
export function savepoint(outer: Source, knex: Knex.Transaction): Source {
  return {
    hasBegun: true,
    get knex() {
      outer.check()
      return knex
    },
    async begin() {
      outer.check()
      return knex
    },
    check: () => outer.check(),
  }
}

export interface Mode {
  readonly dialect: Dialect
  /** For reading only: it sees the database as its first query finds it, and keeps nobody from writing. */
  readonly snapshot: boolean
}

export class LazyTransaction implements Source {
  readonly #pool: Pool
  readonly #mode: Mode
  #begun: Promise<Knex.Transaction> | undefined
  #transaction: Knex.Transaction | undefined
  #waiting: Knex | undefined
  #connection: unknown
  #undone: unknown
  #ended = false

  constructor(pool: Pool, mode: Mode) {
    this.#pool = pool
    this.#mode = mode
  }

  get hasBegun(): boolean {
    return this.#begun !== undefined
  }

  get knex(): Knex {
    this.check()
    return this.#transaction ?? (this.#waiting ??= this.#beginning())
  }

  check(): void {
    if (this.#ended) throw new DatabaseError(outlived)
    if (this.#undone !== undefined) throw undone(this.#undone)
  }

  async begin(): Promise<Knex.Transaction> {
    this.check()
    this.#begun ??= this.#pool.repeatable(() => this.#beginNow())
    return this.#begun
  }

  /** @throws DatabaseError if the database rolled back instead */
  async commit(): Promise<void> {
    this.#ended = true
    if (!this.#begun) return
    const transaction = await this.#begun
    if (this.#undone !== undefined) throw undone(this.#undone)
    if (await hasFailed(transaction)) throw new DatabaseError(failed)
    await transaction.commit()
    await transaction.executionPromise
    await this.#release()
  }

  /** Never throws: where the database can't be told, it rolls back by itself. */
  async rollback(): Promise<void> {
    this.#ended = true
    try {
      const transaction = await this.#begun
      if (!transaction) return
      // For Knex it is over when a commit was tried, but SQLite's goes on where that failed.
      if (transaction.isCompleted())
        await this.#pool.knex.client.query(this.#connection, 'rollback')
      else await transaction.rollback()
    } catch {
    } finally {
      await this.#release()
    }
  }

  async #beginNow(): Promise<Knex.Transaction> {
    const { client } = this.#pool.knex
    this.#connection = await client.acquireConnection()
    try {
      return await this.#beginOn(this.#connection)
    } catch (error) {
      await this.#release()
      throw error
    }
  }

  async #beginOn(connection: unknown): Promise<Knex.Transaction> {
    const { dialect, snapshot } = this.#mode
    const transaction = await this.#pool.knex.transaction({
      connection,
      ...(snapshot && { isolationLevel: 'repeatable read' }),
    })
    // Knex goes on where it could not begin, though it has told the error.
    if (transaction.isCompleted()) {
      await transaction.executionPromise
      throw new Error('the transaction has not begun')
    }
    if (dialect === 'sqlite' && !snapshot) await beginImmediate(transaction)
    transaction.on('query-error', (error: unknown) => {
      if (undoesTransaction(error)) this.#undone ??= error
    })
    this.#transaction = transaction
    return transaction
  }

  /** Gives its connection back, which Knex would do before what failed is rolled back. */
  async #release(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    const { client } = this.#pool.knex
    // When close() has cut it off there is no pool any more.
    if (connection !== undefined && client.pool) await client.releaseConnection(connection)
  }

  /** A Knex instance whose first query begins the transaction. */
  #beginning(): Knex {
    const knex = this.#pool.knex.withUserParams({})
    const client: ClientOfTransaction = knex.client
    client.transacting = true
    client.acquireConnection = async () => (await this.begin()).client.acquireConnection()
    client.releaseConnection = async () => {}
    return knex
  }
}

/** What Knex itself replaces in the client of a transaction. */
interface ClientOfTransaction {
  transacting: boolean
  acquireConnection(): Promise<unknown>
  releaseConnection(connection: unknown): Promise<void>
}

/** What PostgreSQL would take the commit of for a rollback, and the release of a savepoint for an error. */
export const failed =
  'a transaction must have no failed query to be committed, got one, so it was rolled back: put what may fail into a transaction() of its own inside'

/** What is asked of a connection; only pg's has it. */
interface ConnectionStatus {
  readonly readyForQuery?: boolean
  getTransactionStatus?(): string | null
}

/** Whether PostgreSQL has given a transaction up, or a savepoint in it, since a query in it failed. */
export async function hasFailed(transaction: Knex.Transaction): Promise<boolean> {
  const connection: ConnectionStatus = await transaction.client.acquireConnection()
  if (!connection.getTransactionStatus) return false
  // pg tells of an error before it knows in what state the server is then: so the server is asked.
  if (connection.readyForQuery) return connection.getTransactionStatus() === 'E'
  try {
    await transaction.raw('select 1')
    return false
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '25P02') return true
    throw error
  }
}

// Knex begins a deferred transaction: one that reads first and then writes fails at once, whatever
// busy_timeout says, if another process wrote in between (https://sqlite.org/isolation.html).
async function beginImmediate(transaction: Knex.Transaction): Promise<void> {
  await transaction.raw('commit')
  try {
    await transaction.raw('begin immediate')
  } catch (error) {
    // Knex is about to roll back what it began.
    await transaction.raw('begin')
    await transaction.rollback()
    throw error
  }
}
