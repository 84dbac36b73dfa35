// `run`: serves the application until it is told to stop, or answers the one request that a web server starts it for.
import { serve } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { runCgi } from '@robaccia/core/cgi'
import type { Database } from '@robaccia/db'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'

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
    description: 'make the tables and indexes that are missing first',
  },
} as const

export function run(app: App, db: Database, start: string): Command<typeof args> {
  return command({
    description: 'Serves the application until Ctrl-C; as a CGI script it answers one request.',
    example: 'manage run --port 8000',
    args,
    async run({ args: { port, host, create }, print }) {
      // A web server says so (RFC 3875 §4.1.12); standard output is then the response.
      if (process.env.REQUEST_METHOD !== undefined) {
        const { aborted } = await runCgi(app)
        return aborted ? 1 : 0
      }
      // Node takes '' for all addresses: `--host "$UNSET"` would open the application to the network.
      if (host === '') {
        throw new CommandError("host must be an address or a name, got ''", { exitCode: 2 })
      }
      if (create) for (const each of await db.create()) print(`made ${each}`)
      const address = host === undefined ? { port } : { port, host }
      const serving = await serve(app, { ...address, using: [db] }).catch((error: unknown) => {
        throw explained(error)
      })
      print(`Serving HTTP on ${serving.url}${start}`)
      await serving.closed
      return 0
    },
  })
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
