// What of a database a model can say. Each part that it can't is left out with a reason, so that what is left
// is a model that `db.table` takes.
import type { ColumnState } from './column.js'
import { type Index, reservedNames } from './definition.js'
import { type FoundSchema, grouped, partKey, type Remark } from './found.js'
import { checkName, constraintName } from './names.js'
import { isIndexable, referenceProblem } from './rules.js'
import {
  type ForeignKeyState,
  inOrderOfReferences,
  type SchemaState,
  type TableState,
  targetsOf,
} from './state.js'
import { longestKey } from './storage.js'

export interface Fitted {
  /** In the order of their references; keys and indexes have the names that a model gives them. */
  readonly tables: SchemaState
  /** What is in the database in another way, or not in the model, by table. */
  readonly notes: ReadonlyMap<string, readonly string[]>
}

/** @param names the tables that are wanted */
export function fit(found: FoundSchema, names: readonly string[]): Fitted {
  const notes = new Map<string, string[]>()
  const note = (table: string, text: string): void => {
    const all = notes.get(table)
    if (all) all.push(text)
    else notes.set(table, [text])
  }
  for (const remark of found.remarks) {
    const text = inWords(remark)
    if (names.includes(remark.table) && text !== undefined) note(remark.table, text)
  }
  // Most often all columns of a foreign table have the same.
  const collated = found.remarks.filter(({ about }) => about === 'collation')
  for (const group of grouped(collated, (one) => partKey({ table: one.table, name: one.found }))) {
    const [{ table, found: collation }] = group
    const columns = group.map(({ column }) => column).join(', ')
    if (names.includes(table))
      note(table, `in the database: the collation of ${columns} is ${collation}`)
  }
  const wanted = [...found.tables.values()].filter(({ name }) => names.includes(name))
  const known = new Set<string>()
  const tables = inOrderOfReferences(wanted, targetsOf).flatMap((table) => {
    const { name } = table
    const problem = nameProblem('a table name', name, known)
    if (problem !== undefined) {
      note(name, `left out: the table, ${problem}`)
      return []
    }
    const left = found.remarks.filter((remark) => remark.table === name && !remark.kept)
    const hasKey = table.primaryKey.length > 0 || left.some(({ about }) => about === 'key')
    if (!hasKey) note(name, 'in the database: no primary key, which page() needs')
    const fitted = fitTable(table, (text) => note(name, text))
    if (fitted.columns.length === 0) {
      note(name, 'left out: the table, no column of which can be in a model')
      return []
    }
    known.add(name.toLowerCase())
    return [fitted]
  })
  const byName = new Map(tables.map((table) => [table.name, table]))
  for (const table of tables) {
    const foreignKeys = fitForeignKeys(table, byName, (text) => note(table.name, text))
    byName.set(table.name, { ...table, foreignKeys })
  }
  return { tables: byName, notes }
}

type Words = Readonly<Partial<Record<Remark['about'], string>>>

/** undefined for what needs no word in a model: that an integer of SQLite lacks the check of its range. */
function inWords({ table, column = '', about, found, kept }: Remark): string | undefined {
  if (kept) {
    const facts: Words = {
      type: `${column} is ${found}`,
      default: `the default of ${column} is ${found}`,
      key: `${column} is ${found}`,
      update: `${column} has ${found}`,
      table: `${table} is ${found}`,
    }
    const fact = facts[about]
    return fact === undefined ? undefined : `in the database: ${fact}`
  }
  const parts: Words = {
    type: `${column}, of the type ${found}`,
    generated: `${column}, ${found}`,
    default: `the default of ${column}, ${found}`,
    check: column === '' ? `check ${found}` : `a check of ${column}, ${found}`,
  }
  return `left out: ${parts[about] ?? found}`
}

type Note = (text: string) => void

/** Why a name can't be in a model; undefined if it can. */
function nameProblem(what: string, name: string, known: ReadonlySet<string>): string | undefined {
  if (known.has(name.toLowerCase())) return 'whose name is there in another case'
  try {
    checkName(what, name)
    return undefined
  } catch (error) {
    return `since ${error instanceof Error ? error.message : String(error)}`
  }
}

