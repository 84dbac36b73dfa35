// The transaction of a migration. On SQLite its foreign keys are off, as making a table anew needs it, and what they
// would have kept out is looked for before the end. MySQL commits after each statement that changes a table, so there
// it has none.
import type { Database } from './database.js'
import type { Operation } from './operation.js'
import { sessionOf } from './session.js'
import { isRebuilt } from './operation-sqlite.js'

/**
 * Runs `fn`, which performs these operations, all or nothing on SQLite and PostgreSQL.
 *
 * @throws MigrationError on SQLite if rows refer to nothing after it that did not before
 */
export function migrationTransaction<Result>(
  db: Database,
  operations: readonly Operation[],
  fn: () => Promise<Result>,
): Promise<Result> {
  const session = db[sessionOf]
  if (session.dialect === 'mysql') return fn()
  const keysOff = session.dialect === 'sqlite' && needsKeysOff(operations)
  return session.transaction(fn, { foreignKeys: !keysOff })
}

/** Whether SQLite performs them with its foreign keys off. */
export function needsKeysOff(operations: readonly Operation[]): boolean {
  return operations.some((operation) => operation.type === 'dropTable' || isRebuilt(operation))
}
