// `check`: what is wrong with the application that can be known before it serves.
import type { Selector } from '@robaccia/core'
import type { Database } from '@robaccia/db'
import { drift, readSchema } from '@robaccia/db/inspect'
import { type MigrationFolder, schemaOf, type SchemaState } from '@robaccia/db/migrations'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'
import { unsafe } from './deploy.js'
import type { Deploy } from './deploy.js'
import { migrationFindings } from './migration-findings.js'

const args = {
  database: {
    type: 'boolean',
    description:
      'compare all of the database with the model, or its migrations: types, defaults, keys …',
  },
  ignore: {
    type: 'string',
    description: 'with --database: tables of others in the same database, separated by commas',
  },
  deploy: { type: 'boolean', description: 'look for what is unsafe in production too' },
} as const

/** What `check` looks at. */
export interface Checked {
  readonly db: Database
  readonly urls: Selector
  readonly migrations: MigrationFolder | undefined
  readonly deploy: Deploy | undefined
}

export function check({ db, urls, migrations, deploy: about }: Checked): Command<typeof args> {
  return command({
    description: 'Looks for what migrations and the database lack, and for dead routes.',
    example: 'manage check --database --deploy',
    args,
    async run({ args: { database, deploy, ignore }, print }) {
      if (ignore !== undefined && !database) {
        throw new CommandError('--ignore must come with --database', { exitCode: 2 })
      }
      const differences = async (expected: SchemaState): Promise<string[]> =>
        drift(expected, await readSchema(db), { ignore: ignore?.split(',') ?? [] })
      const made = async (): Promise<string[]> =>
        database ? differences(schemaOf(db.tables)) : (await db.missing()).map(missing)
      const findings = [
        ...(migrations === undefined
          ? await made()
          : await migrationFindings(db, migrations, database ? differences : undefined)),
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
