// The rows of the error page: the environ, in CGI's names and what middleware have added, and what an error has.
import type { Environ } from '@robaccia/core'
import { escaped } from './markup.js'
import { masked } from './masked.js'

/** The server's own objects: nothing to read in them. */
const hidden: ReadonlySet<string> = new Set([
  'errors.error',
  'robaccia.body',
  'robaccia.development',
  'robaccia.errors',
  'robaccia.input',
  'robaccia.notes',
  'robaccia.server',
  'robaccia.version',
  'router.bases',
])

interface Row {
  readonly key: string
  readonly value: unknown
}

/** The environ's rows by section. */
export function shownEnviron(environ: Environ): Record<string, Row[]> {
  const { route, user } = environ['robaccia.notes']
  const notes = Object.entries({ route, user })
  const shown = Object.entries(environ)
    .filter(([key]) => !hidden.has(key))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    Environ: rows(shown.filter(([key]) => !key.includes('.'))),
    'Added by middleware': rows([
      ...shown.filter(([key]) => key.includes('.')),
      ...notes.filter(([, value]) => value !== undefined),
    ]),
  }
}

/** What an error has beside its words, such as the code of a database's; a place is shown as such. */
export function shownProperties(error: Error): Row[] {
  return rows(
    Object.entries(error).filter(([key]) => !['name', 'file', 'line', 'expose'].includes(key)),
  )
}

/** Youch escapes values, and takes keys, which clients name, for markup. */
function rows(entries: readonly (readonly [string, unknown])[]): Row[] {
  return entries.map(([key, value]) => ({ key: escaped(key), value: masked(key, value) }))
}
