// A migration as it runs, applied or undone.
import { inOrderOfParents, indexOf, stateAfter } from './migration-chain.js'
import { inverse, type Migration, type Operation } from './operation.js'
import type { SchemaState } from './state.js'

export type Direction = 'up' | 'down'

/** What one migration does to the database, one way or the other. */
export interface Run {
  readonly name: string
  readonly direction: Direction
  /** The state before it. */
  readonly before: SchemaState
  readonly operations: readonly Operation[]
}

/**
 * What a migration does one way or the other: the state before it, and its operations.
 *
 * @throws MigrationError for a name that none of them has
 */
export function runOf(
  migrations: readonly Migration[],
  name: string,
  direction: Direction = 'up',
): Run {
  const chain = inOrderOfParents(migrations)
  const at = indexOf(chain, name)
  const found = chain[at]?.operations ?? []
  return {
    name: chain[at]?.name ?? name,
    direction,
    before: stateAfter(chain.slice(0, direction === 'up' ? at : at + 1)),
    operations: direction === 'up' ? found : found.toReversed().map(inverse),
  }
}
