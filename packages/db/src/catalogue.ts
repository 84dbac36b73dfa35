// What the database has: its tables, their columns and indexes, read from its own catalogue.
import type { Knex } from 'knex'
import { rawRows } from './raw-rows.js'
import type { Dialect } from './storage.js'

export interface ExistingTable {
  readonly columns: Set<string>
  readonly indexes: Set<string>
}

// Each gives rows of table, kind ('column' or 'index') and name.
const queries: Readonly<Record<Dialect, string>> = {
  sqlite: `
    select m.name as "table", 'column' as kind, c.name as name
      from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'
    union all
    select tbl_name, 'index', name from sqlite_master where type = 'index'`,
  postgres: `
    select table_name as "table", 'column' as kind, column_name as name
      from information_schema.columns where table_schema = current_schema()
    union all
    select tablename, 'index', indexname from pg_indexes where schemaname = current_schema()`,
  mysql: `
    select table_name as \`table\`, 'column' as kind, column_name as name
      from information_schema.columns where table_schema = database()
    union all
    select distinct table_name, 'index', index_name
      from information_schema.statistics where table_schema = database()`,
}

interface Part {
  readonly table: string
  readonly kind: 'column' | 'index'
  readonly name: string
}

/** The database's tables by name. */
export async function readCatalogue(
  dialect: Dialect,
  knex: Knex,
): Promise<ReadonlyMap<string, ExistingTable>> {
  const parts = await rawRows<Part>(dialect, knex, queries[dialect])
  const tables = new Map<string, ExistingTable>()
  for (const { table, kind, name } of parts) {
    const existing = tables.get(table) ?? { columns: new Set(), indexes: new Set() }
    tables.set(table, existing)
    existing[kind === 'column' ? 'columns' : 'indexes'].add(name)
  }
  return tables
}
