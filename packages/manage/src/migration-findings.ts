// What `check` says about migrations.
import { type Database, MigrationError } from '@robaccia/db'
import {
  loadMigrations,
  type MigrationFolder,
  migrationStatus,
  type Operation,
  type SchemaState,
  stateAfter,
} from '@robaccia/db/migrations'
import { CommandError } from './command.js'
import { inWords, modelChanges } from './site-migrations.js'

/**
 * Branches, changes of the model that no migration has, migrations that the database lacks; and what it has
 * otherwise than those that it has say.
 *
 * @param differences compares all of the database; unless given only what is missing is looked for
 */
export async function migrationFindings(
  db: Database,
  folder: MigrationFolder,
  differences?: (expected: SchemaState) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    const migrations = await loadMigrations(folder)
    const { applied, pending } = await migrationStatus(db, migrations)
    const findings = [...changeFindings(modelChanges(db, migrations)), ...pendingFindings(pending)]
    if (differences) {
      const expected = stateAfter(migrations.slice(0, applied.length))
      return [...findings, ...(await differences(expected))]
    }
    return findings.length > 0 ? findings : (await db.missing()).map(takenAway)
  } catch (error) {
    if (error instanceof MigrationError || error instanceof CommandError) return [error.message]
    throw error
  }
}

function changeFindings(changes: readonly Operation[]): readonly string[] {
  if (changes.length === 0) return []
  return [
    `the model has changes that no migration has (${inWords(changes)}): write one with \`manage makemigrations\``,
  ]
}

function takenAway(what: string): string {
  return `the database lacks ${what}, which its migrations have made: somebody has taken it away; put it back by hand`
}

/** Nothing, or one line about migrations that the database lacks. */
export function pendingFindings(pending: readonly { readonly name: string }[]): readonly string[] {
  if (pending.length === 0) return []
  const names = pending.map(({ name }) => name).join(', ')
  return [`the database lacks migrations (${names}): apply them with \`manage migrate\``]
}
