// For tests of apps: each test in a transaction that is rolled back, so that none sees what another wrote.
import type { Database } from './database.js'
import { sessionOf } from './session.js'

/** What a test runner calls before and after each test. */
export interface DatabaseTest {
  /** @throws DatabaseError when the one before was not rolled back */
  readonly begin: () => void
  readonly rollback: () => Promise<void>
}

/**
 * Puts each test of an app into a transaction that is rolled back. From `begin` to `rollback` all queries of
 * `db` in this process run in it, wherever they come from; transactions are savepoints. One test runs at a time.
 *
 * @example
 * const { begin, rollback } = testDatabase(db)
 * beforeEach(begin)
 * afterEach(rollback)
 */
export function testDatabase(db: Database): DatabaseTest {
  const session = db[sessionOf]
  return {
    begin: () => session.beginTest(),
    rollback: () => session.rollbackTest(),
  }
}
