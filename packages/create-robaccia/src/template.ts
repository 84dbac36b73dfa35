// The files of a new app, from those in template/, which are those of an app called mysite on SQLite.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Database, databases } from './databases.js'

export interface AppFile {
  /** Inside the app's folder, with `/`. */
  readonly path: string
  readonly content: string
}

interface Manifest {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

const folder = fileURLToPath(new URL('../template/', import.meta.url))

/** npm leaves files of these names out of packages, or goes by them, so they are stored under others. */
const names: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  dockerignore: '.dockerignore',
}

/** All files of an app. */
export function appFiles(name: string, database: Database): readonly AppFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => !path.startsWith('node_modules/'))
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8')
      const content =
        path === 'package.json' ? manifest(text, name, database) : fitted(text, name, database)
      return { path: names[path] ?? path, content }
    })
}

/** The packages of this framework are released together, under one version: that of this package. */
function manifest(text: string, name: string, database: Database): string {
  const { version } = parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const template = parse(text)
  const drivers = Object.values(databases).map(({ driver }) => driver)
  const dependencies = Object.entries(template.dependencies)
    .filter(
      ([dependency]) => !drivers.includes(dependency) || dependency === databases[database].driver,
    )
    .map(([dependency, range]) => [dependency, range === 'workspace:*' ? version : range])
  const own = { ...template, name, dependencies: Object.fromEntries(dependencies) }
  return `${JSON.stringify(own, undefined, 2)}\n`
}

function parse(text: string): Manifest {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both are this package's own files
  return JSON.parse(text) as Manifest
}

/** What is between `only: sqlite postgres` and `end`, in comments of Markdown or a Dockerfile, is for those databases. */
const sections = /^(?:#|<!--) only: (.+?)(?: -->)?\n([^]*?)^(?:#|<!--) end(?: -->)?\n/gm

function fitted(text: string, name: string, database: Database): string {
  return text
    .replace(sections, (_, only: string, part: string) =>
      only.split(' ').includes(database) ? part : '',
    )
    .replace(/\n{3,}/g, '\n\n')
    .replace("'sqlite:mysite.db'", `'${databases[database].url(name)}'`)
    .replaceAll('mysite', name)
}
