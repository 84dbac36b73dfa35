// A dump as lines of JSON, the same for every database. The first line says what follows, the last how much
// it was; between them a table's rows come behind a line that names it, each an array in the order of the
// first line's columns:
//
//   {"robaccia":"dump","version":1,"tables":{"entry":["id","title"]}}
//   {"table":"entry"}
//   ["first-post","Some Title"]
//   {"rows":{"entry":1}}
import type { ColumnDefinition } from './column.js'
import { DatabaseError } from './errors.js'
import { plain, type Plain } from './value.js'

export const version = 1

/** The names of each table's columns, in the order of its rows' values. */
export type DumpedTables = Readonly<Record<string, readonly string[]>>
/** How many rows each table has. */
export type Counts = Readonly<Record<string, number>>

export type Line =
  | { readonly type: 'header'; readonly tables: DumpedTables }
  | { readonly type: 'table'; readonly name: string }
  | { readonly type: 'row'; readonly values: readonly unknown[] }
  | { readonly type: 'end'; readonly rows: Counts }

/** A dump can't be loaded; nothing of it stays. The message names the line, and no value of a row. */
export class LoadError extends DatabaseError {
  override readonly name = 'LoadError'
}

export function written(line: Line): string {
  return `${JSON.stringify(content(line))}\n`
}

function content(line: Line): unknown {
  if (line.type === 'row') return line.values
  if (line.type === 'table') return { table: line.name }
  if (line.type === 'end') return { rows: line.rows }
  return { robaccia: 'dump', version, tables: line.tables }
}

/** What a line says; undefined if it is none of a dump's. */
export function parsed(text: string): Line | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (Array.isArray(value)) return { type: 'row', values: value }
  if (!isRecord(value)) return undefined
  const { robaccia, tables, table, rows } = value
  if (robaccia === 'dump' && value.version === version && isRecord(tables)) {
    const named = Object.entries(tables).every(([, names]) => isNames(names))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each is an array of strings
    return named ? { type: 'header', tables: tables as DumpedTables } : undefined
  }
  if (typeof table === 'string') return { type: 'table', name: table }
  if (!isRecord(rows) || !Object.values(rows).every(Number.isSafeInteger)) return undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each is a number
  return { type: 'end', rows: rows as Counts }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

/**
 * A row's value as JSON can say it.
 *
 * @throws DatabaseError for a number or a moment that other programs stored, and no column here can hold
 */
export function encoded(column: ColumnDefinition, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  const lost =
    (typeof value === 'number' && !Number.isFinite(value)) ||
    (value instanceof Date && Number.isNaN(value.getTime()))
  if (!lost) return value
  const what = column.kind === 'datetime' ? 'a moment' : 'a finite number'
  throw new DatabaseError(`${column.table}.${column.name} must be ${what} in every row`)
}

/**
 * A column's value in its plain form from what a dump says of it.
 *
 * @throws TypeError and RangeError as `plain` does
 */
export function decoded(column: ColumnDefinition, value: unknown): Plain | null {
  return plain(column, typeof value === 'string' ? fromText(column, value) : value)
}

function fromText(column: ColumnDefinition, text: string): unknown {
  switch (column.kind) {
    case 'bigInteger':
      return /^-?\d{1,19}$/.test(text) ? BigInt(text) : text
    case 'datetime':
      return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? new Date(text) : text
    default:
      return text
  }
}
