// `check`: what is wrong with the application that can be known before it serves.
import type { Selector } from '@robaccia/core'
import type { Database } from '@robaccia/db'
import type { MigrationFolder } from '@robaccia/db/migrations'
import { command } from './command.js'
import type { Command } from './command.js'
import { unsafe } from './deploy.js'
import type { Deploy } from './deploy.js'
import { migrationFindings } from './migration-findings.js'

const args = {
  deploy: { type: 'boolean', description: 'look for what is unsafe in production too' },
} as const

/** What `check` looks at. */
export interface Checked {
  readonly db: Database
  readonly urls: Selector
  readonly migrations: MigrationFolder | undefined
  readonly deploy: Deploy | undefined
}

export function check(site: Checked): Command<typeof args> {
  const { db, urls, migrations } = site
  return command({
    description: 'Looks for what migrations and the database lack, and for dead routes.',
    example: 'manage check --deploy',
    args,
    async run({ args: { deploy }, print }) {
      const findings = [
        ...(migrations === undefined
          ? (await db.missing()).map(missing)
          : await lacking(db, migrations)),
        ...urls.unreachable().map(unreachable),
        ...(deploy ? await unsafe(db, site.deploy) : []),
      ]
      for (const finding of findings) print(finding)
      if (findings.length > 0) return 1
      print('nothing found')
      return 0
    },
  })
}

/** What the migrations lack, or the database of them; else what was taken from it behind their back. */
async function lacking(db: Database, migrations: MigrationFolder): Promise<readonly string[]> {
  const findings = await migrationFindings(db, migrations)
  if (findings.length > 0) return findings
  return (await db.missing()).map(
    (what) =>
      `the database lacks ${what}, which its migrations have made: somebody has taken it away; put it back by hand`,
  )
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
