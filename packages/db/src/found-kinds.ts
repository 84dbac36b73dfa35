// Which kind of column an SQL type is, or is like. Those that `storage.ts` makes are read back as what they
// were made of; a type that is only like one holds what the kind's rows hold, with other limits.
import type { ColumnState, Kind } from './column.js'
import type { FoundColumn } from './found.js'
import type { Dialect } from './storage.js'

/** A kind with its sizes. */
export interface Like extends Pick<ColumnState, 'kind' | 'length' | 'precision' | 'scale'> {
  /** The type is not the one that the kind has here. */
  readonly near?: true
}

type Rule = (sizes: readonly number[]) => Like | undefined
type Rules = Readonly<Record<string, Rule>>

const is =
  (kind: Kind): Rule =>
  () => ({ kind })
const near =
  (kind: Kind): Rule =>
  () => ({ kind, near: true })

/** A `string()` has 1 to 1,000,000 characters. */
const text: Rule = ([length]) => {
  if (length === undefined || length < 1 || length > 1_000_000) return { kind: 'text', near: true }
  return { kind: 'string', length }
}
const padded: Rule = ([length = 1]) => ({ kind: 'string', length, near: true })
const number: Rule = ([precision = 99, scale = 0]) =>
  precision <= 18 && scale >= 0 && scale <= precision
    ? { kind: 'decimal', precision, scale }
    : undefined

// Other programs' moments and exact numbers are stored in several ways there, none of which is ours.
const sqlite: Rules = {
  varchar: text,
  character: text,
  char: text,
  nvarchar: text,
  nchar: text,
  'varying character': text,
  'native character': text,
  text: is('text'),
  clob: near('text'),
  integer: is('integer'),
  int: near('integer'),
  tinyint: near('integer'),
  smallint: near('integer'),
  mediumint: near('integer'),
  int2: near('integer'),
  int4: near('integer'),
  bigint: is('bigInteger'),
  int8: near('bigInteger'),
  'unsigned big int': near('bigInteger'),
  real: is('float'),
  float: near('float'),
  double: near('float'),
  'double precision': near('float'),
  'integer decimal': number,
  'integer boolean': is('boolean'),
  boolean: near('boolean'),
  bool: near('boolean'),
  'date text': is('date'),
  date: near('date'),
  'datetime text': is('datetime'),
  'json text': is('json'),
  json: near('json'),
  'uuid text': is('uuid'),
}

const postgres: Rules = {
  'character varying': text,
  text: is('text'),
  character: padded,
  enum: near('text'),
  integer: is('integer'),
  smallint: near('integer'),
  bigint: is('bigInteger'),
  'double precision': is('float'),
  real: near('float'),
  numeric: number,
  boolean: is('boolean'),
  date: is('date'),
  'timestamp with time zone': ([digits]) => ({
    kind: 'datetime',
    ...(digits === 3 ? {} : { near: true }),
  }),
  jsonb: is('json'),
  json: near('json'),
  uuid: is('uuid'),
}

const mysql: Rules = {
  varchar: text,
  longtext: is('text'),
  mediumtext: near('text'),
  text: near('text'),
  tinytext: near('text'),
  enum: near('text'),
  set: near('text'),
  char: ([length = 1]) => (length === 36 ? { kind: 'uuid' } : padded([length])),
  uuid: near('uuid'),
  int: is('integer'),
  'int unsigned': near('integer'),
  mediumint: near('integer'),
  'mediumint unsigned': near('integer'),
  smallint: near('integer'),
  'smallint unsigned': near('integer'),
  tinyint: ([width]) => (width === 1 ? { kind: 'boolean' } : { kind: 'integer', near: true }),
  'tinyint unsigned': near('integer'),
  bigint: is('bigInteger'),
  'bigint unsigned': near('bigInteger'),
  double: is('float'),
  float: near('float'),
  decimal: number,
  date: is('date'),
  datetime: ([digits]) => ({ kind: 'datetime', ...(digits === 3 ? {} : { near: true }) }),
  timestamp: near('datetime'),
  json: is('json'),
}

const rules: Readonly<Record<Dialect, Rules>> = { sqlite, postgres, mysql }

/** The kind that a column is, or is like; undefined where no kind reads and writes such a type. */
export function kindOf(dialect: Dialect, column: FoundColumn): Like | undefined {
  const type = column.type.toLowerCase()
  // `timestamp(3) with time zone` is `timestamp with time zone` of 3, whatever an enum lists is no size.
  const sizes = /\((\d+(?:, *\d+)*)\)/.exec(type)?.[1]?.split(',').map(Number) ?? []
  const name = type
    .replace(/\(.*\)/s, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const rule = Object.hasOwn(rules[dialect], name) ? rules[dialect][name] : undefined
  const like = rule?.(sizes)
  if (!like) return undefined
  if (dialect === 'mysql' && isJson(column)) return { kind: 'json' }
  if (!column.counts) return like
  if (like.kind !== 'integer') return { ...like, near: true }
  return { kind: 'increments', ...(like.near || column.counts === 'other' ? { near: true } : {}) }
}

/** MariaDB's `json` is a longtext that it checks. */
export function isJson({ name, type, checks }: FoundColumn): boolean {
  return type === 'longtext' && checks.includes(`json_valid(\`${name}\`)`)
}
