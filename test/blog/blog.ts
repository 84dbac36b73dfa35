// The blog on a database of its own: each test file has one.
import { passwords } from '@robaccia/auth'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { loadMigrations, migrate } from '@robaccia/db/migrations'
import { vi } from 'vitest'
import { urlOfFile } from '../db/here.js'

export const credentials = { name: 'owner', password: 'swordfish' }
export const passwordHash = await passwords({ memoryCost: 8, timeCost: 1 }).hash(
  credentials.password,
)

vi.stubEnv('DATABASE_URL', await urlOfFile())
vi.stubEnv('LOG_LEVEL', 'silent')
vi.stubEnv('PASSWORD_HASH', passwordHash)

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

/** Somebody who reads what is there now, and not what the cache has. */
export function reader(site: App = app): ReturnType<typeof client> {
  return client(site, { headers: { 'cache-control': 'no-cache' } })
}

/** The same for somebody who has logged in. @param base where the blog is mounted */
export async function writer(site: App = app, base = ''): Promise<ReturnType<typeof client>> {
  const blog = reader(site)
  const { status } = await blog.post(`${base}/login/`, { form: credentials })
  if (status !== 303) throw new Error(`logging in must be answered with 303, got ${status}`)
  return blog
}
