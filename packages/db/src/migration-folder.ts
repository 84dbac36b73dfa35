// The files of a folder of migrations: each is a module that exports `migration`. The name of a migration is that
// of its file without the extension, so that a database knows it whether it runs from TypeScript or compiled.
import { readdir } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MigrationError, shown } from './errors.js'
import { inOrderOfParents, stateAfter } from './migration-chain.js'
import type { Migration, Operation } from './operation.js'

const extensions = ['.ts', '.mts', '.js', '.mjs']

/** Where migrations are: a path or a `file:` URL. */
export type MigrationFolder = string | URL

export function folderPath(folder: MigrationFolder): string {
  return typeof folder === 'string' && !folder.startsWith('file:') ? folder : fileURLToPath(folder)
}

/**
 * The names of the files in the folder; none if it does not exist yet.
 *
 * @throws MigrationError for two files that are one migration
 */
export async function migrationFiles(folder: MigrationFolder): Promise<readonly string[]> {
  const names = await readdir(folderPath(folder)).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new MigrationError(`the migrations must be in a folder, got ${folderPath(folder)}`, {
      cause: error,
    })
  })
  const files = names.filter((name) => extensions.includes(parse(name).ext) && !isDeclaration(name))
  const sorted = files.toSorted()
  const twin = sorted.find((file, at) => parse(file).name === parse(sorted[at - 1] ?? '').name)
  if (twin === undefined) return sorted
  const both = sorted.filter((file) => parse(file).name === parse(twin).name)
  throw new MigrationError(`a migration must be one file, got ${both.join(' and ')}`)
}

function isDeclaration(name: string): boolean {
  return /\.d\.m?ts$/.test(name)
}

/**
 * The migrations of a folder in their order, checked: they fit each other.
 *
 * @throws MigrationError for a file that exports none, for branches (it says how to join them), and for an
 *   operation that does not fit what is before it
 */
export async function loadMigrations(folder: MigrationFolder): Promise<readonly Migration[]> {
  const files = await migrationFiles(folder)
  const path = folderPath(folder)
  const loaded = await Promise.all(files.map((file) => load(path, file)))
  const migrations = inOrderOfParents(loaded)
  stateAfter(migrations)
  return migrations
}

async function load(folder: string, file: string): Promise<Migration> {
  const { name } = parse(file)
  // The column of knex_migrations that holds it.
  if (name.length > 255) {
    throw new MigrationError(`a migration's name must have at most 255 characters, got ${file}`)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module is an object; each of its exports is checked
  const module = (await import(pathToFileURL(join(folder, file)).href).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new MigrationError(`migration ${file} must load, got ${reason}`, { cause: error })
  })) as Readonly<Record<string, unknown>>
  const { migration } = module
  if (typeof migration !== 'object' || migration === null) {
    throw new MigrationError(
      `${file} must export migration, got ${shown(migration)}: what is no migration belongs in another folder`,
    )
  }
  const parent = 'parent' in migration ? migration.parent : undefined
  if (parent !== undefined && typeof parent !== 'string') {
    throw new MigrationError(
      `the parent of ${file} must be undefined or a migration's name, got ${shown(parent)}`,
    )
  }
  const operations = 'operations' in migration ? migration.operations : undefined
  if (!Array.isArray(operations) || !operations.every(isOperation)) {
    throw new MigrationError(
      `the operations of ${file} must be an array of what addColumn() and its like give, got ${shown(operations)}`,
    )
  }
  return { name, parent, operations }
}

function isOperation(value: unknown): value is Operation {
  return typeof value === 'object' && value !== null && 'type' in value
}
