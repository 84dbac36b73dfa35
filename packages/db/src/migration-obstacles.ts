// Rows that keep new columns from being added, found when a migration is written rather than when it is applied.
import { readCatalogue } from './catalogue.js'
import type { Database } from './database.js'
import { OldNames } from './migration-losses.js'
import type { Operation } from './operation.js'
import { rowChecks, rowsInTheWay } from './row-checks.js'
import { sessionOf } from './session.js'

/** What is said of the columns that the tables, as they are now, have rows for and no value. */
export async function obstacles(
  db: Database,
  operations: readonly Operation[],
): Promise<readonly string[]> {
  const { dialect } = db
  const isChecked = (operation: Operation) =>
    operation.type === 'addColumn' && rowChecks(dialect, operation).length > 0
  if (!operations.some(isChecked)) return []
  const names = new OldNames()
  return db[sessionOf].run(async (knex) => {
    const catalogue = await readCatalogue(dialect, knex)
    const found: string[] = []
    for (const operation of operations) {
      names.follow(operation)
      if (operation.type !== 'addColumn') continue
      const table = names.table(operation.table)
      const [check] = rowChecks(dialect, operation)
      const [now] = rowChecks(dialect, { ...operation, table })
      if (!check || !now || !catalogue.has(table)) continue
      // oxlint-disable-next-line no-await-in-loop -- SQLite has one connection
      const rows = await rowsInTheWay(dialect, knex, now)
      if (rows !== undefined) found.push(check.problem(rows))
    }
    return found
  })
}
