// Which names tables and columns may have, and those of constraints and indexes: explicit and stable, so
// that a migration can name them too.
import { createHash } from 'node:crypto'
import { shown } from './errors.js'

// PostgreSQL's limit for an identifier, which it would cut silently; MySQL's is 64.
const longest = 63

/** `entry_updated_index`; where that is too long, its start and a hash of the whole. */
export function constraintName(
  table: string,
  columns: readonly string[],
  suffix: 'primary' | 'unique' | 'index' | 'foreign' | 'counter',
): string {
  const full = [table, ...columns, suffix].join('_')
  if (full.length <= longest) return full
  const tail = `_${createHash('sha256').update(full).digest('hex').slice(0, 8)}_${suffix}`
  return full.slice(0, longest - tail.length) + tail
}

/** What a model calls an index. */
export function indexName(table: string, columns: readonly string[], unique: boolean): string {
  return constraintName(table, columns, unique ? 'unique' : 'index')
}

/** What a model calls a foreign key. */
export function foreignKeyName(table: string, column: string): string {
  return constraintName(table, [column], 'foreign')
}

/** @throws TypeError unless it is a plain word that all objects do without */
export function checkName(what: string, name: string): void {
  // 63 bytes is PostgreSQL's limit; a plain word needs no escaping anywhere.
  if (!/^[a-z]\w{0,62}$/i.test(name)) {
    throw new TypeError(
      `${what} must be a letter and up to 62 letters, digits and underscores, got ${shown(name)}`,
    )
  }
  // Knex takes an object with a `constructor` of its own for no plain one, and writes nothing.
  if (name in Object.prototype) {
    throw new TypeError(`${what} must not be what every object has, got ${shown(name)}`)
  }
}

/** @throws TypeError for two names that SQLite and MySQL take for one */
export function checkDistinct(what: string, names: readonly string[]): void {
  const twin = names.find((name, index) =>
    names.slice(0, index).some((other) => other.toLowerCase() === name.toLowerCase()),
  )
  if (twin === undefined) return
  throw new TypeError(`${what} must be there once, whatever its case, got ${twin} twice`)
}
