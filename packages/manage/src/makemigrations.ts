// `makemigrations`: writes the migration that leads from those that there are to the model.
import { mkdir, writeFile } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { type Database, DatabaseError } from '@robaccia/db'
import {
  describe,
  describeLoss,
  dropped,
  folderPath,
  losses,
  type MigrationFolder,
  migrationFiles,
  migrationName,
  obstacles,
  type Operation,
  printMigration,
} from '@robaccia/db/migrations'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'
import { folderOf, inWords, migrationsOf, modelChanges } from './site-migrations.js'

const args = {
  name: {
    type: 'string',
    description: 'what to call it behind its number (default: what it does)',
  },
  check: { type: 'boolean', description: 'write nothing; end with 1 if one is lacking' },
  dryRun: { type: 'boolean', description: 'print it instead of writing it' },
  empty: { type: 'boolean', description: 'write one without operations, for runs() of your own' },
  allowDrop: { type: 'boolean', description: 'let it drop tables and columns with their rows' },
} as const

export function makeMigrations(db: Database, folder?: MigrationFolder): Command<typeof args> {
  return command({
    description: 'Writes a migration for what has changed in the model.',
    example: 'manage makemigrations --name add_subtitle',
    args,
    async run({ args: { name, check, dryRun, empty, allowDrop }, print, warn }) {
      if (name !== undefined && !/^\w{1,100}$/.test(name)) {
        throw new CommandError(
          `name must be 1 to 100 letters, digits and underscores, got '${name}'`,
          { exitCode: 2 },
        )
      }
      const path = folderPath(folderOf(folder))
      const migrations = await migrationsOf(folder)
      const operations = empty ? [] : modelChanges(db, migrations)
      if (operations.length === 0 && !empty) {
        print('nothing has changed')
        return 0
      }
      if (check) {
        print(`the model has changes that no migration has: ${inWords(operations)}`)
        return 1
      }
      if (!allowDrop) await refuseDrops(db, operations)
      if (!dryRun) await refuseObstacles(db, operations, warn)
      const names = migrations.map((migration) => migration.name)
      const extension = await extensionOf(path)
      const file = join(path, migrationName(names, operations, name) + extension)
      const source = printMigration(
        { parent: names.at(-1), operations },
        extension.endsWith('ts') ? 'ts' : 'js',
      )
      if (dryRun) {
        print(`// ${shortPath(file)}\n${source.trimEnd()}`)
        return 0
      }
      await write(path, file, source)
      print(`made ${shortPath(file)}`)
      for (const operation of operations) print(`  ${describe(operation)}`)
      return 0
    },
  })
}

/** As it is seen from where somebody typed the command. */
function shortPath(file: string): string {
  const path = relative(process.env.INIT_CWD ?? process.cwd(), file)
  return path.startsWith('..') ? file : path
}

/** That of the migrations that there are. */
async function extensionOf(path: string): Promise<string> {
  return extname((await migrationFiles(path)).at(-1) ?? '.ts') || '.ts'
}

async function write(folder: string, file: string, source: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(file, source, { flag: 'wx' })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`the migration must be a new file, got ${file}: ${reason}`, { cause })
  }
}

async function refuseDrops(db: Database, operations: readonly Operation[]): Promise<void> {
  const names = dropped(operations)
  if (names.length === 0) return
  const lost = await losses(db, operations).catch((error: unknown) => {
    if (error instanceof DatabaseError) return error.message
    throw error
  })
  const words =
    typeof lost === 'string'
      ? `${names.join(', ')}; how many rows hold something can't be known: ${lost}`
      : lost.map(describeLoss).join(', ')
  throw new CommandError(
    `the migration would drop ${words}: say --allow-drop, or, if it only has another name now, say so by was() in the model`,
  )
}

async function refuseObstacles(
  db: Database,
  operations: readonly Operation[],
  warn: (line: string) => void,
): Promise<void> {
  const found = await obstacles(db, operations).catch((error: unknown) => {
    if (!(error instanceof DatabaseError)) throw error
    warn(`whether rows are in the way can't be known: ${error.message}`)
    return []
  })
  if (found.length > 0) throw new CommandError(found.join('\n'))
}