function fitTable(table: TableState, note: Note): TableState {
  const { name } = table
  const known = new Set<string>()
  const columns = table.columns.flatMap((column) => {
    const reserved = (reservedNames as readonly string[]).includes(column.name)
    const problem = reserved
      ? 'a name that a table has for itself'
      : nameProblem(`a column name of ${name}`, column.name, known)
    if (problem !== undefined) {
      note(`left out: ${column.name}, ${problem}`)
      return []
    }
    known.add(column.name.toLowerCase())
    return [asKey(table, column, note)]
  })
  const named = new Map(columns.map((column) => [column.name, column]))
  const fits = (names: readonly string[]): boolean => {
    const all = names.flatMap((each) => named.get(each) ?? [])
    const length = all.reduce((sum, column) => sum + (column.length ?? 0), 0)
    return all.length === names.length && all.every(isIndexable) && length <= longestKey
  }
  const { primaryKey } = table
  const key = `primary key (${primaryKey.join(', ')})`
  const inOrder = columns.filter(({ name: each }) => primaryKey.includes(each))
  if (!fits(primaryKey)) note(`left out: ${key}`)
  else if (inOrder.some(({ name: each }, at) => each !== primaryKey[at])) {
    note(`in the database: ${key}`)
  }
  return {
    ...table,
    columns,
    primaryKey: fits(primaryKey) ? primaryKey : [],
    indexes: fitIndexes(table, fits, note),
  }
}

/** A text in a key, and one that refers to a key, gets the length that a key may have. */
function asKey(table: TableState, column: ColumnState, note: Note): ColumnState {
  if (column.kind !== 'text') return column
  const keys = [
    table.primaryKey,
    ...table.indexes.filter(isSingle).map(({ columns }) => columns),
    ...table.foreignKeys.map((key) => [key.column]),
  ]
  const mine = keys.filter((names) => names.includes(column.name))
  if (mine.length === 0) return column
  const length = Math.floor(longestKey / Math.max(...mine.map((names) => names.length)))
  note(`in the database: ${column.name} has no limit, which a key must have`)
  return { ...column, kind: 'string', length }
}

function isSingle({ columns }: Index): boolean {
  return columns.length === 1
}

function fitIndexes(
  { name, indexes }: TableState,
  fits: (names: readonly string[]) => boolean,
  note: Note,
): readonly Index[] {
  // A unique index does what another on the same column does.
  const ordered = indexes.toSorted((one, other) => Number(other.unique) - Number(one.unique))
  const fitted: Index[] = []
  for (const index of ordered) {
    const [column = ''] = index.columns
    const twin = fitted.some((other) => other.columns[0] === column)
    if (!isSingle(index) || !fits(index.columns) || twin) {
      const unique = index.unique ? ', unique' : ''
      note(`left out: index ${index.name} (${index.columns.join(', ')}${unique})`)
      continue
    }
    const wanted = constraintName(name, [column], index.unique ? 'unique' : 'index')
    if (index.name !== wanted) note(`in the database: ${wanted} is called ${index.name}`)
    fitted.push({ ...index, name: wanted })
  }
  return fitted
}

function fitForeignKeys(
  table: TableState,
  tables: SchemaState,
  note: Note,
): readonly ForeignKeyState[] {
  const fitted: ForeignKeyState[] = []
  for (const key of table.foreignKeys) {
    const has = table.columns.some(({ name }) => name === key.column)
    const twin = fitted.some(({ column }) => column === key.column)
    const problem = has ? referenceProblem(tables, table, key) : 'is left out'
    if (problem !== undefined || twin) {
      const { column, target } = key
      const why = twin ? 'has another' : problem
      note(
        `left out: foreign key (${column}) references ${target.table} (${target.column}), ${column} ${why}`,
      )
      continue
    }
    const wanted = constraintName(table.name, [key.column], 'foreign')
    if (key.name !== wanted) note(`in the database: ${wanted} is called ${key.name}`)
    fitted.push({ ...key, name: wanted })
  }
  return fitted
}
