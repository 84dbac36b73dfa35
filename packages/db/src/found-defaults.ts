// What a column's default means, from the SQL that the catalogue has of it.
import type { ColumnState } from './column.js'
import { now, randomUuid } from './kinds.js'
import { type Dialect, loaded, sqlDefault } from './storage.js'
import { fromPlain, plain } from './value.js'

export interface FoundDefault {
  /** A value, or what computes one. */
  readonly value: unknown
  /** The database computes it in another way. */
  readonly near?: true
}

/** undefined for an expression that no default is like. */
export function defaultOf(
  dialect: Dialect,
  column: ColumnState,
  sql: string,
): FoundDefault | undefined {
  const computed = computedOf(dialect, column, words(sql))
  if (computed) return computed
  const text = literal(dialect, bare(sql))
  if (text === undefined) return undefined
  try {
    return { value: fromPlain(column, plain(column, valueOf(dialect, column, text))) }
  } catch {
    return undefined // a value that the kind does not have
  }
}

/** What is left of SQL when its layout, its parentheses and PostgreSQL's casts to text are gone. */
function words(sql: string): string {
  return sql
    .toLowerCase()
    .replaceAll('::text', '')
    .replaceAll(/[\s()]/g, '')
}

const moments = [
  'current_timestamp',
  'current_timestamp3',
  'current_timestamp6',
  'now',
  'localtimestamp',
]
const days = ['current_date', 'curdate', 'now::date', 'current_timestamp::date']
const uuids = ['gen_random_uuid', 'uuid_generate_v4', 'uuid']

function computedOf(dialect: Dialect, column: ColumnState, sql: string): FoundDefault | undefined {
  const { kind } = column
  if (kind === 'date' || kind === 'datetime') {
    const own = sqlDefault(dialect, { ...column, default: now() }) ?? ''
    if (sql === words(own)) return { value: now() }
    // SQLite's own have another form than ours.
    const others = kind === 'date' ? days : moments
    if (dialect !== 'sqlite' && others.includes(sql)) return { value: now(), near: true }
  }
  if (kind === 'uuid' && uuids.includes(sql)) return { value: randomUuid(), near: true }
  return undefined
}

/** Without the parentheses round it. */
function bare(sql: string): string {
  const inner = /^\((.*)\)$/s.exec(sql.trim())?.[1]
  return inner === undefined ? sql.trim() : bare(inner)
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0', Z: '\x1A' }

/** What a literal says: a string without its quotes, or a number or boolean as it stands. */
function literal(dialect: Dialect, sql: string): string | undefined {
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(sql) || /^(?:true|false)$/i.test(sql)) {
    return sql.toLowerCase()
  }
  // MySQL 8 shows an expression with its quotes escaped once more: _utf8mb4\'it\\\'s\'.
  const text = /^(?:_\w+)?\\'/.test(sql) ? sql.replaceAll(/\\(.)/gs, '$1') : sql
  if (dialect === 'mysql') {
    const body = /^(?:_\w+)?'((?:[^'\\]|''|\\.)*)'$/s.exec(text)?.[1]
    const unescape = (_all: string, letter?: string) =>
      letter === undefined ? "'" : (escapes[letter] ?? letter)
    return body?.replaceAll(/''|\\(.)/gs, unescape)
  }
  const body = /^\(*'((?:[^']|'')*)'\)?(?:::[\w ".(),]+)?$/s.exec(text)?.[1]
  return body?.replaceAll("''", "'")
}

function valueOf(dialect: Dialect, column: ColumnState, text: string): unknown {
  switch (column.kind) {
    case 'integer':
    case 'float':
      return Number(text)
    case 'boolean':
      return { 1: true, 0: false, true: true, false: false, t: true, f: false }[text]
    case 'datetime':
      if (dialect === 'postgres') return new Date(text.replace(' ', 'T').replace('+00', 'Z'))
      return loaded(dialect, column, text)
    default:
      return loaded(dialect, column, text)
  }
}
