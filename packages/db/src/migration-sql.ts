// What a migration runs on the database at hand, to be read before it runs.
import { apply } from './apply.js'
import type { Database } from './database.js'
import { MigrationError } from './errors.js'
import type { Run } from './migration-run.js'
import { needsKeysOff } from './migration-transaction.js'
import { describe, type Operation } from './operation.js'
import { sessionOf } from './session.js'
import { keptParts } from './sqlite-parts.js'
import type { SchemaState } from './state.js'
import { statements } from './operation-statements.js'

/**
 * The SQL of a migration in the words of its database, as a script: a comment in front of each operation, the
 * transaction that it runs in, and on SQLite the switches round it. A data step is a comment only. The triggers
 * of a table that SQLite makes anew are in it if the database is in the state before it.
 */
export async function migrationSql(db: Database, run: Run): Promise<string> {
  const { dialect } = db
  const lines: string[] = []
  let state = run.before
  for (const operation of run.operations) {
    lines.push(`-- ${describe(operation)}`)
    // oxlint-disable-next-line no-await-in-loop -- SQLite has one connection
    const kept = dialect === 'sqlite' ? await partsOf(db, state, operation) : []
    for (const sql of statements(dialect, state, operation, kept)) lines.push(`${sql};`)
    state = apply(state, [operation])
  }
  if (dialect === 'mysql') return lines.join('\n')
  const whole = ['begin;', ...lines, 'commit;']
  if (dialect === 'postgres' || !needsKeysOff(run.operations)) return whole.join('\n')
  return ['pragma foreign_keys = off;', ...whole, 'pragma foreign_keys = on;'].join('\n')
}

async function partsOf(
  db: Database,
  state: SchemaState,
  operation: Operation,
): Promise<readonly string[]> {
  try {
    return await db[sessionOf].run((knex) => keptParts(knex, state, operation))
  } catch (error) {
    if (error instanceof MigrationError) return [] // the database is in another state
    throw error
  }
}
