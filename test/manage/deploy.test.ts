import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { database } from '@robaccia/db'
import type { Deploy } from '@robaccia/manage'
import { capture } from './capture.js'
import { site } from './site.js'

const key = 'q7JxYhV0d3R2Zk9sT1mN8bWcE5uLgA4o'
const safe: Deploy = { hosts: ['example.org'], secrets: { SESSION_KEY: key }, proxied: true }

async function findings(deploy?: Deploy): Promise<readonly string[]> {
  const blog = site()
  await blog.db.create()
  const checked = deploy === undefined ? blog : { ...blog, deploy }
  const { code, out } = await capture(checked, ['check', '--deploy'])
  await blog.db.close()
  const lines = out.trimEnd().split('\n')
  expect(code).toBe(lines[0] === 'nothing found' ? 0 : 1)
  return code === 0 ? [] : lines
}

describe('check --deploy', () => {
  beforeEach(() => {
    vi.stubEnv('NODE_ENV', 'production')
    for (const name of ['DEBUG', 'NODE_OPTIONS', 'NODE_TLS_REJECT_UNAUTHORIZED']) {
      vi.stubEnv(name, undefined)
    }
  })
  afterEach(() => vi.unstubAllEnvs())

  it('finds nothing in a site that is ready', async () => {
    expect(await findings(safe)).toEqual([])
  })

  it('is not asked for by check alone', async () => {
    vi.stubEnv('NODE_ENV', 'development')
    const blog = site()
    await blog.db.create()
    expect(await capture(blog, ['check'])).toMatchObject({ code: 0, out: 'nothing found\n' })
    await blog.db.close()
  })

  it.each([
    ['NODE_ENV', 'development', /^NODE_ENV must be production, got development: set NODE_ENV/],
    ['NODE_ENV', undefined, /^NODE_ENV must be production, got nothing: set NODE_ENV/],
    ['NODE_OPTIONS', '--inspect=0.0.0.0', /^the debugger must be off, got --inspect: /],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', /^certificates must be checked, got NODE_TLS/],
    ['DEBUG', 'knex:*', /^DEBUG must be unset, /],
  ])('names what %s=%s opens', async (name, value, line) => {
    vi.stubEnv(name, value)
    expect(await findings(safe)).toEqual([expect.stringMatching(line)])
  })

  it.each([
    [undefined, /^the secret SESSION_KEY must be set: make one with: /],
    ['', /^the secret SESSION_KEY must be set: /],
    ['short', /^the secret SESSION_KEY must have 32 characters or more, got 5: /],
    ['changeme-changeme-changeme-changeme', /^the secret SESSION_KEY must be random, got a word/],
    ['ab'.repeat(20), /^the secret SESSION_KEY must be random, /],
  ])('names the secret %j and never its value', async (value, line) => {
    const [found = '', ...rest] = await findings({ ...safe, secrets: { SESSION_KEY: value } })
    expect([found, rest]).toEqual([expect.stringMatching(line), []])
    if (value !== undefined && value !== '') expect(found).not.toContain(value)
  })

  it.each([[undefined], [[]], [['localhost', '127.0.0.1:8080', '[::1]']]])(
    'names a site that answers to the names %j',
    async (hosts) => {
      const { hosts: _, ...others } = safe
      const found = await findings(hosts === undefined ? others : { ...others, hosts })
      expect(found).toEqual([
        expect.stringMatching(/^the site must know its host names, got none: /),
      ])
    },
  )

  it('names a site that does not know of TLS, and all that one without deploy lacks', async () => {
    const tls = expect.stringMatching(/^requests must be known to have come by TLS: /)
    expect(await findings({ ...safe, proxied: false })).toEqual([tls])
    expect(await findings()).toEqual([expect.stringMatching(/^the site must know its host/), tls])
  })

  it.skipIf(process.platform === 'win32')(
    'names a file and a folder that others may write',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'robaccia-'))
      const file = join(folder, 'site.db')
      const db = database(`sqlite:${file}`)
      const blog = { ...site(), db, deploy: safe }
      await db.create()
      const check = async () => (await capture(blog, ['check', '--deploy'])).out
      await chmod(folder, 0o700)
      await chmod(file, 0o600)
      expect(await check()).toBe('nothing found\n')
      await chmod(file, 0o662)
      expect(await check()).toBe(
        `the database's file ${file} must be writable for its owner alone, got mode 662: chmod u=rw,go-w ${file}\n`,
      )
      await chmod(file, 0o600)
      await chmod(folder, 0o770)
      expect(await check()).toContain(
        `the database's folder ${folder} must be writable for its owner`,
      )
      await db.close()
      await rm(folder, { recursive: true })
    },
  )
})
