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
 * @param differences compares all of the database; unless given, only what is missing is looked for
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
    if (isFinding(error)) return [error.message]
    throw error
  }
}

function isFinding(error: unknown): error is MigrationError | CommandError {
  return error instanceof MigrationError || error instanceof CommandError
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

/** Tells, beside what is served, of changes that no migration has, and of migrations that the database lacks. */
export async function warnOfMigrations(
  db: Database,
  folder: MigrationFolder,
  warn: (line: string) => void,
): Promise<void> {
  try {
    const findings = await migrationFindings(db, folder, async () => [])
    for (const line of findings) warn(line)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    // Told to stop it closes the database in the middle of this.
    if (!reason.includes('close() was called')) {
      warn(`whether migrations are lacking can't be known: ${reason}`)
    }
  }
}

/** Nothing, or one line about migrations that the database lacks. */
function pendingFindings(pending: readonly { readonly name: string }[]): readonly string[] {
  if (pending.length === 0) return []
  const names = pending.map(({ name }) => name).join(', ')
  return [`the database lacks migrations (${names}): apply them with \`manage migrate\``]
}
