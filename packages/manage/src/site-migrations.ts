// The migrations of a site: its folder, and what its model says beyond them.
import type { Database } from '@robaccia/db'
import {
  changes,
  describe,
  loadMigrations,
  type Migration,
  type MigrationFolder,
  type Operation,
  schemaOf,
  stateAfter,
} from '@robaccia/db/migrations'
import { CommandError } from './command.js'

/** @throws CommandError if the site has none */
export function folderOf(migrations: MigrationFolder | undefined): MigrationFolder {
  if (migrations !== undefined) return migrations
  throw new CommandError(
    "the site must say where its migrations are: give manage() migrations: new URL('./migrations/', import.meta.url)",
  )
}

/** @throws CommandError if the site has no folder for them */
export async function migrationsOf(
  migrations: MigrationFolder | undefined,
): Promise<readonly Migration[]> {
  return loadMigrations(folderOf(migrations))
}

/**
 * What leads from the migrations to the model.
 *
 * @throws CommandError for a change that no migration can make
 */
export function modelChanges(db: Database, migrations: readonly Migration[]): readonly Operation[] {
  try {
    return changes(stateAfter(migrations), schemaOf(db.tables))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new CommandError(error.message, { cause: error })
  }
}

/** In words: `add column entry.subtitle, drop table note`. */
export function inWords(operations: readonly Operation[]): string {
  return operations.map(describe).join(', ')
}
