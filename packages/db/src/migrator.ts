// Applies migrations and undoes them one by one: which, in what order, and what the database has of them.
import type { Database } from './database.js'
import { MigrationError } from './errors.js'
import { inOrderOfParents, indexOf } from './migration-chain.js'
import { type AppliedMigration, pendingOf, readHistory } from './migration-history.js'
import type { LockOptions } from './migration-lock.js'
import { Runner } from './migration-runner.js'
import type { Migration } from './operation.js'
import { sessionOf } from './session.js'

export interface MigrateOptions extends LockOptions {
  /** The last migration to apply; all unless given. A name, or its number: `0002`. */
  readonly to?: string
  /** Only notes them as applied, for a database that is already as they would make it. */
  readonly fake?: boolean
  /** Is told of each one that is done. */
  readonly onApplied?: (name: string) => void
}

export interface RollbackOptions extends LockOptions {
  /** The migration to go back to, which stays; null: none stays. Unless given, the last run's are undone. */
  readonly to?: string | null
  /** Is told of each one that is undone. */
  readonly onUndone?: (name: string) => void
}

export interface MigrationStatus {
  readonly applied: readonly AppliedMigration[]
  /** In the order in which `migrate` applies them. */
  readonly pending: readonly Migration[]
}

/**
 * What the database has of the migrations. It changes nothing.
 *
 * @throws MigrationError if it has one that is not among them, or has one without those before it
 */
export async function migrationStatus(
  db: Database,
  migrations: readonly Migration[],
): Promise<MigrationStatus> {
  const applied = await db[sessionOf].run(readHistory)
  return { applied, pending: pendingOf(inOrderOfParents(migrations), applied) }
}

/**
 * Applies the migrations that the database lacks, in their order. If another process does so, it waits.
 *
 * @returns the names of those that it applied
 * @throws MigrationError for a name that `to` can't mean, and if one can't be applied: what it would have done is undone, on MySQL it says how far it
 *   came, and the next call goes on there
 */
export async function migrate(
  db: Database,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const chain = inOrderOfParents(migrations)
  const last = options.to === undefined ? chain.length - 1 : indexOf(chain, options.to)
  const runner = new Runner(db, chain, options)
  const done: string[] = []
  for (;;) {
    // oxlint-disable no-await-in-loop -- one after the other
    const { applied, pending } = await migrationStatus(db, chain)
    const next = pending[0]
    if (!next || chain.indexOf(next) > last) return done
    if (await runner.run(next, 'up', applied)) {
      done.push(next.name)
      options.onApplied?.(next.name)
    }
    // oxlint-enable no-await-in-loop
  }
}

/**
 * The migrations that `rollback` would undo, the last one first.
 *
 * @throws MigrationError for a name that `to` can't mean
 */
export async function undoneBy(
  db: Database,
  migrations: readonly Migration[],
  to?: string | null,
): Promise<readonly Migration[]> {
  const chain = inOrderOfParents(migrations)
  const { applied } = await migrationStatus(db, chain)
  const last = applied.at(-1)
  const stays =
    to === undefined
      ? applied.findLastIndex(({ batch }) => batch !== last?.batch)
      : to === null
        ? -1
        : indexOf(chain, to)
  if (stays >= applied.length) {
    throw new MigrationError(
      `the migration to go back to must be applied, got ${chain[stays]?.name}`,
    )
  }
  return chain.slice(stays + 1, applied.length).toReversed()
}

/**
 * Undoes migrations, the last one first. What they dropped comes back without its rows.
 *
 * @returns the names of those that it undid
 * @throws MigrationError as `migrate` does
 */
export async function rollback(
  db: Database,
  migrations: readonly Migration[],
  options: RollbackOptions = {},
): Promise<readonly string[]> {
  const chain = inOrderOfParents(migrations)
  const runner = new Runner(db, chain, options)
  const undone: string[] = []
  for (const migration of await undoneBy(db, chain, options.to)) {
    // oxlint-disable no-await-in-loop -- one after the other
    const { applied } = await migrationStatus(db, chain)
    // Another process has undone it meanwhile.
    if (applied.at(-1)?.name !== migration.name) continue
    if (await runner.run(migration, 'down', applied)) {
      undone.push(migration.name)
      options.onUndone?.(migration.name)
    }
    // oxlint-enable no-await-in-loop
  }
  return undone
}
