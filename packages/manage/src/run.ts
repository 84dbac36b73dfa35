// `run`: serves the application until it is told to stop, or answers the one request that a web server starts it for.
import { serve } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { runCgi } from '@robaccia/core/cgi'
import { type Database, DatabaseError } from '@robaccia/db'
import { loadMigrations, type MigrationFolder, migrationStatus } from '@robaccia/db/migrations'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'
import { createMissing } from './create.js'
import { pendingFindings } from './migration-findings.js'

// There is no HOST variable beside PORT: some shells export it as the machine's name, and the
// application would be open to the network unasked.
const args = {
  port: {
    type: 'integer',
    description: 'the port that it listens on; 0 takes a free one',
    default: 8080,
    env: 'PORT',
    min: 0,
    max: 65_535,
  },
  host: {
    type: 'string',
    description: 'the address that it listens on (default: this machine only)',
  },
  create: {
    type: 'boolean',
    description: 'make what is missing first, as `create` does',
  },
} as const

/** What `run` serves. */
export interface Served {
  readonly app: App
  readonly db: Database
  readonly start: string
  readonly migrations: MigrationFolder | undefined
}

export function run({ app, db, start, migrations }: Served): Command<typeof args> {
  return command({
    description: 'Serves the application until Ctrl-C; as a CGI script it answers one request.',
    example: 'manage run --port 8000',
    args,
    async run({ args: { port, host, create }, ...screen }) {
      // A web server says so (RFC 3875 §4.1.12); standard output is then the response.
      if (process.env.REQUEST_METHOD !== undefined) {
        const { aborted } = await runCgi(app)
        return aborted ? 1 : 0
      }
      // Node takes '' for all addresses: `--host "$UNSET"` would open the application to the network.
      if (host === '') {
        throw new CommandError("host must be an address or a name, got ''", { exitCode: 2 })
      }
      if (create) await createMissing(db, migrations, screen)
      const address = host === undefined ? { port } : { port, host }
      const serving = await serve(app, { ...address, using: [db] }).catch((error: unknown) => {
        throw explained(error)
      })
      screen.print(`Serving HTTP on ${serving.url}${start}`)
      if (migrations !== undefined) await warnOfPending(db, migrations, screen.warn)
      await serving.closed
      return 0
    },
  })
}

/** Once it serves: a database that does not answer yet must not keep it from that. */
async function warnOfPending(
  db: Database,
  migrations: MigrationFolder,
  warn: (line: string) => void,
): Promise<void> {
  try {
    const { pending } = await migrationStatus(db, await loadMigrations(migrations))
    for (const line of pendingFindings(pending)) warn(line)
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    warn(`whether migrations are lacking can't be known: ${error.message}`)
  }
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'choose another with --port or PORT',
  EACCES: 'choose one from 1024 up with --port or PORT',
  EADDRNOTAVAIL: 'choose another with --host',
  ENOTFOUND: 'choose another with --host',
}

/** `serve` says what is wrong with the address; what one may type instead is known here. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  const remedy = remedies[String(error.code)]
  return remedy === undefined
    ? error
    : new CommandError(`${error.message}: ${remedy}`, { cause: error })
}
