// Which migrations a database has: Knex's table `knex_migrations`, read without making it.
import type { Knex } from 'knex'
import { MigrationError } from './errors.js'
import type { Migration } from './operation.js'

/** A migration that a database has. */
export interface AppliedMigration {
  readonly name: string
  /** The number of the run that applied it: `rollback` undoes those of the last one together. */
  readonly batch: number
  readonly time: Date
}

export const historyTable = 'knex_migrations'

/** The migrations that the database has, in the order in which they were applied. */
export async function readHistory(knex: Knex): Promise<readonly AppliedMigration[]> {
  if (!(await knex.schema.hasTable(historyTable))) return []
  const rows = await knex<{ name: string; batch: number; migration_time: Date | number }>(
    historyTable,
  )
    .select('name', 'batch', 'migration_time')
    .orderBy('id')
  return rows.map(({ name, batch, migration_time: time }) => ({
    name,
    batch,
    time: new Date(time),
  }))
}

/**
 * The migrations that the database still lacks.
 *
 * @throws MigrationError if it has one that is not among them, or has one without those before it
 */
export function pendingOf(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const unknown = applied.filter(({ name }) => !migrations.some((one) => one.name === name))
  if (unknown.length > 0) {
    const names = unknown.map(({ name }) => name).join(', ')
    throw new MigrationError(
      `the migrations of the database must be in the folder, got ${names}, which ${unknown.length === 1 ? 'is' : 'are'} not: get the file back, or roll back with the sources that have it`,
    )
  }
  const has = (migration: Migration) => applied.some(({ name }) => name === migration.name)
  const first = migrations.findIndex((migration) => !has(migration))
  if (first === -1) return []
  const pending = migrations.slice(first)
  const early = pending.find(has)
  if (early) {
    const [missing, before] = [migrations[first], migrations[first - 1]]
    throw new MigrationError(
      `${missing?.name} must be applied before ${early.name}, got a database that has only the later one: ${before ? `roll back to ${before.name}` : 'roll back all'} with the sources as they were, and migrate again`,
    )
  }
  return pending
}
