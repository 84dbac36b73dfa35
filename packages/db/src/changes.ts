// The operations that lead from one state to another. What stands on something goes before it and comes
// after it: foreign keys, then indexes, then columns and keys. What is dropped goes last, so that a data
// step may be put between the new and the old.
import { isDeepStrictEqual } from 'node:util'
import { apply, tableOf } from './apply.js'
import type { ColumnState } from './column.js'
import type { Operation } from './operation.js'
import { canRefer, keysOf } from './rules.js'
import {
  type ForeignKeyState,
  inOrderOfReferences,
  sameColumn,
  sameType,
  type SchemaState,
  type TableState,
  targetsOf,
  withoutOldName,
  withoutOldNames,
} from './state.js'

/**
 * The operations that make `to` of `from`. An old name in `to` is a rename if `from` has that name and not
 * the new one, else it says nothing. The order of columns is not compared: a database can only append.
 *
 * @throws TypeError for a column whose kind can't become the new one
 */
export function changes(from: SchemaState, to: SchemaState): readonly Operation[] {
  const plan = new Plan(from, to)
  plan.rename()
  plan.dropForeignKeys()
  plan.dropIndexes()
  plan.dropTables((table) => plan.isInTheWay(table))
  plan.createTables()
  for (const table of to.values()) plan.changeColumns(table)
  plan.addIndexes()
  plan.addForeignKeys()
  plan.dropTables(() => true)
  return plan.operations
}

class Plan {
  readonly operations: Operation[] = []
  readonly #to: SchemaState
  #state: SchemaState

  constructor(from: SchemaState, to: SchemaState) {
    this.#state = from
    this.#to = to
  }

