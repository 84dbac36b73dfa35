// What a dump needs of the database before rows can be read or written.
import type { Database } from './database.js'
import { DatabaseError } from './errors.js'

/** @throws DatabaseError unless the database has these tables, as far as the model knows them, and their columns */
export async function checkMade(db: Database, names: readonly string[]): Promise<void> {
  const missing = await db.missing()
  const lacking = missing.find((part) =>
    names.some((name) => part === `table ${name}` || part.startsWith(`column ${name}.`)),
  )
  if (lacking === undefined) return
  throw new DatabaseError(`the database must have ${lacking}, which the model has: make it first`)
}
