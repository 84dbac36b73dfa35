// What `check` says about migrations.
import { type Database, MigrationError } from '@robaccia/db'
import { loadMigrations, type MigrationFolder, migrationStatus } from '@robaccia/db/migrations'
import { CommandError } from './command.js'
import { inWords, modelChanges } from './site-migrations.js'

/** Branches, changes of the model that no migration has, migrations that the database lacks; in that order. */
export async function migrationFindings(
  db: Database,
  folder: MigrationFolder,
): Promise<readonly string[]> {
  try {
    const migrations = await loadMigrations(folder)
    const changes = modelChanges(db, migrations)
    const changed =
      changes.length === 0
        ? []
        : [
            `the model has changes that no migration has (${inWords(changes)}): write one with \`manage makemigrations\``,
          ]
    const { pending } = await migrationStatus(db, migrations)
    return [...changed, ...pendingFindings(pending)]
  } catch (error) {
    if (error instanceof MigrationError || error instanceof CommandError) return [error.message]
    throw error
  }
}

/** Nothing, or one line about migrations that the database lacks. */
export function pendingFindings(pending: readonly { readonly name: string }[]): readonly string[] {
  if (pending.length === 0) return []
  const names = pending.map(({ name }) => name).join(', ')
  return [`the database lacks migrations (${names}): apply them with \`manage migrate\``]
}
