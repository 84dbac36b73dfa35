// `load`: the rows of a dump into the tables of a database, all of them or none.
import type { Database } from './database.js'
import { type Counts, type DumpedTables, LoadError, parsed } from './dump-format.js'
import { withKeysChecked } from './dump-keys.js'
import { numberedLines, type NumberedLine } from './dump-lines.js'
import { RowWriter } from './dump-rows.js'
import { checkMade } from './dump-tables.js'
import { shown } from './errors.js'
import { type Session, sessionOf } from './session.js'

export interface LoadOptions {
  /** Adds to tables that have rows already, instead of refusing. */
  readonly append?: boolean
}

type Lines = AsyncGenerator<NumberedLine, void, undefined>

/**
 * Loads what `dump` wrote, from this database or another, in one transaction: when it fails, nothing of it
 * stays. The tables must exist. The counters of `increments` columns go on behind the rows.
 *
 * @param input chunks of the dump, cut anywhere: a file's stream, `process.stdin`
 * @returns how many rows each table got
 * @throws LoadError for a line that can't be loaded, a dump that is cut off, tables that have rows
 */
export async function load(
  db: Database,
  input: AsyncIterable<string | Uint8Array>,
  { append = false }: LoadOptions = {},
): Promise<Counts> {
  const session = db[sessionOf]
  const lines = numberedLines(input)
  try {
    const header = await readHeader(lines)
    await checkMade(db, Object.keys(header))
    return await session.transaction(async () => {
      const writers = Object.entries(header).map(([name, columns]) =>
        writerOf(session, db, name, columns),
      )
      if (!append) await refuseRows(writers)
      const tables = writers.map(({ table }) => table)
      const counts = await withKeysChecked(session, tables, () => loadRows(lines, writers))
      // oxlint-disable-next-line no-await-in-loop -- one connection
      for (const writer of writers) await writer.countOn()
      return counts
    })
  } finally {
    await lines.return()
  }
}

async function readHeader(lines: Lines): Promise<DumpedTables> {
  const { value: first } = await lines.next()
  const line = first && parsed(first.text)
  if (line?.type === 'header') return line.tables
  throw new LoadError('the dump must begin with the line that names its tables, got something else')
}

function writerOf(
  session: Session,
  db: Database,
  name: string,
  columns: readonly string[],
): RowWriter {
  const table = db.tables.find((each) => each.table.name === name)?.table
  if (!table) {
    const known = db.tables.map((each) => each.table.name).join(', ')
    throw new LoadError(`the tables of the dump must be among ${known}, got ${shown(name)}`)
  }
  return new RowWriter(session, table, columns)
}

async function refuseRows(writers: readonly RowWriter[]): Promise<void> {
  for (const writer of writers) {
    // oxlint-disable-next-line no-await-in-loop -- one connection
    if (await writer.isEmpty()) continue
    throw new LoadError(
      `the table ${writer.table.name} must be empty, got rows: load into an empty database, or append`,
    )
  }
}

async function loadRows(lines: Lines, writers: readonly RowWriter[]): Promise<Counts> {
  let writer: RowWriter | undefined
  let end: Counts | undefined
  let last = 1
  for await (const { number, text } of lines) {
    last = number
    const refuse = (rule: string): LoadError => new LoadError(`line ${number} of the dump ${rule}`)
    if (end) throw refuse('must not be there: the dump has ended before it')
    const line = parsed(text)
    switch (line?.type) {
      case 'table':
        await writer?.flush()
        writer = writers.find(({ table }) => table.name === line.name)
        if (!writer) throw refuse(`must name a table of the first line, got ${shown(line.name)}`)
        break
      case 'row':
        if (!writer) throw refuse('must come behind a line that names its table')
        writer.add(number, line.values, text.length)
        if (writer.isFull) await writer.flush()
        break
      case 'end':
        await writer?.flush()
        end = line.rows
        break
      default:
        throw refuse('must be a row or the name of a table, in JSON')
    }
  }
  if (!end)
    throw new LoadError(`the dump must end with its counts, but is cut off behind line ${last}`)
  for (const { table, written } of writers) {
    if (end[table.name] === written) continue
    throw new LoadError(
      `the dump must have the ${end[table.name] ?? 0} rows of ${table.name} that its last line tells, got ${written}`,
    )
  }
  return end
}
