import { basic, rateLimit } from '@robaccia/auth'
import { compose, errors, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'
import { client } from '@robaccia/core/testing'
import createError from 'http-errors'
import { afterEach, describe, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
})

const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')
const from = (REMOTE_ADDR: string) => ({ environ: { REMOTE_ADDR } })

describe('rateLimit', () => {
  test('lets so many through, says how many are left, and refuses more', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const { get } = client(compose(errors(), rateLimit({ limit: 2, window: 10_000 }))(lint(hello)))
    const first = await get('/')
    expect(first).toMatchObject({ status: 200, text: 'hello' })
    expect(first.header('ratelimit-policy')).toBe('"default";q=2;w=10')
    expect(first.header('ratelimit')).toBe('"default";r=1;t=10')
    vi.advanceTimersByTime(4000)
    expect((await get('/')).header('ratelimit')).toBe('"default";r=0;t=6')
    const refused = await get('/')
    expect(refused.status).toBe(429)
    expect(refused.text).toContain('too many requests')
    expect(refused.header('retry-after')).toBe('6')
    expect(refused.header('ratelimit')).toBe('"default";r=0;t=6')
    expect(refused.header('ratelimit-policy')).toBe('"default";q=2;w=10')
    expect((await get('/', from('192.0.2.1'))).status).toBe(200)
    vi.advanceTimersByTime(6001)
    expect((await get('/')).status).toBe(200)
  })

  test('counts by what it is told, and leaves out what has no key', async () => {
    const site = compose(
      errors(),
      basic({ realm: 'staff', verify: (name) => ({ name }), optional: true }),
      rateLimit({ limit: 1, name: 'user', key: async (environ) => environ['auth.user']?.name }),
    )(hello)
    const { get } = client(site)
    const by = (name: string, address: string) => ({
      ...from(address),
      headers: { authorization: `Basic ${btoa(`${name}:x`)}` },
    })
    expect((await get('/', by('joe', '192.0.2.1'))).status).toBe(200)
    expect((await get('/', by('joe', '192.0.2.2'))).status).toBe(429)
    expect((await get('/', by('ann', '192.0.2.2'))).status).toBe(200)
    for (let round = 0; round < 3; round++) {
      const stranger = await get('/')
      expect(stranger.status).toBe(200)
      expect(stranger.header('ratelimit')).toBeUndefined()
    }
  })

  test('says how many are left with an error that is thrown, as often as it is', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const missing = createError(404, { headers: { 'X-Why': ['gone', 'for good'] } })
    const pages: App = (environ) => {
      if (environ.PATH_INFO === '/broken') throw new Error('broken')
      throw missing
    }
    const site = compose(
      rateLimit({ limit: 9, name: 'outer' }),
      rateLimit({ limit: 3, name: 'inner' }),
    )(pages)
    for (const guarded of [site, errors()(site)]) {
      const { get } = client(guarded)
      const { headers } = await get('/', from(guarded === site ? '192.0.2.1' : '192.0.2.2'))
      expect(headers.filter(([name]) => name.startsWith('ratelimit') || name === 'x-why')).toEqual([
        ['x-why', 'gone'],
        ['x-why', 'for good'],
        ['ratelimit-policy', '"inner";q=3;w=60'],
        ['ratelimit-policy', '"outer";q=9;w=60'],
        ['ratelimit', '"inner";r=2;t=60'],
        ['ratelimit', '"outer";r=8;t=60'],
      ])
    }
    const { get } = client(errors()(site))
    expect((await get('/')).status).toBe(404)
    expect((await get('/')).status).toBe(404)
    const last = await get('/')
    expect(last.status).toBe(404)
    expect(last.headers).toContainEqual(['ratelimit', '"inner";r=0;t=60'])
    expect(last.headers.filter(([name]) => name === 'ratelimit')).toHaveLength(2)
    const refused = await get('/')
    expect(refused.status).toBe(429)
    expect(refused.headers).toContainEqual(['ratelimit', '"outer";r=5;t=60'])
    expect((await get('/broken', from('192.0.2.3'))).status).toBe(500)
  })

  test('stands inside another, of another name', async () => {
    const site = compose(
      rateLimit({ limit: 10, name: 'burst', window: 1000 }),
      rateLimit({ limit: 1000, name: 'daily', window: 86_400_000 }),
    )(hello)
    const response = await client(site).get('/')
    expect(response.header('ratelimit-policy')).toBe('"daily";q=1000;w=86400, "burst";q=10;w=1')
  })

  test.each([
    [{ limit: 0 }, 'rateLimit: limit must be a positive integer, got 0'],
    [{ limit: 1, window: 100 }, 'rateLimit: window must be whole seconds'],
    [{ limit: 1, name: 'a"b' }, 'rateLimit: name must be letters'],
  ])('refuses %o', (options, message) => {
    expect(() => rateLimit(options)).toThrow(message)
  })
})
