// `dump`: all rows of the tables as lines of text, as one moment of the database had them.
import type { Database } from './database.js'
import { type Counts, type DumpedTables, encoded, written } from './dump-format.js'
import { eachBatch } from './dump-read.js'
import type { TableDefinition } from './definition.js'
import { checkMade } from './dump-tables.js'
import { foreignKeys } from './references.js'
import { type Session, sessionOf } from './session.js'
import { inOrderOfReferences } from './state.js'
import { shown } from './errors.js'

export interface DumpOptions {
  /** Only these tables; all unless given. */
  readonly tables?: readonly string[]
  /** Told now and then how many of all rows are written. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Writes the rows of all tables, in the order of their references. They are those of one moment, and others
 * may write meanwhile. `write` gets whole lines; what it returns is awaited before more is read.
 *
 * @returns how many rows each table has
 * @throws TypeError for a name that no table has
 * @throws DatabaseError when the database can't be read, or lacks a table
 */
export async function dump(
  db: Database,
  write: (text: string) => void | Promise<void>,
  { tables: names, onProgress }: DumpOptions = {},
): Promise<Counts> {
  const session = db[sessionOf]
  const tables = chosen(db, names)
  await checkMade(
    db,
    tables.map(({ name }) => name),
  )
  return session.transaction(
    async () => {
      const total = onProgress ? await countAll(session, tables) : 0
      await write(written({ type: 'header', tables: columnsOf(tables) }))
      const counts: [name: string, rows: number][] = []
      let done = 0
      /* oxlint-disable no-await-in-loop -- one connection, one reader */
      for (const table of tables) {
        const before = done
        await write(written({ type: 'table', name: table.name }))
        await eachBatch(session, table, async (rows) => {
          const lines = rows.map((row) => {
            const values = table.columns.map((column, index) => encoded(column, row[index]))
            return written({ type: 'row', values })
          })
          const text = lines.join('')
          await write(text)
          done += rows.length
          onProgress?.(done, total)
          return text.length
        })
        counts.push([table.name, done - before])
      }
      /* oxlint-enable no-await-in-loop */
      const rows = Object.fromEntries(counts)
      await write(written({ type: 'end', rows }))
      return rows
    },
    { snapshot: true },
  )
}

function chosen(db: Database, names: readonly string[] | undefined): readonly TableDefinition[] {
  const all = inOrderOfReferences(
    db.tables.map(({ table }) => table),
    (table) => foreignKeys(table).map(({ target }) => target.table),
  )
  const unknown = names?.find((name) => !all.some((table) => table.name === name))
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(', ')
    throw new TypeError(`a table to dump must be one of ${known}, got ${shown(unknown)}`)
  }
  return names ? all.filter(({ name }) => names.includes(name)) : all
}

function columnsOf(tables: readonly TableDefinition[]): DumpedTables {
  return Object.fromEntries(
    tables.map((table) => [table.name, table.columns.map(({ name }) => name)]),
  )
}

async function countAll(session: Session, tables: readonly TableDefinition[]): Promise<number> {
  let total = 0
  for (const { name } of tables) {
    // oxlint-disable-next-line no-await-in-loop -- one connection
    const [row] = await session.run<readonly { readonly rows: unknown }[]>((knex) =>
      knex(name).count({ rows: '*' }),
    )
    total += Number(row?.rows)
  }
  return total
}
