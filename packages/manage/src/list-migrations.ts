// `migrations`: which the database has, and which it lacks.
import type { Database } from '@robaccia/db'
import { type MigrationFolder, migrationStatus } from '@robaccia/db/migrations'
import { command } from './command.js'
import type { Command } from './command.js'
import { migrationsOf } from './site-migrations.js'
import { printTable } from './terminal-table.js'

const args = {
  json: { type: 'boolean', description: 'an array for programs instead of a table' },
} as const

export function listMigrations(db: Database, folder?: MigrationFolder): Command<typeof args> {
  return command({
    description: 'Lists the migrations, and when they were applied.',
    example: 'manage migrations --json',
    args,
    async run({ args: { json }, ...screen }) {
      const { applied, pending } = await migrationStatus(db, await migrationsOf(folder))
      const listed = [
        ...applied.map(({ name, batch, time }) => ({ name, applied: time.toISOString(), batch })),
        ...pending.map(({ name }) => ({ name, applied: null, batch: null })),
      ]
      if (json) {
        screen.print(JSON.stringify(listed, null, 2))
        return
      }
      printTable(screen, [
        ['MIGRATION', 'APPLIED', 'RUN'],
        ...listed.map(({ name, applied: time, batch }) => [
          name,
          time?.replace('T', ' ').replace(/\.\d+Z$/, ' UTC') ?? 'pending',
          batch === null ? '-' : String(batch),
        ]),
      ])
    },
  })
}
