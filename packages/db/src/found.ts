// What a database holds: as a state where a state can say it, and else as remarks.
import type { SchemaState } from './state.js'
import type { Dialect } from './storage.js'

/** Something in the database that a state does not say, or not quite. */
export interface Remark {
  /** The table or the view. */
  readonly table: string
  /** The column that it is about, if it is about one. */
  readonly column?: string
  readonly about:
    | 'type'
    | 'collation'
    | 'default'
    | 'generated'
    | 'update'
    | 'key'
    | 'index'
    | 'foreign key'
    | 'check'
    | 'trigger'
    | 'view'
    | 'table'
  /** What there is, in the database's words: `smallint`, `collation en_US`, `trigger entry_log`. */
  readonly found: string
  /** Whether the state has something like it; else it has nothing of it. */
  readonly kept: boolean
}

/** What `readSchema` gives. */
export interface FoundSchema {
  readonly dialect: Dialect
  /** The tables, with all that a model could say of them; their names may be any that a database has. */
  readonly tables: SchemaState
  readonly remarks: readonly Remark[]
}

/** A column as the catalogue has it. */
export interface FoundColumn {
  readonly table: string
  readonly name: string
  /** The type in the database's words, with its sizes. */
  readonly type: string
  readonly nullable: boolean
  /** SQL. */
  readonly default: string | null
  /** Whether the database counts it up: as an `increments()` column is made, or in another way. */
  readonly counts?: 'own' | 'other'
  readonly collation?: string
  readonly generated?: boolean
  readonly checks: readonly string[]
}

export interface FoundIndex {
  readonly table: string
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
  /** What makes it more than an index on columns: `partial`, `on an expression`. */
  readonly special?: string
}

export interface FoundKey {
  readonly table: string
  readonly name: string
  readonly columns: readonly string[]
  readonly target: { readonly table: string; readonly columns: readonly string[] }
  /** In lower case: `set null`. */
  readonly onDelete: string
  readonly onUpdate: string
}

/** What a catalogue tells, in one form for all databases. */
export interface Catalogue {
  readonly tables: readonly { readonly name: string; readonly primaryKey: readonly string[] }[]
  readonly columns: readonly FoundColumn[]
  readonly indexes: readonly FoundIndex[]
  readonly keys: readonly FoundKey[]
  readonly remarks: readonly Remark[]
}

/** Rows that stand one below the other in a list, in groups of one key. */
export function grouped<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): readonly (readonly [Row, ...Row[]])[] {
  const groups = new Map<string, [Row, ...Row[]]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group) group.push(row)
    else groups.set(keyOf(row), [row])
  }
  return [...groups.values()]
}

/** The key of a table's part, for maps. */
export function partKey({
  table,
  name,
}: {
  readonly table: string
  readonly name: string
}): string {
  return JSON.stringify([table, name])
}
