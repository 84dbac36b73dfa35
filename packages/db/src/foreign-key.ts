// Which foreign key a statement broke, told alike on every database. PostgreSQL and MySQL name it; SQLite
// says only that there is one, so there it is looked for in the rows.
import type { Knex } from 'knex'
import type { ForeignKey } from './ddl.js'
import type { TableDefinition } from './definition.js'
import { ForeignKeyViolation } from './errors.js'
import { foreignKeys } from './schema.js'
import type { Session } from './session.js'
import type { Binding } from './storage.js'

/** A statement that writes. */
export interface Write {
  readonly table: TableDefinition
  /** What columns are set to: a new row each, or one for an update. None for a delete. */
  readonly values: readonly Readonly<Record<string, Binding>>[]
  /** The rows that it changes or deletes. */
  readonly matching?: () => Knex.QueryBuilder
}

/** A key that may be broken, and how to see whether it is. */
interface Suspect {
  readonly key: ForeignKey
  readonly isBroken: () => Promise<boolean>
}

/**
 * Runs a statement that writes.
 *
 * @throws ForeignKeyViolation where it breaks a reference
 */
export async function writing<Result>(
  session: Session,
  knex: Knex,
  write: Write,
  statement: PromiseLike<Result>,
): Promise<Result> {
  try {
    return await statement
  } catch (error) {
    if (!(error instanceof Error) || !isViolation(error)) throw error
    throw await violation(session, knex, write, error)
  }
}

interface DriverError extends Error {
  readonly code?: string
  readonly table?: string
  readonly constraint?: string
}

// 23001 is PostgreSQL's code for ON DELETE RESTRICT since version 18.
const codes = ['23503', '23001', 'ER_NO_REFERENCED_ROW_2', 'ER_ROW_IS_REFERENCED_2']

function isViolation({ code = '', message }: DriverError): boolean {
  return codes.includes(code) || message.endsWith('FOREIGN KEY constraint failed')
}

async function violation(
  session: Session,
  knex: Knex,
  write: Write,
  error: DriverError,
): Promise<ForeignKeyViolation> {
  const keys = session.tables.flatMap(({ table }) => foreignKeys(table))
  const named = namedKey(error)
  const key = named
    ? keys.find(({ name }) => name === named.constraint)
    : // A model ahead of its database must not hide what happened.
      await search(suspects(knex, keys, write)).catch(() => undefined)
  const table = key?.column.table ?? named?.table ?? write.table.name
  const isMissing =
    table === write.table.name && (key ? isSet(write, key.column.name) : write.values.length > 0)
  return new ForeignKeyViolation(
    {
      table,
      columns: key ? [key.column.name] : [],
      target: key?.target.table ?? '',
      reason: isMissing ? 'missing' : 'referred',
    },
    { cause: error },
  )
}

/** The constraint as PostgreSQL's error has it in fields, MySQL's in its message. */
function namedKey(error: DriverError): { table?: string; constraint?: string } | undefined {
  if (error.constraint !== undefined) return error
  return /\(`[^`]+`\.`(?<table>[^`]+)`, CONSTRAINT `(?<constraint>[^`]+)`/.exec(error.message)
    ?.groups
}

function isSet({ values }: Write, name: string): boolean {
  return values.some((row) => name in row)
}

function suspects(knex: Knex, keys: readonly ForeignKey[], write: Write): readonly Suspect[] {
  const { table, values, matching } = write
  const missing = keys
    .filter(({ column }) => column.table === table.name && isSet(write, column.name))
    .map((key) => ({ key, isBroken: () => lacksTarget(knex, key, values) }))
  if (!matching) return missing
  if (values.length === 0) return restricting(knex, keys, table.name, matching)
  const referred = keys
    .filter(({ target }) => target.table === table.name && isSet(write, target.name))
    .map((key) => suspect(key, referring(knex, key, matching)))
  return [...missing, ...referred]
}

/** Whether a value refers to no row, be it of the same insert. */
async function lacksTarget(
  knex: Knex,
  { column, target }: ForeignKey,
  rows: Write['values'],
): Promise<boolean> {
  const own = target.table === column.table ? rows.map((row) => row[target.name]) : []
  const wanted = new Set(rows.map((row) => row[column.name] ?? null))
  for (const value of [null, ...own]) wanted.delete(value ?? null)
  const counted: readonly { count: unknown }[] = await knex(target.table)
    .whereIn(
      target.name,
      [...wanted].filter((value) => value !== null),
    )
    .count({ count: '*' })
  return Number(counted[0]?.count) < wanted.size
}

/** The keys that keep rows from being deleted: theirs, and those of the rows that would go with them. */
function restricting(
  knex: Knex,
  keys: readonly ForeignKey[],
  table: string,
  rows: () => Knex.QueryBuilder,
  seen: readonly string[] = [table],
): readonly Suspect[] {
  return keys
    .filter(({ target }) => target.table === table)
    .flatMap((key) => {
      const child = key.column.table
      const children = referring(knex, key, rows)
      if (key.onDelete === 'restrict') return [suspect(key, children)]
      if (key.onDelete === 'set null' || seen.includes(child)) return []
      return restricting(knex, keys, child, children, [...seen, child])
    })
}

function referring(
  knex: Knex,
  { column, target }: ForeignKey,
  rows: () => Knex.QueryBuilder,
): () => Knex.QueryBuilder {
  return () =>
    knex(column.table).whereIn(column.name, rows().select(`${target.table}.${target.name}`))
}

function suspect(key: ForeignKey, rows: () => Knex.QueryBuilder): Suspect {
  return { key, isBroken: async () => (await rows().first(key.column.name)) !== undefined }
}

/** The one that can be broken; of several, the first that is. */
async function search(all: readonly Suspect[]): Promise<ForeignKey | undefined> {
  if (all.length === 1) return all[0]?.key
  for (const { key, isBroken } of all) {
    // oxlint-disable-next-line no-await-in-loop -- most often the first is the one
    if (await isBroken()) return key
  }
  return undefined
}
