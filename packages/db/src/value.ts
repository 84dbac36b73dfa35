// The rule of each kind of column, the same for all databases: what a value must be, and its one plain
// form. A value of the wrong type is a TypeError; one of the right type that the column could not hold
// is a RangeError.
import { type ColumnState, computedDefault, type Kind } from './column.js'
import { shown } from './errors.js'

/** A value in its plain form: JSON as text, a decimal with all digits of its scale. */
export type Plain = string | number | bigint | boolean | Date

type Rule = (value: unknown, column: ColumnState) => Plain

function typeError(column: ColumnState, rule: string, value: unknown): TypeError {
  return new TypeError(`${column.table}.${column.name} must be ${rule}, got ${shown(value)}`)
}

function rangeError(column: ColumnState, rule: string, value: unknown): RangeError {
  return new RangeError(`${column.table}.${column.name} must ${rule}, got ${shown(value)}`)
}

/** What the numbers that a column holds must do. */
export function rangeRule({ kind, precision = 0, scale = 0 }: ColumnState): string {
  if (kind === 'bigInteger') return 'fit in 64 bits'
  if (kind === 'float') return 'be finite'
  if (kind !== 'decimal') return 'be an integer from -2147483648 to 2147483647'
  return `have at most ${precision - scale} digits before its point and ${scale} after it`
}

function asString(value: unknown, column: ColumnState, what = 'a string'): string {
  if (typeof value !== 'string') throw typeError(column, what, value)
  // PostgreSQL has no U+0000, and UTF-8 has no lone surrogates: drivers would store U+FFFD instead.
  if (value.includes('\0')) throw rangeError(column, 'not contain U+0000', value)
  if (/\p{Surrogate}/u.test(value)) {
    throw rangeError(column, 'be well-formed Unicode without lone surrogates', value)
  }
  return value
}

function limitedString(value: unknown, column: ColumnState): string {
  const checked = asString(value, column)
  const most = column.length ?? Infinity
  // The code units are counted first: they are never fewer than the code points.
  if (checked.length > most && Array.from(checked).length > most) {
    throw rangeError(column, `have at most ${most} characters`, value)
  }
  return checked
}

function integer(value: unknown, column: ColumnState): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw typeError(column, 'an integer', value)
  if (!Number.isInteger(value)) throw rangeError(column, 'be an integer', value)
  if (value < -(2 ** 31) || value >= 2 ** 31) {
    throw rangeError(column, rangeRule(column), value)
  }
  return value + 0
}

function bigInteger(value: unknown, column: ColumnState): bigint {
  if (typeof value !== 'bigint') throw typeError(column, 'a bigint', value)
  if (BigInt.asIntN(64, value) !== value) throw rangeError(column, rangeRule(column), value)
  return value
}

function float(value: unknown, column: ColumnState): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw typeError(column, 'a number', value)
  if (!Number.isFinite(value)) throw rangeError(column, rangeRule(column), value)
  // -0 becomes 0: not every database keeps the sign.
  return value + 0
}

function decimal(value: unknown, column: ColumnState): string {
  if (typeof value !== 'string')
    throw typeError(column, "a decimal number as a string ('1.50')", value)
  const { precision = 0, scale = 0 } = column
  const match = /^([+-]?)0*(\d+)(?:\.(\d+))?$/.exec(value)
  if (!match) throw rangeError(column, "be a decimal number like '1.50'", value)
  const [, sign = '', whole = '', fraction = ''] = match
  const digits = whole === '0' ? '' : whole
  if (digits.length > precision - scale || fraction.length > scale) {
    throw rangeError(column, rangeRule(column), value)
  }
  const all = fraction.padEnd(scale, '0')
  const minus = sign === '-' && /[1-9]/.test(whole + all) ? '-' : ''
  return minus + whole + (scale > 0 ? `.${all}` : '')
}

function boolean(value: unknown, column: ColumnState): boolean {
  if (typeof value !== 'boolean') throw typeError(column, 'a boolean', value)
  return value
}

function date(value: unknown, column: ColumnState): string {
  const day = asString(value, column, "a string 'YYYY-MM-DD'")
  const time = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  // Date.parse takes February 30 for March 1.
  if (Number.isNaN(time) || day < '0001' || new Date(time).toISOString().slice(0, 10) !== day) {
    throw rangeError(column, "be a day 'YYYY-MM-DD' of the years 0001 to 9999", value)
  }
  return day
}

const firstMoment = Date.parse('0001-01-01T00:00:00.000Z')
const lastMoment = Date.parse('9999-12-31T23:59:59.999Z')

function datetime(value: unknown, column: ColumnState): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime()))
    throw typeError(column, 'a valid Date', value)
  const time = value.getTime()
  if (time < firstMoment || time > lastMoment) {
    throw rangeError(column, 'be in the years 0001 to 9999', value)
  }
  return new Date(time)
}

function json(value: unknown, column: ColumnState): string {
  let written: string | undefined
  try {
    written = JSON.stringify(value)
  } catch (error) {
    throw new TypeError(typeError(column, 'what JSON can say', value).message, { cause: error })
  }
  if (written === undefined) throw typeError(column, 'what JSON can say', value)
  // PostgreSQL's jsonb refuses \u0000 and lone surrogates, which JSON.stringify writes as \udXXX.
  if (/(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/.test(written)) {
    throw rangeError(column, 'contain neither U+0000 nor lone surrogates', value)
  }
  return written
}

function uuid(value: unknown, column: ColumnState): string {
  const lower = asString(value, column, 'a UUID').toLowerCase()
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(lower)) {
    throw rangeError(column, 'be a UUID like 8-4-4-4-12 hexadecimal digits', value)
  }
  return lower
}

const rules: Readonly<Record<Kind, Rule>> = {
  string: limitedString,
  text: (value, column) => asString(value, column),
  integer,
  bigInteger,
  float,
  decimal,
  boolean,
  date,
  datetime,
  json,
  uuid,
  increments: integer,
}

/**
 * The plain form of a column's value; null stays null where the column is nullable.
 *
 * @throws TypeError for a value of the wrong type
 * @throws RangeError for one that the column could not hold
 */
export function plain(column: ColumnState, value: unknown): Plain | null {
  if (value === null) {
    if (column.nullable) return null
    throw typeError(column, 'a value, it is not nullable', value)
  }
  return rules[column.kind](value, column)
}

/** What a row holds for a plain form. */
export function fromPlain(column: ColumnState, value: Plain | null): unknown {
  return column.kind === 'json' && typeof value === 'string' ? JSON.parse(value) : value
}

/** A new row's value for a column that was left out; undefined if it must be given. */
export function defaultValue(column: ColumnState): unknown {
  const computed = computedDefault(column)
  if (computed === 'randomUuid') return crypto.randomUUID()
  if (computed === 'now') {
    const moment = new Date()
    return column.kind === 'date' ? moment.toISOString().slice(0, 10) : moment
  }
  return column.default ?? (column.nullable ? null : undefined)
}
