// Which errors say that the database has rolled back the whole transaction, not only the statement that failed. What
// came after would be outside of any transaction, so nothing may.
import { DatabaseError } from './errors.js'

const codes = new Set([
  // MariaDB and MySQL: a deadlock, no memory for locks, a row that another transaction has changed.
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_TABLE_FULL',
  'ER_CHECKREAD',
])

// What SQLite may roll back for (https://sqlite.org/lang_transaction.html §3).
const sqlite = /^SQLITE_(?:FULL|IOERR|NOMEM|INTERRUPT)(?:_|$)/

export function undoesTransaction(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const { code } = error
  return typeof code === 'string' && (codes.has(code) || sqlite.test(code))
}

/** What is said of all that comes after such an error. */
export function undone(cause: unknown): DatabaseError {
  return new DatabaseError(
    'a transaction that the database has rolled back must be begun again, got one that went on after the error',
    { cause },
  )
}
