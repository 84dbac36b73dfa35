// A column is immutable: each modifier gives a new one. Its definition is data: types of rows, queries,
// tables in the database and later migrations and forms are all made from it.

import { shown } from './errors.js'

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

/** What a column holds, without the keys and indexes that it is part of. */
export interface ColumnState<Value = unknown, K extends Kind = Kind> {
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
  /** The name that a model says it had before. */
  readonly was?: string
}

/** A column that belongs to a table, as data. */
export interface ColumnDefinition<Value = unknown, K extends Kind = Kind> extends ColumnState<
  Value,
  K
> {
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
   * Says the name that the column had before, so that a migration renames it and keeps what it holds. It
   * may stay in the model when that is done.
   */
  was(oldName: string): Column<Value, Optional, K> {
    return new Column({ ...this.definition, was: oldName })
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

/** How a column's default is computed, if it is. */
export function computedDefault(column: ColumnState): Computed['computed'] | undefined {
  if (column.kind === 'json') return undefined
  const value = column.default
  if (typeof value !== 'object' || value === null || !('computed' in value)) return undefined
  return value.computed === 'now' || value.computed === 'randomUuid' ? value.computed : undefined
}

/** The column of that name, or a TypeError that says which there are. */
export function findColumn<C extends ColumnState>(
  table: { readonly name: string; readonly columns: readonly C[] },
  name: string,
): C {
  const column = table.columns.find((one) => one.name === name)
  if (column) return column
  const names = table.columns.map((one) => one.name).join(', ')
  throw new TypeError(`a column of ${table.name} must be one of ${names}, got ${shown(name)}`)
}
