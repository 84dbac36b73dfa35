// A place in an ordered list as a string for a URL: the values that the order's columns have there. It is no
// secret and no seal: whoever makes one up reads the same list from another place.
import createError from 'http-errors'
import type { ColumnDefinition } from './column.js'
import { decoded, encoded } from './dump-format.js'
import type { Plain } from './value.js'

/** What a page's order goes by. */
export interface Key {
  /** As the query names it: `published`, `author.name`. */
  readonly name: string
  readonly direction: 'asc' | 'desc'
  readonly column: ColumnDefinition
  readonly sql: string
  readonly nullable: boolean
}

const ways = ['after', 'before', 'until'] as const

/** Rows after a row, before it, or until it and with it. */
export interface Place {
  readonly way: (typeof ways)[number]
  readonly values: readonly (Plain | null)[]
}

export function writeCursor(keys: readonly Key[], place: Place): string {
  const values = keys.map(({ column }, index) => encoded(column, place.values[index]))
  return Buffer.from(JSON.stringify([place.way, orderOf(keys), ...values])).toString('base64url')
}

/** @throws http-errors' 400 for what is no cursor of a list in this order */
export function readCursor(keys: readonly Key[], cursor: string): Place {
  const [way, order, ...values] = parse(cursor)
  const known = ways.find((each) => each === way)
  if (known === undefined) throw refused('another text')
  if (order !== orderOf(keys) || values.length !== keys.length) throw refused("another list's")
  return { way: known, values: keys.map((key, index) => readValue(key, values[index])) }
}

function parse(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}

function readValue({ name, column, nullable }: Key, value: unknown): Plain | null {
  try {
    return decoded({ ...column, nullable }, value)
  } catch (error) {
    throw refused(`one with a value that ${name} can't have`, error)
  }
}

function refused(what: string, cause?: unknown): Error {
  const message = `the cursor must be one that this list gave, got ${what}`
  return createError(400, message, cause === undefined ? {} : { cause })
}

/** A few letters that tell one order from another: FNV-1a, since a cursor is no seal. */
function orderOf(keys: readonly Key[]): string {
  let hash = 0x811c9dc5
  for (const { column, name, direction } of keys) {
    const text = `${column.table} ${name} ${direction},`
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    }
  }
  return (hash >>> 0).toString(36)
}
