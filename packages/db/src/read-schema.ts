// Reading what a database holds, from its own catalogue.
import type { Knex } from 'knex'
import type { Database } from './database.js'
import type { Catalogue, FoundSchema } from './found.js'
import { foundSchema } from './found-state.js'
import { historyTable } from './migration-history.js'
import { journalTable } from './migration-journal.js'
import { readMysql } from './read-mysql.js'
import { readPostgres } from './read-postgres.js'
import { readSqlite } from './read-sqlite.js'
import { sessionOf } from './session.js'
import type { Dialect } from './storage.js'

const readers: Readonly<Record<Dialect, (knex: Knex) => Promise<Catalogue>>> = {
  sqlite: readSqlite,
  postgres: readPostgres,
  mysql: readMysql,
}

/** What migrations keep their account in: no application's tables. */
const own: readonly string[] = [historyTable, `${historyTable}_lock`, journalTable]

function kept({ table }: { readonly table: string }): boolean {
  return !own.includes(table)
}

/**
 * Reads the tables of a database as a state, and beside it what a state can't say: on PostgreSQL those of
 * the schema that new tables are made in, on the others all of the file or the database. What migrations
 * keep their account in is left out.
 *
 * What `create` and migrations made is read back as it was made, but for `randomUuid()`, which is no default
 * of the database, and for strings over 640 characters on MySQL, which are texts there.
 */
export async function readSchema(db: Database): Promise<FoundSchema> {
  const session = db[sessionOf]
  // In one transaction, so that all parts are of one moment.
  const all = await session.transaction(() => session.run(readers[session.dialect]), {
    snapshot: true,
  })
  return foundSchema(session.dialect, {
    tables: all.tables.filter(({ name }) => kept({ table: name })),
    columns: all.columns.filter(kept),
    indexes: all.indexes.filter(kept),
    keys: all.keys.filter(kept),
    remarks: all.remarks.filter(kept),
  })
}
