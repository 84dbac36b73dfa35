// A database with tables that all tests of a suite share.
import type { Database } from '@robaccia/db'
import { afterAll, beforeAll } from 'vitest'
import type { OpenDatabase, TestDatabase } from './databases.js'

export interface Fixture<Tables> extends OpenDatabase {
  readonly tables: Tables
}

/**
 * Opens the database before the suite's tests, makes its tables, and removes all of it after them.
 *
 * @param define defines the tables
 * @param ready takes the fixture, and may fill the tables
 */
export function fixture<Tables>(
  open: TestDatabase['open'],
  define: (db: Database) => Tables,
  ready: (fixture: Fixture<Tables>) => unknown,
): void {
  let opened: OpenDatabase | undefined
  beforeAll(async () => {
    opened = await open()
    const tables = define(opened.db)
    await opened.db.create()
    await ready({ ...opened, tables })
  })
  afterAll(() => opened?.remove())
}
