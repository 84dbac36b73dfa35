// The blog on a database of its own: each test file has one.
import { loadMigrations, migrate } from '@robaccia/db/migrations'
import { vi } from 'vitest'
import { urlOfFile } from '../db/here.js'

vi.stubEnv('DATABASE_URL', await urlOfFile())

export const { db, migrations } = await import('../../apps/blog/dbconfig.js')
export const { addMissing, entry, limits } = await import('../../apps/blog/model.js')
export const view = await import('../../apps/blog/view.js')
export const { urls } = await import('../../apps/blog/urls.js')
export const { app } = await import('../../apps/blog/site.js')
export const { slug } = await import('../../apps/blog/slug.js')
export const { parsePost, PostError } = await import('../../apps/blog/front-matter.js')
export const { importPosts } = await import('../../apps/blog/import-posts.js')

await migrate(db, await loadMigrations(migrations))

/** Adds `count` entries, a day apart, so that `entry-1` is the oldest. */
export async function addEntries(count: number): Promise<void> {
  for (let number = 1; number <= count; number++) {
    await entry.insert({
      id: `entry-${number}`,
      title: `Entry ${number}`,
      content: `The text of entry ${number}.`,
      published: new Date(Date.UTC(2026, 0, number)),
    })
  }
}
