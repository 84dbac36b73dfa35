// `inspectdb`: the model of a database that is there already.
import type { Database } from '@robaccia/db'
import { modelSource, readSchema } from '@robaccia/db/inspect'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'

const args = {
  tables: { type: 'positionals', description: 'only these tables' },
} as const

export function inspectdb(db: Database): Command<typeof args> {
  return command({
    description: 'Prints a model.ts of the tables that the database has.',
    example: 'manage inspectdb > inspected.ts',
    args,
    async run({ args: { tables }, stdout, warn }) {
      const found = await readSchema(db)
      const names = tables.length > 0 ? { tables } : {}
      const source = text(() => modelSource(found, names))
      if (source === '') warn('the database has no tables')
      stdout.write(source)
    },
  })
}

function text(make: () => string): string {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new CommandError(error.message, { exitCode: 2, cause: error })
  }
}
