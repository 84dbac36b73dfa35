// Writing new rows. Defaults are filled in here, from the definition, so the whole row is known
// without asking for it again; only what counts up comes from the database.
import type { Knex } from 'knex'
import { type ColumnDefinition, findColumn } from './column.js'
import { named, type TableDefinition } from './definition.js'
import { shown } from './errors.js'
import { writing } from './foreign-key.js'
import { Query } from './query.js'
import type { Session } from './session.js'
import { type Binding, bound, mostValues } from './storage.js'
import { defaultValue, fromPlain, plain, type Plain } from './value.js'

type GivenRow = Readonly<Record<string, unknown>>
type PlainRow = Record<string, Plain | null>

// SQLite takes 500 rows in one statement.
const mostRows = 500

/** An insert: it gives the new row, or an array of the new rows, as a select would. */
export class InsertQuery<R, Many extends boolean, Given = R> extends Query<
  Many extends true ? Given[] : Given
> {
  readonly #session: Session
  readonly #table: TableDefinition
  readonly #given: GivenRow | readonly GivenRow[]

  constructor(
    session: Session,
    table: TableDefinition,
    given: GivenRow | readonly GivenRow[],
    names: readonly string[],
  ) {
    const columns = names.map((name) => findColumn(table, name))
    const pick = (row: PlainRow) =>
      Object.fromEntries(
        columns.map((column) => [column.name, fromPlain(column, row[column.name] ?? null)]),
      )
    super(session, {
      build: (knex) => {
        const rows = plainRows(table, given)
        return knex(table.name).insert(rows.map((row) => bindings(session, knex, table, row)))
      },
      execute: async (knex) => {
        const rows = (await insertRows(session, knex, table, plainRows(table, given))).map(pick)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `Many` says which of the two was given
        return (Array.isArray(given) ? rows : rows[0]) as Many extends true ? Given[] : Given
      },
    })
    this.#session = session
    this.#table = table
    this.#given = given
  }

  /** Gives only these columns of the new rows; all, if none is named. */
  returning<K extends keyof R & string>(...names: K[]): InsertQuery<R, Many, Pick<R, K>> {
    return new InsertQuery(this.#session, this.#table, this.#given, named(this.#table, names))
  }
}

function plainRows(table: TableDefinition, given: GivenRow | readonly GivenRow[]): PlainRow[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  return list.map((row) => {
    if (typeof row !== 'object' || row === null) {
      throw new TypeError(`a row of ${table.name} must be an object, got ${shown(row)}`)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object, whose values are checked one by one
    return plainRow(table, row as GivenRow)
  })
}

function plainRow(table: TableDefinition, given: GivenRow): PlainRow {
  for (const name of Object.keys(given)) findColumn(table, name)
  const row: PlainRow = {}
  for (const column of table.columns) {
    const own = given[column.name]
    const value = own === undefined ? leftOut(column) : own
    if (value !== undefined) row[column.name] = plain(column, value)
  }
  return row
}

function leftOut(column: ColumnDefinition): unknown {
  const value = defaultValue(column)
  if (value === undefined && column.kind !== 'increments') {
    throw new TypeError(`${column.table}.${column.name} must be given: it has no default`)
  }
  return value
}

async function insertRows(
  session: Session,
  knex: Knex,
  table: TableDefinition,
  rows: readonly PlainRow[],
): Promise<readonly PlainRow[]> {
  const counter = table.columns.find((column) => column.kind === 'increments')?.name
  const size = counter ? 1 : Math.min(mostRows, Math.floor(mostValues / table.columns.length))
  if (rows.length <= size) return insertStatement(session, knex, table, rows, counter)

  return session.transaction(async () => {
    const inserted: PlainRow[] = []
    for (let start = 0; start < rows.length; start += size) {
      const some = rows.slice(start, start + size)
      // oxlint-disable-next-line no-await-in-loop -- one connection, one statement at a time
      inserted.push(
        ...(await session.run((own) => insertStatement(session, own, table, some, counter))),
      )
    }
    return inserted
  })
}

async function insertStatement(
  session: Session,
  knex: Knex,
  table: TableDefinition,
  rows: readonly PlainRow[],
  counter: string | undefined,
): Promise<readonly PlainRow[]> {
  const [first] = rows
  if (!first) return []
  const values = rows.map((row) => bindings(session, knex, table, row))
  const builder: Knex.QueryBuilder = knex(table.name).insert(values)
  const write = { table, values }
  if (counter === undefined || counter in first) {
    await writing(session, knex, write, builder)
    return rows
  }
  // MySQL gives the number that it counted, the others give what they are asked for.
  if (session.dialect !== 'mysql') builder.returning(counter)
  const [answer]: readonly (number | Readonly<Record<string, number>>)[] = await writing(
    session,
    knex,
    write,
    builder,
  )
  const id = typeof answer === 'object' ? answer[counter] : answer
  return [{ ...first, [counter]: Number(id) }]
}

/** What is bound for the columns of a row. */
export function bindings(
  session: Session,
  knex: Knex,
  table: TableDefinition,
  row: Readonly<PlainRow>,
): Record<string, Binding> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      bound(session.dialect, knex, findColumn(table, name), value),
    ]),
  )
}
