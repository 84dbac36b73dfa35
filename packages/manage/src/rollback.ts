// `rollback`: undoes the migrations of the last `migrate`, or those behind one.
import type { Database } from '@robaccia/db'
import {
  describeLoss,
  losses,
  type MigrationFolder,
  rollback,
  runOf,
  undoneBy,
} from '@robaccia/db/migrations'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'
import { lockTimeout, waiting } from './migrate.js'
import { migrationsOf } from './site-migrations.js'

export function rollbackDatabase(db: Database, folder?: MigrationFolder): Command {
  return command({
    description: 'Undoes the migrations of the last `migrate`, or all behind one.',
    example: 'manage rollback --to 0002',
    args: {
      to: { type: 'string', description: 'the one to go back to, which stays, by name or number' },
      all: { type: 'boolean', description: 'undo them all' },
      allowDrop: {
        type: 'boolean',
        description: 'let it drop tables and columns that hold something',
      },
      lockTimeout,
    },
    async run({ args: { to, all, allowDrop, ...waits }, print, warn, meter }) {
      if (all && to !== undefined) {
        throw new CommandError('rollback must have --to or --all, got both', { exitCode: 2 })
      }
      const target = all ? null : to
      const migrations = await migrationsOf(folder)
      const undone = await undoneBy(db, migrations, target)
      if (!allowDrop) {
        const back = undone.flatMap(({ name }) => runOf(migrations, name, 'down').operations)
        const lost = (await losses(db, back)).filter(({ rows }) => rows > 0)
        if (lost.length > 0) {
          const words = lost.map(describeLoss).join(', ')
          throw new CommandError(`the rollback would drop ${words}: say --allow-drop`)
        }
      }
      const bar = meter(undone.length)
      let done = 0
      try {
        const names = await rollback(db, migrations, {
          ...(target !== undefined && { to: target }),
          lockTimeout: waits.lockTimeout * 1000,
          onWait: waiting(warn),
          onUndone(name) {
            print(`undid ${name}`)
            bar.set((done += 1))
          },
        })
        if (names.length === 0) print('nothing to do')
      } finally {
        bar.end()
      }
    },
  })
}
