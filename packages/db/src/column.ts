// The kinds of columns. A column is immutable: each modifier gives a new one. Its definition is data:
// types of rows, queries, tables in the database and later migrations and forms are all made from it.

/** The kinds of columns; the package's README says how each is stored. */
export type Kind =
  | 'string'
  | 'text'
  | 'integer'
  | 'bigInteger'
  | 'float'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'json'
  | 'uuid'
  | 'increments'

/** What becomes of a row when the row that it refers to is deleted. */
export type OnDelete = 'restrict' | 'cascade' | 'set null'

/** A default that is computed for each row: see `now` and `randomUuid`. */
export interface Computed<Name extends 'now' | 'randomUuid' = 'now' | 'randomUuid'> {
  readonly computed: Name
}

/** A column that belongs to a table, as data. */
export interface ColumnDefinition<Value = unknown, K extends Kind = Kind> {
  readonly table: string
  readonly name: string
  readonly kind: K
  /** The most characters (code points) that a `string` holds. */
  readonly length?: number
  /** All digits of a `decimal`. */
  readonly precision?: number
  /** The digits of a `decimal` after its point. */
  readonly scale?: number
  readonly nullable: boolean
  /** A value, or what computes one for each row; absent if the column has no default. */
  readonly default?: Value | Computed
  readonly primary: boolean
  readonly index: boolean
  readonly unique: boolean
  readonly references?: { readonly target: () => AnyColumn; readonly onDelete: OnDelete }
}

/**
 * Any table's column. A table that refers to itself, or two that refer to each other, need it:
 * `references((): AnyColumn => node.id)`, or TypeScript could not infer the table's own type.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- it stands for a column of any value
export type AnyColumn = ColumnDefinition<any>

type Default<Value, K extends Kind> =
  | NonNullable<Value>
  | (K extends 'date' | 'datetime' ? Computed<'now'> : never)
  | (K extends 'uuid' ? Computed<'randomUuid'> : never)

/** A column in the making, before `db.table` gives it its name. */
export class Column<Value, Optional extends boolean = false, K extends Kind = Kind> {
  /** Exists for types only: whether an insert may leave the column out. */
  declare readonly optional: Optional
  readonly definition: ColumnDefinition<Value, K>

  constructor(definition: ColumnDefinition<Value, K>) {
    this.definition = definition
  }

  /** Makes the column (a part of) the primary key; several such columns make a composite key. */
  primary(): Column<Value, Optional, K> {
    return new Column({ ...this.definition, primary: true })
  }

  index(): Column<Value, Optional, K> {
    return new Column({ ...this.definition, index: true })
  }

  unique(): Column<Value, Optional, K> {
    return new Column({ ...this.definition, unique: true })
  }

  /** Allows null; an insert that leaves the column out stores its default, else null. */
  nullable(): Column<Value | null, true, K> {
    return new Column<Value | null, true, K>({ ...this.definition, nullable: true })
  }

  /** What an insert that leaves the column out stores. It is the database's default too. */
  default(value: Default<Value, K>): Column<Value, true, K> {
    return new Column<Value, true, K>({ ...this.definition, default: value })
  }

  /**
   * Makes the column a foreign key. The thunk is called when the table is created, so that it may
   * name a table that is defined later.
   *
   * @param options.onDelete what becomes of this row with the other; `'restrict'` by default
   */
  references(
    target: () =>
      ColumnDefinition<NonNullable<Value>> | ColumnDefinition<NonNullable<Value> | null>,
    options: { readonly onDelete?: OnDelete } = {},
  ): Column<Value, Optional, K> {
    const references = { target, onDelete: options.onDelete ?? 'restrict' }
    return new Column({ ...this.definition, references })
  }
}

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
export function json<T = unknown>(): Column<T, false, 'json'> {
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

/** How a column's default is computed, if it is. */
export function computedDefault(column: ColumnDefinition): Computed['computed'] | undefined {
  if (column.kind === 'json') return undefined
  const value = column.default
  if (typeof value !== 'object' || value === null || !('computed' in value)) return undefined
  return value.computed === 'now' || value.computed === 'randomUuid' ? value.computed : undefined
}
