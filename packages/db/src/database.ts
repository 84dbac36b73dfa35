// A database by its URL: its tables, its transactions, its schema.
import type { Knex } from 'knex'
import { connect, connectOutside } from './connection.js'
import {
  type AnyTable,
  type Columns,
  defineTable,
  type ReservedName,
  type TableOptions,
} from './definition.js'
import { checkDistinct } from './names.js'
import { type DatabaseOptions, limitsOf } from './options.js'
import { createTables, missingParts } from './schema.js'
import { Session, sessionOf } from './session.js'
import type { Dialect } from './storage.js'
import { makeTable, type Table } from './table.js'
import { translator } from './translate.js'
import { parseUrl } from './url.js'

export interface Database {
  /** For this package's own other entries. */
  readonly [sessionOf]: Session
  readonly dialect: Dialect
  /** The Knex instance, or inside a transaction that transaction. */
  readonly knex: Knex
  /** The tables in the order of their definition. */
  readonly tables: readonly AnyTable[]
  /**
   * Defines a table. Nothing is asked of the database.
   *
   * @throws TypeError for a name, a column or a key that it can't have
   */
  table<const Name extends string, C extends Columns>(
    name: Name,
    columns: C & { readonly [N in ReservedName]?: never },
    options?: TableOptions,
  ): Table<Name, C>
  /**
   * Makes the tables and indexes that the database lacks, in the order of their references.
   *
   * @returns what it made: `table entry`, `index entry_updated_index`
   */
  create(): Promise<string[]>
  /** The tables, columns and indexes that the database lacks: `table entry`, `column entry.version`. */
  missing(): Promise<string[]>
  /**
   * Runs `fn` in a transaction: all queries made inside join it, nested calls are savepoints. What it
   * throws rolls back; what it returns is returned. The transaction begins with its first query.
   *
   * @throws TypeError for what is no function
   * @throws DatabaseError if it can't be committed
   */
  transaction<Result>(fn: () => Result | PromiseLike<Result>): Promise<Result>
  /**
   * Runs `fn` in a transaction of its own, which stays whatever becomes of the one that this is called in: a
   * count of failed logins. SQLite's one connection may be in use by that one: then `fn` runs inside it, and
   * once more if it is rolled back. So let it do nothing but queries, and await none that was begun outside of it.
   *
   * @throws TypeError for what is no function
   * @throws DatabaseError when a row that the transaction around has changed stays locked for `busyTimeout`
   */
  outside<Result>(fn: () => Result | PromiseLike<Result>): Promise<Result>
  /**
   * Waits for the queries and transactions that run, then closes all connections; a second call waits for the
   * first and tells nothing of it.
   *
   * @throws DatabaseError inside a transaction, and if something ran for longer than `closeTimeout`: it is cut off
   */
  close(): Promise<void>
}

/**
 * Opens a database: `sqlite:blog.db` (relative to the current folder), `sqlite::memory:`,
 * `better-sqlite3:blog.db`, `postgres://user:password@host/name`, `mysql://…`. It connects when it is first
 * used.
 *
 * @throws TypeError for a URL that names none
 * @throws RangeError for a limit that is none
 * @throws DatabaseError if the driver is not installed
 */
export function database(url: string, options: DatabaseOptions = {}): Database {
  const target = parseUrl(url)
  const limits = limitsOf(options)
  const tables: AnyTable[] = []
  const pools = {
    main: connect(target, limits),
    outside: () => connectOutside(target, limits),
  }
  const session = new Session(target.dialect, tables, pools, {
    closeTimeout: limits.closeTimeout,
    translate: translator(target, limits, tables),
  })

  return {
    [sessionOf]: session,
    dialect: target.dialect,
    get knex() {
      return session.executor()
    },
    get tables() {
      return [...tables]
    },
    table(name, columns, tableOptions) {
      const definition = defineTable(name, columns, tableOptions)
      const all = [...tables.map((one) => one.table), definition]
      checkDistinct(
        'a table name',
        all.map((one) => one.name),
      )
      // PostgreSQL and SQLite have one namespace for the indexes of all tables.
      checkDistinct(
        'an index name',
        all.flatMap(({ indexes }) => indexes.map((index) => index.name)),
      )
      const table = makeTable(session, definition)
      tables.push(table)
      return table
    },
    create: () => createTables(session, tables),
    missing: () => missingParts(session, tables),
    transaction: (fn) => session.transaction(fn),
    outside: (fn) => session.outside(fn),
    close: () => session.close(),
  }
}
