// `create`: makes the tables and indexes that the database lacks.
import type { Database } from '@robaccia/db'
import type { MigrationFolder } from '@robaccia/db/migrations'
import { command } from './command.js'
import type { Command } from './command.js'
import { applyMigrations } from './migrate.js'
import type { Terminal } from './terminal.js'

export function create(db: Database, migrations?: MigrationFolder): Command {
  return command({
    description:
      migrations === undefined
        ? 'Makes the tables and indexes that are missing.'
        : 'Makes what is missing by applying the migrations, as `migrate` does.',
    example: 'manage create',
    async run(screen) {
      const made = await createMissing(db, migrations, screen)
      if (made.length === 0) screen.print('nothing to do')
    },
  })
}

/** By the migrations where there are any, so that these know what is made. */
export async function createMissing(
  db: Database,
  migrations: MigrationFolder | undefined,
  screen: Pick<Terminal, 'print' | 'warn' | 'meter'>,
): Promise<readonly string[]> {
  if (migrations !== undefined) return applyMigrations(db, migrations, screen)
  const made = await db.create()
  for (const each of made) screen.print(`made ${each}`)
  return made
}
