// The kinds of columns, and the defaults that are computed. The README says how each kind is stored.
import { Column, type ColumnDefinition, type Computed, type Kind } from './column.js'

function make<Value, K extends Kind>(
  kind: K,
  size: Pick<ColumnDefinition, 'length' | 'precision' | 'scale'> = {},
): Column<Value, false, K> {
  const flags = { nullable: false, primary: false, index: false, unique: false }
  return new Column<Value, false, K>({ table: '', name: '', kind, ...size, ...flags })
}

function checkSize(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new TypeError(`${what} must be an integer from ${least} to ${most}, got ${String(value)}`)
}

/** @param length the most characters (code points), 1 to 1,000,000 */
export function string(length: number): Column<string, false, 'string'> {
  checkSize('length of string()', length, 1, 1_000_000)
  return make('string', { length })
}

/** A text of any length; it can't be a key or have an index. */
export function text(): Column<string, false, 'text'> {
  return make('text')
}

/** A whole number of 32 bits. */
export function integer(): Column<number, false, 'integer'> {
  return make('integer')
}

/** A whole number of 64 bits. */
export function bigInteger(): Column<bigint, false, 'bigInteger'> {
  return make('bigInteger')
}

/** A finite double. */
export function float(): Column<number, false, 'float'> {
  return make('float')
}

/**
 * An exact decimal number, as a string: `'19.90'`.
 *
 * @param precision all digits, 1 to 18: as many as a 64-bit integer keeps, SQLite's largest exact number
 * @param scale the digits after the point, 0 to `precision`
 */
export function decimal(precision: number, scale: number): Column<string, false, 'decimal'> {
  checkSize('precision of decimal()', precision, 1, 18)
  checkSize('scale of decimal()', scale, 0, precision)
  return make('decimal', { precision, scale })
}

export function boolean(): Column<boolean, false, 'boolean'> {
  return make('boolean')
}

/** A day of the calendar, as `'YYYY-MM-DD'`. */
export function date(): Column<string, false, 'date'> {
  return make('date')
}

/** A moment, to the millisecond. */
export function datetime(): Column<Date, false, 'datetime'> {
  return make('datetime')
}

/** What JSON can say; `T` is a promise of yours, nothing checks it. */
// Without NoInfer `db.table`, which takes columns of any value, would make `any` of a T that is left out.
export function json<T = unknown>(): Column<NoInfer<T>, false, 'json'> {
  return make('json')
}

/** A UUID (RFC 9562 §4), in lower case. */
export function uuid(): Column<string, false, 'uuid'> {
  return make('uuid')
}

/** A whole number of 32 bits that the database counts up: the whole primary key. */
export function increments(): Column<number, true, 'increments'> {
  return new Column<number, true, 'increments'>({
    ...make<number, 'increments'>('increments').definition,
    primary: true,
  })
}

/** The default of a `datetime` (this millisecond) or a `date` (today in UTC). */
export function now(): Computed<'now'> {
  return { computed: 'now' }
}

/** The default of a `uuid`: a random one (RFC 9562 §5.4), made here and not by the database. */
export function randomUuid(): Computed<'randomUuid'> {
  return { computed: 'randomUuid' }
}
