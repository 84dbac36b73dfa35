// A state of what a catalogue tells; what does not fit goes into remarks.
import type { ColumnState, OnDelete } from './column.js'
import type { Index } from './definition.js'
import {
  type Catalogue,
  type FoundColumn,
  type FoundIndex,
  type FoundKey,
  type FoundSchema,
  partKey,
  type Remark,
} from './found.js'
import { defaultOf } from './found-defaults.js'
import { kindOf, type Like } from './found-kinds.js'
import { sameSql } from './sqlite-definition.js'
import type { ForeignKeyState, TableState } from './state.js'
import { type Dialect, sqlType } from './storage.js'

/** @param catalogue all tables, or those that foreign keys of these would be unknown to */
export function foundSchema(dialect: Dialect, catalogue: Catalogue): FoundSchema {
  const remarks: Remark[] = []
  const note = (remark: Remark): void => void remarks.push(remark)
  const tables = catalogue.tables.map(({ name, primaryKey }) => {
    const ofTable = ({ table }: { readonly table: string }): boolean => table === name
    const columns = catalogue.columns
      .filter(ofTable)
      .flatMap((column) => toColumn(dialect, column, primaryKey, note))
    const has = (names: readonly string[]) =>
      names.every((one) => columns.some((column) => column.name === one))
    if (!has(primaryKey)) {
      const found = `primary key (${primaryKey.join(', ')})`
      note({ table: name, about: 'key', found, kept: false })
    }
    const table: TableState = {
      name,
      columns,
      primaryKey: has(primaryKey) ? primaryKey : [],
      indexes: catalogue.indexes.filter(ofTable).flatMap((one) => toIndex(one, has, note)),
      foreignKeys: [],
    }
    return table
  })
  const byName = new Map(tables.map((table) => [table.name, table]))
  for (const table of tables) {
    const foreignKeys = catalogue.keys
      .filter((key) => key.table === table.name)
      .flatMap((key) => toForeignKey(key, byName, note))
    byName.set(table.name, { ...table, foreignKeys })
  }
  return { dialect, tables: byName, remarks: [...remarks, ...catalogue.remarks] }
}

type Note = (remark: Remark) => void

function toColumn(
  dialect: Dialect,
  column: FoundColumn,
  primaryKey: readonly string[],
  note: Note,
): readonly ColumnState[] {
  const { table, name, type } = column
  const about = { table, column: name }
  if (column.generated) {
    note({ ...about, about: 'generated', found: `generated ${type}`, kept: false })
    return []
  }
  const alone = primaryKey.length === 1 && primaryKey[0] === name
  const { counts: _counts, ...uncounted } = column
  const like = kindOf(dialect, alone ? column : uncounted)
  if (!like) {
    // SQLite's columns need no type.
    note({ ...about, about: 'type', found: type || '(none)', kept: false })
    return []
  }
  const { near, ...kind } = like
  const state: ColumnState = {
    table,
    name,
    ...kind,
    // SQLite takes null into a primary key unless it is told not to, which no model can say.
    nullable: column.nullable && !primaryKey.includes(name),
  }
  if (near || (column.counts && state.kind !== 'increments')) {
    const how = state.kind === 'increments' ? ' in another way' : ''
    const isOther = column.counts === 'other' || (column.counts && state.kind !== 'increments')
    const counted = isOther ? `${type} that counts up${how}` : type
    note({ ...about, about: 'type', found: counted, kept: true })
  }
  if (column.nullable && !state.nullable) {
    note({ ...about, about: 'key', found: 'nullable', kept: true })
  }
  if (column.collation !== undefined && column.collation !== 'binary') {
    note({ ...about, about: 'collation', found: column.collation, kept: true })
  }
  noteChecks(dialect, column, state, like, note)
  return [withDefault(dialect, column, state, note)]
}

function withDefault(
  dialect: Dialect,
  column: FoundColumn,
  state: ColumnState,
  note: Note,
): ColumnState {
  const sql = column.default
  if (sql === null || /^\(*null\)*(?:::.*)?$/i.test(sql) || state.kind === 'increments') {
    return state
  }
  const found = defaultOf(dialect, state, sql)
  if (!found || found.near) {
    const { table, name } = column
    note({ table, column: name, about: 'default', found: sql, kept: found !== undefined })
  }
  if (!found || found.value === null) return state
  return { ...state, default: found.value }
}

/** SQLite's kinds have checks of their own; any other is a remark. */
function noteChecks(
  dialect: Dialect,
  column: FoundColumn,
  state: ColumnState,
  like: Like,
  note: Note,
): void {
  const { table, name } = column
  if (dialect === 'mysql') return // its reader has those of the table and of columns in one list
  const own = dialect === 'sqlite' && !like.near ? ownCheck(state) : undefined
  const isOwn = (check: string): boolean => own !== undefined && sameSql(check, own)
  if (own !== undefined && !column.checks.some(isOwn)) {
    note({ table, column: name, about: 'check', found: column.type, kept: true })
  }
  for (const found of column.checks.filter((check) => !isOwn(check))) {
    note({ table, column: name, about: 'check', found, kept: false })
  }
}

function ownCheck(state: ColumnState): string | undefined {
  return / check \((.*)\)$/.exec(sqlType('sqlite', state))?.[1]
}

function toIndex(
  { table, name, columns, unique, special }: FoundIndex,
  has: (names: readonly string[]) => boolean,
  note: Note,
): readonly Index[] {
  if (special === undefined && has(columns)) return [{ name, columns, unique }]
  const words = [...(unique ? ['unique'] : []), ...(special === undefined ? [] : [special])]
  const found = `index ${name} (${[...columns, ...words].join(', ')})`
  note({ table, about: 'index', found, kept: false })
  return []
}

const possible: Readonly<Record<string, OnDelete>> = {
  restrict: 'restrict',
  'no action': 'restrict',
  cascade: 'cascade',
  'set null': 'set null',
}

function toForeignKey(
  key: FoundKey,
  tables: ReadonlyMap<string, TableState>,
  note: Note,
): readonly ForeignKeyState[] {
  const { table, name, columns, target, onUpdate } = key
  const [own, ...more] = columns
  const [other] = target.columns
  const onDelete = possible[key.onDelete]
  const has = (tableName: string, column: string | undefined) =>
    tables.get(tableName)?.columns.some((one) => one.name === column) === true
  const to = `${target.table} (${target.columns.join(', ')})`
  const words = `foreign key (${columns.join(', ')}) references ${to} on delete ${key.onDelete}`
  const fits = more.length === 0 && onDelete !== undefined
  if (!fits || own === undefined || other === undefined) {
    note({ table, about: 'foreign key', found: words, kept: false })
    return []
  }
  if (!has(table, own) || !has(target.table, other)) {
    note({ table, about: 'foreign key', found: words, kept: false })
    return []
  }
  if (onUpdate !== 'no action' && onUpdate !== 'restrict') {
    note({ table, column: own, about: 'update', found: `on update ${onUpdate}`, kept: true })
  }
  return [{ name, column: own, target: { table: target.table, column: other }, onDelete }]
}

/** The remarks on one column. */
export function remarksOn(
  { remarks }: FoundSchema,
  column: { readonly table: string; readonly name: string },
): readonly Remark[] {
  return remarks.filter(
    (remark) =>
      remark.column !== undefined &&
      partKey({ table: remark.table, name: remark.column }) === partKey(column),
  )
}
