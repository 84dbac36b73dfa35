// Making what the database lacks of its tables, and saying what it lacks.
import type { Knex } from 'knex'
import { readCatalogue } from './catalogue.js'
import { addForeignKey, createIndex, createTable, type ForeignKey } from './ddl.js'
import type { AnyTable, TableDefinition } from './definition.js'
import { constraintName } from './names.js'
import type { Session } from './session.js'
import type { Dialect } from './storage.js'

// Processes that start at once make the tables one after the other. SQLite's transactions do that by
// themselves; PostgreSQL lets this lock go at the end of the transaction, MySQL when it is told.
const lock: Readonly<Partial<Record<Dialect, string>>> = {
  postgres: "select pg_advisory_xact_lock(hashtext('robaccia.create'))",
  mysql: "do get_lock('robaccia.create', 60)",
}

/** Makes the missing tables and indexes; gives what it made. */
export async function createTables(
  session: Session,
  tables: readonly AnyTable[],
): Promise<string[]> {
  const { dialect } = session
  const wanted = inOrderOfReferences(tables.map(({ table }) => table))
  return session.transaction(() =>
    session.run(async (knex) => {
      if (lock[dialect]) await knex.raw(lock[dialect])
      try {
        return await createWanted(dialect, knex, wanted)
      } finally {
        if (dialect === 'mysql') await knex.raw("do release_lock('robaccia.create')")
      }
    }),
  )
}

async function createWanted(
  dialect: Dialect,
  knex: Knex,
  wanted: readonly TableDefinition[],
): Promise<string[]> {
  const existing = await readCatalogue(dialect, knex)
  const made: string[] = []
  const late: ForeignKey[] = []
  const present = new Set(existing.keys())
  // Knex takes a ? for a binding on its way to PostgreSQL, even in a string.
  const run = async (statement: string) =>
    void (await knex.raw(dialect === 'postgres' ? statement.replaceAll('?', '\\?') : statement))
  /* oxlint-disable no-await-in-loop -- each statement needs the one before it */
  for (const table of wanted) {
    if (!existing.has(table.name)) {
      // SQLite takes references to tables that do not exist yet, and can't add them later.
      const keys = foreignKeys(table)
      const early = keys.filter((key) => dialect === 'sqlite' || present.has(key.target.table))
      late.push(...keys.filter((key) => !early.includes(key)))
      await run(createTable(dialect, table, early))
      present.add(table.name)
      made.push(`table ${table.name}`)
    }
    const found = existing.get(table.name)
    for (const index of table.indexes) {
      const possible = !found || index.columns.every((name) => found.columns.has(name))
      if (!possible || found?.indexes.has(index.name)) continue
      await run(createIndex(dialect, table, index))
      made.push(`index ${index.name}`)
    }
  }
  for (const key of late) await run(addForeignKey(dialect, key))
  /* oxlint-enable no-await-in-loop */
  return made
}

/** The tables, and of the tables that exist the columns and indexes, that the database lacks. */
export function missingParts(session: Session, tables: readonly AnyTable[]): Promise<string[]> {
  return session.run(async (knex) => {
    const existing = await readCatalogue(session.dialect, knex)
    return tables.flatMap(({ table }) => {
      const found = existing.get(table.name)
      if (!found) return [`table ${table.name}`]
      const columns = table.columns.filter(({ name }) => !found.columns.has(name))
      const indexes = table.indexes.filter(({ name }) => !found.indexes.has(name))
      return [
        ...columns.map(({ name }) => `column ${table.name}.${name}`),
        ...indexes.map(({ name }) => `index ${name}`),
      ]
    })
  })
}

/**
 * The foreign keys of a table.
 *
 * @throws TypeError for a reference to what is no key, or of another kind
 */
export function foreignKeys(table: TableDefinition): readonly ForeignKey[] {
  return table.columns.flatMap((column) => {
    if (!column.references) return []
    const target = column.references.target()
    const rule = `${table.name}.${column.name} must refer to`
    if (target.kind === 'increments' ? column.kind !== 'integer' : target.kind !== column.kind) {
      throw new TypeError(
        `${rule} a column of its own kind ${column.kind}(), got ${target.table}.${target.name} of ${target.kind}()`,
      )
    }
    if (!target.primary && !target.unique) {
      throw new TypeError(`${rule} a primary or unique column, got ${target.table}.${target.name}`)
    }
    const name = constraintName(table.name, [column.name], 'foreign')
    return [{ name, column, target, onDelete: column.references.onDelete }]
  })
}

/** Referred tables before those that refer to them; a cycle is cut where it is first met. */
export function inOrderOfReferences(
  tables: readonly TableDefinition[],
): readonly TableDefinition[] {
  const ordered = new Set<TableDefinition>()
  const visiting = new Set<TableDefinition>()
  const visit = (table: TableDefinition): void => {
    if (visiting.has(table)) return
    visiting.add(table)
    for (const { target } of foreignKeys(table)) {
      const other = tables.find(({ name }) => name === target.table)
      if (other) visit(other)
    }
    ordered.add(table)
  }
  for (const table of tables) visit(table)
  return [...ordered]
}
