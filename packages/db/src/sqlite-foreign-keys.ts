// SQLite can't switch its foreign keys inside a transaction (https://sqlite.org/pragma.html#pragma_foreign_keys), and a
// table can be made anew only while they are off.
import type { Knex } from 'knex'
import { MigrationError, rowsOf } from './errors.js'
import { rawRows } from './raw-rows.js'

/**
 * Runs `work` in a transaction of this connection without foreign keys. References that it broke roll it back.
 *
 * @param knex a transaction that has done nothing yet; it is an empty one again afterwards
 * @throws MigrationError for rows that refer to nothing, unless they did so before
 */
export async function withoutForeignKeys<Result>(
  knex: Knex.Transaction,
  work: () => Promise<Result>,
): Promise<Result> {
  await knex.raw('commit')
  await knex.raw('pragma foreign_keys = off')
  try {
    await knex.raw('begin immediate')
    const before = await brokenReferences(knex)
    const result = await work()
    for (const [reference, rows] of await brokenReferences(knex)) {
      if (rows <= (before.get(reference) ?? 0)) continue
      throw new MigrationError(
        `${reference} must refer to rows that exist, got ${rowsOf(rows)} without one`,
      )
    }
    await knex.raw('commit')
    return result
  } catch (error) {
    // Without a transaction to roll back, the error is what counts.
    await knex.raw('rollback').catch(() => {})
    throw error
  } finally {
    // One connection is all that SQLite has here: it goes back as it came.
    await knex.raw('pragma legacy_alter_table = off')
    await knex.raw('pragma foreign_keys = on')
    await knex.raw('begin')
  }
}

/** How many rows of which table refer to nothing, by `comment (to entry)`. */
async function brokenReferences(knex: Knex): Promise<ReadonlyMap<string, number>> {
  const broken = await rawRows<{
    readonly table: string
    readonly parent: string
    readonly n: number
  }>(
    'sqlite',
    knex,
    'select "table", parent, count(*) as n from pragma_foreign_key_check group by 1, 2',
  )
  return new Map(broken.map(({ table, parent, n }) => [`${table} (to ${parent})`, n]))
}
