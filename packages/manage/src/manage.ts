// An application's `manage.ts`: its commands from the command line.
import type { App, Selector } from '@robaccia/core'
import type { Database } from '@robaccia/db'
import type { MigrationFolder } from '@robaccia/db/migrations'
import { check } from './check.js'
import type { Command } from './command.js'
import { create } from './create.js'
import type { Deploy } from './deploy.js'
import { dev } from './dev.js'
import { dumpRows } from './dump.js'
import { inspectdb } from './inspectdb.js'
import { listMigrations } from './list-migrations.js'
import { loadRows } from './load.js'
import { makeMigrations } from './makemigrations.js'
import { migrateDatabase } from './migrate.js'
import { dispatch } from './program.js'
import { rollbackDatabase } from './rollback.js'
import { routes } from './routes.js'
import { run } from './run.js'
import { shell } from './shell.js'
import { sqlMigrate } from './sqlmigrate.js'
import type { Streams } from './terminal.js'

/** An application, as its `manage.ts` puts it together. */
export interface Site {
  /** The outermost app: what is served. */
  readonly app: App
  readonly urls: Selector
  readonly db: Database
  /** The namespace of `model.ts`; the tables among its exports have their names in the shell. */
  readonly model: Readonly<Record<string, unknown>>
  /** The folder of the migrations: `new URL('./migrations/', import.meta.url)`. It may be made later. */
  readonly migrations?: MigrationFolder
  /** The path that `run` prints behind the server's address: `/` unless given. */
  readonly start?: string
  /** The application's own commands by name. */
  readonly commands?: Readonly<Record<string, Command>>
  /** What `check --deploy` can't see by itself. */
  readonly deploy?: Deploy
}

/**
 * Runs the command that the command line names, closes the database and sets the exit code:
 * 0 fine, 1 it failed, 2 wrong usage.
 *
 * @param argv the words behind the program's name
 * @throws TypeError when `start` is no path, or a command's name is taken or can't be typed
 */
export async function manage(
  site: Site,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  // A CGI response whose reader has gone is closed in order by `runCgi`.
  if (process.env.REQUEST_METHOD === undefined) process.stdout.on('error', stopWithoutReader)
  try {
    process.exitCode = await runCommand(site, argv)
  } finally {
    await site.db.close()
  }
}

/**
 * The same for any streams, and it leaves the database open: for tests of an application's commands.
 *
 * @returns the exit code
 */
export async function runCommand(
  site: Site,
  argv: readonly string[],
  streams: Streams = process,
): Promise<number> {
  const { app, urls, db, model, start = '/', commands = {}, deploy, migrations } = site
  if (!start.startsWith('/')) throw new TypeError(`start must begin with /, got '${start}'`)
  const builtIn = {
    create: create(db, migrations),
    run: run({ app, db, start, migrations }),
    dev: dev({ app, db, start, migrations }, deploy?.hosts),
    shell: shell(db, model),
    routes: routes(urls),
    check: check({ db, urls, migrations, deploy }),
    makemigrations: makeMigrations(db, migrations),
    migrate: migrateDatabase(db, migrations),
    rollback: rollbackDatabase(db, migrations),
    migrations: listMigrations(db, migrations),
    sqlmigrate: sqlMigrate(db, migrations),
    dump: dumpRows(db),
    load: loadRows(db),
    inspectdb: inspectdb(db),
  }
  for (const name of Object.keys(commands)) {
    if (name === 'help' || Object.hasOwn(builtIn, name)) {
      throw new TypeError(`a command must have a name of its own, got '${name}'`)
    }
    if (!/^[a-z][a-z0-9:-]*$/.test(name)) {
      throw new TypeError(
        `a command's name must be lower-case letters, digits, - and :, got '${name}'`,
      )
    }
  }
  return dispatch({ ...builtIn, ...commands }, argv, streams)
}

/** A reader that has seen enough (`manage routes | head -1`) is no failure worth a stack. */
function stopWithoutReader(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error
  process.exit()
}
