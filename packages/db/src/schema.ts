// Making what the database lacks of its tables, and saying what it lacks.
import type { Knex } from 'knex'
import { readCatalogue } from './catalogue.js'
import { addForeignKey, createIndex, runStatement, tableStatements } from './ddl.js'
import type { AnyTable } from './definition.js'
import { schemaOf } from './model-state.js'
import type { Session } from './session.js'
import { inOrderOfReferences, type ForeignKeyState, type TableState, targetsOf } from './state.js'
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
  const wanted = inOrderOfReferences([...schemaOf(tables).values()], targetsOf)
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
  wanted: readonly TableState[],
): Promise<string[]> {
  const existing = await readCatalogue(dialect, knex)
  const made: string[] = []
  const late: (readonly [string, ForeignKeyState])[] = []
  const present = new Set(existing.keys())
  const run = (statement: string) => runStatement(dialect, knex, statement)
  /* oxlint-disable no-await-in-loop -- each statement needs the one before it */
  for (const table of wanted) {
    const found = existing.get(table.name)
    if (!found) {
      // SQLite takes references to tables that do not exist yet, and can't add them later.
      const possible = ({ target }: ForeignKeyState) =>
        dialect === 'sqlite' || target.table === table.name || present.has(target.table)
      const foreignKeys = table.foreignKeys.filter(possible)
      for (const key of table.foreignKeys) if (!possible(key)) late.push([table.name, key])
      for (const statement of tableStatements(dialect, { ...table, foreignKeys })) {
        await run(statement)
      }
      present.add(table.name)
      made.push(`table ${table.name}`, ...table.indexes.map(({ name }) => `index ${name}`))
      continue
    }
    for (const index of table.indexes) {
      const possible = index.columns.every((name) => found.columns.has(name))
      if (!possible || found.indexes.has(index.name)) continue
      await run(createIndex(dialect, table.name, index))
      made.push(`index ${index.name}`)
    }
  }
  for (const [table, key] of late) await run(addForeignKey(dialect, table, key))
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
