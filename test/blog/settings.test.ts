import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const appFolder = fileURLToPath(new URL('../../apps/blog/', import.meta.url))

beforeEach(() => {
  vi.resetModules()
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('settings', () => {
  it('are this machine’s names and the essay’s title, unless said', async () => {
    vi.stubEnv('HOSTS', undefined)
    vi.stubEnv('TITLE', undefined)
    const { hostNames, title } = await import('../../apps/blog/settings.js')
    expect(hostNames).toEqual(['localhost', '127.0.0.1', '[::1]'])
    expect(title).toBe('A Robaccia Blog')
  })

  it('take an empty title for none', async () => {
    vi.stubEnv('TITLE', '')
    expect((await import('../../apps/blog/settings.js')).title).toBe('A Robaccia Blog')
  })

  it('put the site’s own hosts first', async () => {
    vi.stubEnv('HOSTS', 'blog.example.org, www.example.org:8080,')
    const { hostNames } = await import('../../apps/blog/settings.js')
    expect(hostNames.slice(0, 3)).toEqual(['blog.example.org', 'www.example.org:8080', 'localhost'])
  })
})

describe('dbconfig', () => {
  it.each([
    [undefined, `${appFolder}blog.db`],
    ['', `${appFolder}blog.db`],
    ['sqlite::memory:', ':memory:'],
  ])('with DATABASE_URL %s keeps the entries in %s', async (url, file) => {
    vi.stubEnv('DATABASE_URL', url)
    const { db } = await import('../../apps/blog/dbconfig.js')
    expect(db.knex.client.config.connection).toMatchObject({ filename: file })
    await db.close()
  })
})
