// Names of constraints and indexes: explicit and stable, so that a migration can name them too.
import { createHash } from 'node:crypto'

// PostgreSQL's limit for an identifier, which it would cut silently; MySQL's is 64.
const longest = 63

/** `entry_updated_index`; where that is too long, its start and a hash of the whole. */
export function constraintName(
  table: string,
  columns: readonly string[],
  suffix: 'primary' | 'unique' | 'index' | 'foreign',
): string {
  const full = [table, ...columns, suffix].join('_')
  if (full.length <= longest) return full
  const tail = `_${createHash('sha256').update(full).digest('hex').slice(0, 8)}_${suffix}`
  return full.slice(0, longest - tail.length) + tail
}
