// A transaction as queries see it: what is in what, what has ended, and whose turn it is.
import type { Source } from './lazy-transaction.js'

/** A running transaction, a savepoint inside one, or the turn of a query that may need a savepoint. */
export interface Transaction {
  readonly source: Source
  readonly outer: Transaction | undefined
  ended: boolean
  /** Settles, always fulfilled, when all turns that were asked for so far are over. */
  turns: Promise<unknown>
  /** What ran in it although it is to stay: it runs again where this is rolled back. */
  kept: readonly (() => unknown)[]
}

export function level(source: Source, outer: Transaction | undefined): Transaction {
  return { source, outer, ended: false, turns: Promise.resolve(), kept: [] }
}

/** Runs `work` when all that was asked for before in this transaction is over. */
export function inTurn<Result>(
  transaction: Transaction,
  work: () => Promise<Result>,
): Promise<Result> {
  const turn = transaction.turns.then(work)
  transaction.turns = turn.catch(() => {})
  return turn
}

export function hasEnded(transaction: Transaction | undefined): boolean {
  return transaction !== undefined && (transaction.ended || hasEnded(transaction.outer))
}
