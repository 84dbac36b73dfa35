// The blog's one table.
import { datetime, integer, now, string, text, UniqueViolation } from '@robaccia/db'
import type { Insert } from '@robaccia/db'
import { db } from './dbconfig.js'

/** The most that each column takes: characters, and bytes of UTF-8 for the content. */
export const limits = { id: 100, title: 200, author: 100, content: 4 * 1024 * 1024 }

export const entry = db.table('entry', {
  id: string(limits.id).primary(),
  title: string(limits.title),
  author: string(limits.author).default(''),
  content: text(),
  published: datetime().default(now()).index(),
  updated: datetime().default(now()),
  version: integer().default(1),
})

/** Adds an entry; false if there is one with its id. */
export async function addEntry(row: Insert<typeof entry>): Promise<boolean> {
  try {
    // Of its own: PostgreSQL gives up a transaction around it after a violation.
    await db.transaction(() => entry.insert(row))
    return true
  } catch (error) {
    if (error instanceof UniqueViolation) return false
    throw error
  }
}

/** Adds those entries that are not there yet, together; gives how many those were. */
export async function addMissing(rows: readonly Insert<typeof entry>[]): Promise<number> {
  try {
    return await db.transaction(async () => {
      const ids = rows.map(({ id }) => id)
      const known = new Set((await entry.select('id').whereIn('id', ids)).map(({ id }) => id))
      const added = await entry.insert(rows.filter(({ id }) => !known.has(id)))
      return added.length
    })
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error
    // One came from elsewhere meanwhile, or has its like among them.
    let added = 0
    // oxlint-disable-next-line no-await-in-loop -- one connection
    for (const row of rows) added += (await addEntry(row)) ? 1 : 0
    return added
  }
}
