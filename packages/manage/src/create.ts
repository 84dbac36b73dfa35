// `create`: makes the tables and indexes that the database lacks.
import type { Database } from '@robaccia/db'
import { command } from './command.js'
import type { Command } from './command.js'

export function create(db: Database): Command {
  return command({
    description: 'Makes the tables and indexes that are missing.',
    example: 'manage create',
    async run({ print }) {
      const made = await db.create()
      for (const each of made) print(`made ${each}`)
      if (made.length === 0) print('nothing to do')
    },
  })
}
