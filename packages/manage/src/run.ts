// `run`: serves the application until it is told to stop, or answers the one request that a web server starts it for.
import { serve } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { runCgi } from '@robaccia/core/cgi'
import type { Database } from '@robaccia/db'
import type { MigrationFolder } from '@robaccia/db/migrations'
import { address, assertHost, explained } from './address.js'
import { command } from './command.js'
import type { Command } from './command.js'
import { createMissing } from './create.js'
import { warnOfMigrations } from './migration-findings.js'

const own = {
  create: {
    type: 'boolean',
    description: 'make what is missing first, as `create` does',
  },
} as const

/** What `run` and `dev` serve. */
export interface Served {
  readonly app: App
  readonly db: Database
  readonly start: string
  readonly migrations: MigrationFolder | undefined
}

export function run(site: Served): Command<typeof address & typeof own> {
  const { app, db, start, migrations } = site
  return command({
    description: 'Serves the application until Ctrl-C; as a CGI script it answers one request.',
    example: 'manage run --port 8000',
    args: { ...address, ...own },
    async run({ args: { port, host, create }, ...screen }) {
      // A web server says so (RFC 3875 §4.1.12); standard output is then the response.
      if (process.env.REQUEST_METHOD !== undefined) {
        const { aborted } = await runCgi(app)
        return aborted ? 1 : 0
      }
      assertHost(host)
      if (create) await createMissing(db, migrations, screen)
      const where = host === undefined ? { port } : { port, host }
      const serving = await serve(app, { ...where, using: [db] }).catch((error: unknown) => {
        throw explained(error)
      })
      screen.print(`Serving HTTP on ${serving.url}${start}`)
      // Only now: a database that does not answer yet must not keep it from serving.
      if (migrations !== undefined) await warnOfMigrations(db, migrations, screen.warn)
      await serving.closed
      return 0
    },
  })
}
