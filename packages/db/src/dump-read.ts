// Reads all rows of a table in batches of bounded size, each database in the way that costs it least: SQLite
// page by page along its row ids, PostgreSQL through a cursor, MySQL as a stream.
import type { Knex } from 'knex'
import type { TableDefinition } from './definition.js'
import type { Session } from './session.js'
import { loaded, selected } from './storage.js'
import type { RawRow } from './selection.js'

/** Takes some rows, their values in the order of the columns, and gives how many characters they made. */
export type TakeRows = (rows: readonly (readonly unknown[])[]) => Promise<number>

/** A batch should make about this many characters; the first rows tell how many those are. */
const wantedSize = 256 * 1024
const firstRows = 50
const mostRows = 1000

/** Reads in a transaction: what is read is of one moment only there. */
export async function eachBatch(
  session: Session,
  table: TableDefinition,
  take: TakeRows,
): Promise<void> {
  const { dialect } = session
  const rows = (knex: Knex): Knex.QueryBuilder =>
    knex(table.name).select(
      table.columns.map((column) => selected(dialect, knex, column, table.name, column.name)),
    )
  const values = (raw: RawRow): readonly unknown[] =>
    table.columns.map((column) => loaded(dialect, column, raw[column.name] ?? null))
  const takeRaw = (raw: readonly RawRow[]): Promise<number> => take(raw.map(values))

  if (dialect === 'mysql') return session.run((knex) => streamed(rows(knex), takeRaw))
  const next = dialect === 'sqlite' ? pages(session, table, rows) : await cursor(session, rows)
  let limit = firstRows
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- the next batch only when the last one is taken
    const batch = await next(limit)
    if (batch.length === 0) return
    // oxlint-disable-next-line no-await-in-loop
    limit = nextLimit(batch.length, await takeRaw(batch))
  }
}

function nextLimit(rows: number, size: number): number {
  return Math.min(mostRows, Math.max(1, Math.floor((rows * wantedSize) / Math.max(1, size))))
}

type Next = (limit: number) => Promise<readonly RawRow[]>

// No column can have this name: it does not begin with a letter.
const key = '_rowid_'

function pages(
  session: Session,
  table: TableDefinition,
  rows: (knex: Knex) => Knex.QueryBuilder,
): Next {
  const id = `${table.name}.${key}`
  let last: string | undefined
  return async (limit) => {
    const batch = await session.run<readonly RawRow[]>((knex) => {
      // As text, since the driver would round a large one.
      const page = rows(knex).select(knex.raw('cast(?? as text) as ??', [id, key]))
      if (last !== undefined) page.where(id, '>', knex.raw('cast(? as integer)', [last]))
      return page.orderBy(id).limit(limit)
    })
    last = String(batch.at(-1)?.[key])
    return batch
  }
}

async function cursor(session: Session, rows: (knex: Knex) => Knex.QueryBuilder): Promise<Next> {
  await session.run((knex) =>
    knex.raw('declare robaccia_dump no scroll cursor for ?', [rows(knex)]),
  )
  return async (limit) => {
    const { rows: batch } = await session.run((knex) =>
      knex.raw<{ rows: readonly RawRow[] }>(`fetch ${limit} from robaccia_dump`),
    )
    if (batch.length === 0) await session.run((knex) => knex.raw('close robaccia_dump'))
    return batch
  }
}

async function streamed(
  rows: Knex.QueryBuilder,
  take: (raw: readonly RawRow[]) => Promise<number>,
): Promise<void> {
  let batch: RawRow[] = []
  let limit = firstRows
  // Knex's stream is one of objects, whose rows it does not type.
  const stream = rows.stream() as AsyncIterable<RawRow>
  for await (const row of stream) {
    batch.push(row)
    if (batch.length < limit) continue
    limit = nextLimit(batch.length, await take(batch))
    batch = []
  }
  if (batch.length > 0) await take(batch)
}
