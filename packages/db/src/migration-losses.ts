// What rows operations would lose, asked of the database before they run.
import type { Knex } from 'knex'
import { readCatalogue } from './catalogue.js'
import type { Database } from './database.js'
import { rowsOf } from './errors.js'
import type { Operation } from './operation.js'
import { sessionOf } from './session.js'

/** A table or a column that operations drop. */
export interface Loss {
  /** `table entry`, `column entry.author` */
  readonly what: string
  /** The rows of the table; of a column those that hold a value. 0 where the database has no such thing yet. */
  readonly rows: number
}

/** A loss in words: `column entry.author (284 rows)`. */
export function describeLoss({ what, rows }: Loss): string {
  return `${what} (${rowsOf(rows)})`
}

/** The tables and columns that the operations drop, by the names that they have before. */
export function dropped(operations: readonly Operation[]): readonly string[] {
  return drops(operations).map(({ table, column }) => nameOf(table, column))
}

/** What the operations would lose of the database as it is now. */
export async function losses(
  db: Database,
  operations: readonly Operation[],
): Promise<readonly Loss[]> {
  const found = drops(operations)
  if (found.length === 0) return []
  return db[sessionOf].run(async (knex) => {
    const catalogue = await readCatalogue(db.dialect, knex)
    const counted: Loss[] = []
    for (const { table, column } of found) {
      const present = catalogue.get(table)
      const isThere = present && (column === undefined || present.columns.has(column))
      // oxlint-disable-next-line no-await-in-loop -- SQLite has one connection
      const rows = isThere ? await count(knex, table, column) : 0
      counted.push({ what: nameOf(table, column), rows })
    }
    return counted
  })
}

function nameOf(table: string, column: string | undefined): string {
  return column === undefined ? `table ${table}` : `column ${table}.${column}`
}

async function count(knex: Knex, table: string, column: string | undefined): Promise<number> {
  const query = knex(table).count<{ n: number | string }[]>({ n: '*' })
  if (column !== undefined) query.whereNotNull(column)
  const [answer] = await query
  return Number(answer?.n ?? 0)
}

interface Drop {
  readonly table: string
  readonly column?: string
}

function drops(operations: readonly Operation[]): readonly Drop[] {
  const names = new OldNames()
  return operations.flatMap((operation): readonly Drop[] => {
    names.follow(operation)
    if (operation.type === 'dropTable') return [{ table: names.table(operation.table.name) }]
    if (operation.type !== 'dropColumn') return []
    const { table, column } = operation
    return [{ table: names.table(table), column: names.column(table, column.name) }]
  })
}

/** What tables and columns were called before the operations that it has followed. */
export class OldNames {
  readonly #tables = new Map<string, string>()
  /** By the present name of the table, and that of the column. */
  readonly #columns = new Map<string, Map<string, string>>()

  follow(operation: Operation): void {
    if (operation.type === 'renameTable') {
      const { from, to } = operation
      this.#tables.set(to, this.table(from))
      this.#columns.set(to, this.#columns.get(from) ?? new Map())
      this.#tables.delete(from)
      this.#columns.delete(from)
    }
    if (operation.type === 'renameColumn') {
      const { table, from, to } = operation
      const columns = this.#columns.get(table) ?? new Map<string, string>()
      this.#columns.set(table, columns.set(to, this.column(table, from)))
      columns.delete(from)
    }
  }

  table(name: string): string {
    return this.#tables.get(name) ?? name
  }

  column(table: string, name: string): string {
    return this.#columns.get(table)?.get(name) ?? name
  }
}
