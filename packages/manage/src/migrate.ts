// `migrate`: applies what the database lacks of the migrations.
import { type Database } from '@robaccia/db'
import {
  type LockOptions,
  migrate,
  type MigrationFolder,
  migrationStatus,
  undoneBy,
} from '@robaccia/db/migrations'
import { command } from './command.js'
import type { Command } from './command.js'
import { inWords, migrationsOf, modelChanges } from './site-migrations.js'
import type { Terminal } from './terminal.js'

export const lockTimeout = {
  type: 'integer',
  description: 'how many seconds to wait for another process that migrates',
  default: 60,
  min: 0,
  max: 86_400,
} as const

export function migrateDatabase(db: Database, folder?: MigrationFolder): Command {
  return command({
    description: 'Applies the migrations that the database lacks.',
    example: 'manage migrate --to 0002',
    args: {
      to: {
        type: 'string',
        description: 'the last one to apply, by name or number (default: all)',
      },
      fake: {
        type: 'boolean',
        description: 'only note them as applied: the database is as they would make it already',
      },
      lockTimeout,
    },
    async run({ args: { to, fake, lockTimeout: seconds }, ...screen }) {
      const options = { ...(to !== undefined && { to }), fake, lockTimeout: seconds * 1000 }
      const names = await applyMigrations(db, folder, screen, options)
      const migrations = await migrationsOf(folder)
      if (names.length === 0) {
        const behind = to === undefined ? [] : await undoneBy(db, migrations, to)
        const how = `: \`manage rollback --to ${to}\` undoes the ${behind.length} behind it`
        screen.print(`nothing to do${behind.length > 0 ? how : ''}`)
      }
      const changes = modelChanges(db, migrations)
      if (changes.length > 0) {
        screen.warn(
          `the model has changes that no migration has (${inWords(changes)}): run \`manage makemigrations\``,
        )
      }
    },
  })
}

/** Applies them and says which; a bar on stderr shows how far it is. */
export async function applyMigrations(
  db: Database,
  folder: MigrationFolder | undefined,
  { print, warn, meter }: Pick<Terminal, 'print' | 'warn' | 'meter'>,
  options: { readonly to?: string; readonly fake?: boolean; readonly lockTimeout?: number } = {},
): Promise<readonly string[]> {
  const migrations = await migrationsOf(folder)
  const { pending } = await migrationStatus(db, migrations)
  const bar = meter(pending.length)
  let done = 0
  try {
    return await migrate(db, migrations, {
      ...options,
      onWait: waiting(warn),
      onApplied(name) {
        print(options.fake === true ? `noted ${name} as applied` : `applied ${name}`)
        bar.set((done += 1))
      },
    })
  } finally {
    bar.end()
  }
}

export function waiting(warn: (line: string) => void): NonNullable<LockOptions['onWait']> {
  return () => warn('waiting for another process that migrates the database')
}
