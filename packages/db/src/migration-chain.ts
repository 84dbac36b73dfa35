// Migrations in their order: each names its parent, so that they are one chain whatever their files are called. Two
// that have one parent come from two branches of the source, and somebody has to say which goes first.
import { apply } from './apply.js'
import { MigrationError, shown } from './errors.js'
import type { Migration } from './operation.js'
import type { SchemaState } from './state.js'

/**
 * The migrations, each behind its parent.
 *
 * @throws MigrationError for a parent that is not there, for two that come first or have one parent, and for
 *   a circle; it says what to change
 */
export function inOrderOfParents(migrations: readonly Migration[]): readonly Migration[] {
  const children = new Map<string | undefined, Migration>()
  for (const migration of migrations) {
    const { name, parent } = migration
    if (parent !== undefined && !migrations.some((other) => other.name === parent)) {
      const names = migrations.map((other) => other.name).filter((other) => other !== name)
      throw new MigrationError(
        `the parent of ${name} must be one of ${names.join(', ') || 'none at all'}, got ${shown(parent)}`,
      )
    }
    const twin = children.get(parent)
    if (twin) throw new MigrationError(branches(twin.name, name, parent))
    children.set(parent, migration)
  }
  const chain: Migration[] = []
  for (let next = children.get(undefined); next; next = children.get(next.name)) chain.push(next)
  if (chain.length === migrations.length) return chain
  const others = migrations.filter((migration) => !chain.includes(migration))
  throw new MigrationError(
    `each migration must lead back to the first by its parents, got a circle of ${others.map(({ name }) => name).join(', ')}`,
  )
}

function branches(one: string, other: string, parent: string | undefined): string {
  const [rule, got] =
    parent === undefined
      ? ['one migration must come first', 'without a parent']
      : [`one migration must follow ${parent}`, '']
  return `${rule}, got ${[`${one} and ${other}`, got].join(' ').trim()}: join the branches, by parent: '${one}' in ${other} if no database has that one yet`
}

/**
 * The state that migrations lead to from an empty database.
 *
 * @throws MigrationError, naming migration and operation, for one that does not fit what is before it
 */
export function stateAfter(migrations: readonly Migration[]): SchemaState {
  return migrations.reduce<SchemaState>((state, { name, operations }) => {
    try {
      return apply(state, operations)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw new MigrationError(`migration ${name}: ${error.message}`, { cause: error })
    }
  }, new Map())
}

/**
 * Where a migration is in a chain.
 *
 * @param name its name, or its number
 * @throws MigrationError for what none of them has, or several have
 */
export function indexOf(chain: readonly Migration[], name: string): number {
  const exact = chain.findIndex((migration) => migration.name === name)
  if (exact !== -1) return exact
  const found = /^\d+$/.test(name)
    ? chain.filter((migration) => numberOf(migration.name) === Number(name))
    : []
  if (found.length === 1 && found[0]) return chain.indexOf(found[0])
  const names = (found.length > 1 ? found : chain).map((migration) => migration.name)
  throw new MigrationError(
    `the name of a migration must be one of ${names.join(', ') || 'none at all'}, got '${name}'`,
  )
}

function numberOf(name: string): number {
  return Number(/^\d+/.exec(name)?.[0])
}
