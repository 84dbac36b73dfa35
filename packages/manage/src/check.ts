// `check`: what is wrong with the application that can be known before it serves.
import type { Selector } from '@robaccia/core'
import type { Database } from '@robaccia/db'
import { drift, readSchema } from '@robaccia/db/inspect'
import { schemaOf } from '@robaccia/db/migrations'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'
import { unsafe } from './deploy.js'
import type { Deploy } from './deploy.js'

const args = {
  database: {
    type: 'boolean',
    description: 'compare all of the database with the model: types, defaults, keys …',
  },
  ignore: {
    type: 'string',
    description: 'with --database: tables of others in the same database, separated by commas',
  },
  deploy: { type: 'boolean', description: 'look for what is unsafe in production too' },
} as const

export function check(db: Database, urls: Selector, about?: Deploy): Command<typeof args> {
  return command({
    description: 'Looks for what the database lacks and for dead routes.',
    example: 'manage check --database --deploy',
    args,
    async run({ args: { database, deploy, ignore }, print }) {
      if (ignore !== undefined && !database) {
        throw new CommandError('--ignore must come with --database', { exitCode: 2 })
      }
      const findings = [
        ...(database
          ? await differences(db, ignore?.split(','))
          : (await db.missing()).map(missing)),
        ...urls.unreachable().map(unreachable),
        ...(deploy ? await unsafe(db, about) : []),
      ]
      for (const finding of findings) print(finding)
      if (findings.length > 0) return 1
      print('nothing found')
      return 0
    },
  })
}

async function differences(db: Database, ignore: readonly string[] = []): Promise<string[]> {
  return drift(schemaOf(db.tables), await readSchema(db), { ignore })
}

/** `create` makes whole tables and indexes; it never changes a table that there is. */
function missing(what: string): string {
  return `the database lacks ${what}: ${
    what.startsWith('column ')
      ? 'add it by ALTER TABLE, since create leaves tables that exist as they are'
      : 'make it with `manage create`'
  }`
}

function unreachable({ route, method, by }: ReturnType<Selector['unreachable']>[number]): string {
  return `the route ${method} ${route.expression} never matches, since ${by.expression} before it takes its paths: add it earlier, or remove it`
}
