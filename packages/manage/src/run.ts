// `run`: serves the application until it is told to stop, or answers the one request that a web server starts it for.
import { serve } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { runCgi } from '@robaccia/core/cgi'
import type { Database } from '@robaccia/db'
import { address, assertHost, explained } from './address.js'
import { command } from './command.js'
import type { Command } from './command.js'

const own = {
  create: {
    type: 'boolean',
    description: 'make the tables and indexes that are missing first',
  },
} as const

export function run(app: App, db: Database, start: string): Command<typeof address & typeof own> {
  return command({
    description: 'Serves the application until Ctrl-C; as a CGI script it answers one request.',
    example: 'manage run --port 8000',
    args: { ...address, ...own },
    async run({ args: { port, host, create }, print }) {
      // A web server says so (RFC 3875 §4.1.12); standard output is then the response.
      if (process.env.REQUEST_METHOD !== undefined) {
        const { aborted } = await runCgi(app)
        return aborted ? 1 : 0
      }
      assertHost(host)
      if (create) for (const each of await db.create()) print(`made ${each}`)
      const where = host === undefined ? { port } : { port, host }
      const serving = await serve(app, { ...where, using: [db] }).catch((error: unknown) => {
        throw explained(error)
      })
      print(`Serving HTTP on ${serving.url}${start}`)
      await serving.closed
      return 0
    },
  })
}