  #add(...operations: readonly Operation[]): void {
    this.#state = apply(this.#state, operations)
    this.operations.push(...operations)
  }

  /** The tables of the new state that are there already, each with what is there. */
  #kept(): readonly (readonly [TableState, TableState])[] {
    return [...this.#to.values()].flatMap((table) => {
      const now = this.#state.get(table.name)
      return now ? [[now, table] as const] : []
    })
  }

  rename(): void {
    for (const { name, was } of this.#to.values()) {
      if (was === undefined || this.#state.has(name) || !this.#state.has(was)) continue
      this.#add({ type: 'renameTable', from: was, to: name })
    }
    for (const [now, table] of this.#kept()) {
      const has = (name: string) => now.columns.some((column) => column.name === name)
      for (const { name, was } of table.columns) {
        if (was === undefined || has(name) || !has(was)) continue
        this.#add({ type: 'renameColumn', table: table.name, from: was, to: name })
      }
    }
  }

  dropForeignKeys(): void {
    const gone = inOrder([...this.#state.values()].filter(({ name }) => !this.#to.has(name)))
    for (const table of this.#state.values()) {
      const wanted = this.#to.get(table.name)?.foreignKeys
      for (const key of table.foreignKeys) {
        const stays = wanted
          ? wanted.some((other) => isDeepStrictEqual(other, key))
          : this.#goesWithItsTable(table, key, gone)
        const untouched =
          !this.#isTouched(table.name, key.column) &&
          !this.#isTouched(key.target.table, key.target.column)
        if (!stays || !untouched) this.#add({ type: 'dropForeignKey', table: table.name, key })
      }
    }
  }

  /** Whether a dropped table can be dropped with this key: tables go in the reverse order of references. */
  #goesWithItsTable(table: TableState, key: ForeignKeyState, gone: readonly TableState[]): boolean {
    const target = this.#state.get(key.target.table)
    if (target === table || this.#to.has(key.target.table)) return true
    if (target && this.isInTheWay(target)) return false
    return target !== undefined && gone.indexOf(target) < gone.indexOf(table)
  }

  /** Whether a column changes in a way that a foreign key on it or to it does not survive everywhere. */
  #isTouched(tableName: string, columnName: string): boolean {
    const now = this.#state.get(tableName)
    const wanted = this.#to.get(tableName)
    if (!now || !wanted) return false
    const column = now.columns.find(({ name }) => name === columnName)
    const other = wanted.columns.find(({ name }) => name === columnName)
    if (!column || !other || !sameType(column, other)) return true
    const keys = keysOf(wanted, columnName)
    if (!keysOf(now, columnName).every((key) => keys.includes(key))) return true
    // MySQL lets the primary key stand in for the index that a foreign key needs.
    return (
      now.primaryKey.includes(columnName) && !isDeepStrictEqual(now.primaryKey, wanted.primaryKey)
    )
  }

  dropIndexes(): void {
    for (const [now, table] of this.#kept()) {
      for (const index of missing(now.indexes, table.indexes)) {
        this.#add({ type: 'dropIndex', table: table.name, index })
      }
    }
  }

  createTables(): void {
    const created = [...this.#to.values()].filter(({ name }) => !this.#state.has(name))
    for (const table of inOrder(created)) {
      const early = table.foreignKeys.filter(
        (key) =>
          key.target.table === table.name ||
          (canRefer(this.#state, table, key) &&
            !this.#isTouched(key.target.table, key.target.column)),
      )
      this.#add({ type: 'createTable', table: { ...withoutOldNames(table), foreignKeys: early } })
    }
  }

  changeColumns(wanted: TableState): void {
    const { name } = wanted
    const now = tableOf(this.#state, name)
    const alter = (from: ColumnState, to: ColumnState) =>
      this.#add({ type: 'alterColumn', table: name, from, to: withoutOldName(to) })
    const columnNow = (column: string) =>
      tableOf(this.#state, name).columns.find((one) => one.name === column)
    const alterAll = (which: (column: ColumnState) => boolean): void => {
      for (const column of wanted.columns.filter(which)) {
        const before = columnNow(column.name)
        if (before && !sameColumn(before, column)) alter(before, column)
      }
    }
    // A column that counts up is the primary key, so that it must stop before another can be.
    for (const column of now.columns) {
      const after = wanted.columns.find((one) => one.name === column.name)
      if (column.kind !== 'increments' || after?.kind === 'increments') continue
      const { default: _none, ...counted } = column
      alter(column, { ...counted, kind: 'integer' })
    }
    const drop = (which: (column: ColumnState) => boolean): void => {
      for (const column of tableOf(this.#state, name).columns.filter(which)) {
        if (wanted.columns.some((one) => one.name === column.name)) continue
        this.#add({ type: 'dropColumn', table: name, column })
      }
    }
    const added = wanted.columns.filter((column) => !columnNow(column.name))
    const add = (column: ColumnState) =>
      this.#add({ type: 'addColumn', table: name, column: withoutOldName(column) })
    // SQLite and MySQL take two names that differ only in case for one.
    drop(({ name: old }) => added.some((column) => column.name.toLowerCase() === old.toLowerCase()))
    for (const column of added) if (column.kind !== 'increments') add(column)

    const counted = added.find(({ kind }) => kind === 'increments')
    const key = counted ? [] : wanted.primaryKey
    alterAll((column) => key.includes(column.name) && column.kind !== 'increments')
    if (!isDeepStrictEqual(now.primaryKey, key)) {
      this.#add({ type: 'changePrimaryKey', table: name, from: now.primaryKey, to: key })
    }
    if (counted) add(counted)
    alterAll(() => true)
    drop(() => true)
  }

  addIndexes(): void {
    for (const [now, table] of this.#kept()) {
      for (const index of missing(table.indexes, now.indexes)) {
        this.#add({ type: 'addIndex', table: table.name, index })
      }
    }
  }

  addForeignKeys(): void {
    for (const [now, table] of this.#kept()) {
      for (const key of missing(table.foreignKeys, now.foreignKeys)) {
        this.#add({ type: 'addForeignKey', table: table.name, key })
      }
    }
  }

  dropTables(which: (table: TableState) => boolean): void {
    const gone = [...this.#state.values()].filter(({ name }) => !this.#to.has(name))
    for (const table of inOrder(gone).toReversed().filter(which)) {
      this.#add({ type: 'dropTable', table: tableOf(this.#state, table.name) })
    }
  }

  /** Whether a new table has the same name but for its case, which SQLite and MySQL take for one. */
  isInTheWay({ name }: TableState): boolean {
    return [...this.#to.keys()].some(
      (other) => !this.#state.has(other) && other.toLowerCase() === name.toLowerCase(),
    )
  }
}

function inOrder(tables: readonly TableState[]): readonly TableState[] {
  return inOrderOfReferences(tables, targetsOf)
}

/** What the one list has and the other lacks or has differently. */
function missing<Part>(wanted: readonly Part[], present: readonly Part[]): readonly Part[] {
  return wanted.filter((part) => !present.some((other) => isDeepStrictEqual(part, other)))
}
