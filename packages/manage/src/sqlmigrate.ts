// `sqlmigrate`: the SQL of a migration for the database at hand.
import type { Database } from '@robaccia/db'
import { type MigrationFolder, migrationSql, runOf } from '@robaccia/db/migrations'
import { command } from './command.js'
import type { Command } from './command.js'
import { migrationsOf } from './site-migrations.js'

const args = {
  name: { type: 'positional', description: 'its name or its number', required: true },
  back: { type: 'boolean', description: 'what undoes it' },
} as const

export function sqlMigrate(db: Database, folder?: MigrationFolder): Command<typeof args> {
  return command({
    description: 'Prints the SQL that a migration runs on this database.',
    example: 'manage sqlmigrate 0002',
    args,
    async run({ args: { name, back }, print }) {
      print(await migrationSql(db, runOf(await migrationsOf(folder), name, back ? 'down' : 'up')))
    },
  })
}
