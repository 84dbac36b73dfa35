// `dev`: serves the application for whoever writes it. Code that is edited restarts it, pages follow, errors are shown.
import { isIP } from 'node:net'
import { address, assertHost, explained } from './address.js'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'
import { warnOfMigrations } from './migration-findings.js'
import type { Served } from './run.js'

export function dev(
  { app, db, start, migrations }: Served,
  hosts: readonly string[] = [],
): Command<typeof address> {
  return command({
    description:
      'Serves the application while you write it: restarts, reloads pages, shows errors.',
    example: 'manage dev --port 8000',
    args: address,
    async run({ args: { port, host }, print, warn }) {
      assertHost(host)
      const names = host !== undefined && isName(host) ? [...hosts, host] : hosts
      // Loaded only here, for what it needs is needed nowhere else.
      const { ROLE } = await import('./dev/message.js')
      if (process.env[ROLE] !== undefined && process.connected) {
        const { serveChild } = await import('./dev/child.js')
        if (migrations !== undefined) void warnOfMigrations(db, migrations, warn)
        return serveChild(app, db, names)
      }
      const script = process.argv[1]
      if (script === undefined) {
        throw new CommandError('dev must be run from a file such as manage.ts, got none')
      }
      // The application runs in a process of its own.
      await db.close()
      const { Supervisor } = await import('./dev/supervisor.js')
      const supervisor = new Supervisor({ script, names, terminal: { print, warn } })
      await supervisor.serve(port, host, start).catch((error: unknown) => {
        throw explained(error)
      })
      return 0
    },
  })
}

/** An address is no name, and what else it may be is refused when the port is opened. */
function isName(host: string): boolean {
  return isIP(host) === 0 && /^[\w-][\w.-]*$/.test(host)
}
