// A transaction that begins with its first query. Until then it holds no connection, so that one which waits
// for something else first, such as a slow client's form, keeps nobody from the database.
import type { Knex } from 'knex'
import { DatabaseError, outlived } from './errors.js'
import type { Pool } from './pool.js'
import type { Dialect } from './storage.js'

/** What the queries of a transaction, or of a savepoint in one, run on. */
export interface Source {
  /** Where a builder can be made at once; its queries begin the transaction. */
  readonly knex: Knex
  readonly hasBegun: boolean
  begin(): Promise<Knex.Transaction>
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
  #ended = false

  constructor(pool: Pool, mode: Mode) {
    this.#pool = pool
    this.#mode = mode
  }

  get hasBegun(): boolean {
    return this.#begun !== undefined
  }

  get knex(): Knex {
    return this.#transaction ?? (this.#waiting ??= this.#beginning())
  }

  /** @throws DatabaseError when the transaction has ended */
  async begin(): Promise<Knex.Transaction> {
    if (this.#ended) throw new DatabaseError(outlived)
    this.#begun ??= this.#pool.repeatable(() => this.#beginNow())
    return this.#begun
  }

  /** @throws DatabaseError if the database rolled back instead */
  async commit(): Promise<void> {
    this.#ended = true
    if (!this.#begun) return
    const transaction = await this.#begun
    const answer: unknown = await transaction.commit()
    await transaction.executionPromise
    // PostgreSQL takes the commit of a transaction in which a query failed for a rollback, and says so.
    if (commandOf(answer) !== 'ROLLBACK') return
    throw new DatabaseError(
      'a transaction must have no failed query to be committed, got one, so it was rolled back: put what may fail into a transaction() of its own inside',
    )
  }

  /** Never throws: where the database can't be told, it rolls back by itself. */
  async rollback(): Promise<void> {
    this.#ended = true
    try {
      await (await this.#begun)?.rollback()
    } catch {}
  }

  async #beginNow(): Promise<Knex.Transaction> {
    const { dialect, snapshot } = this.#mode
    const config: Knex.TransactionConfig = snapshot ? { isolationLevel: 'repeatable read' } : {}
    const transaction = await this.#pool.knex.transaction(config)
    // Knex goes on where it could not begin, though it has told the error.
    if (transaction.isCompleted()) {
      await transaction.executionPromise
      throw new Error('the transaction has not begun')
    }
    if (dialect === 'sqlite' && !snapshot) await beginImmediate(transaction)
    this.#transaction = transaction
    return transaction
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

function commandOf(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('response' in answer)) return undefined
  const { response } = answer
  if (typeof response !== 'object' || response === null || !('command' in response))
    return undefined
  return response.command
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
