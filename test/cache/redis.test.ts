import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createClient } from 'redis'
import { redisStore, type RedisStore, type RedisStoreOptions } from '@robaccia/cache/redis'
import type { HeaderList } from '@robaccia/core'
import { deferred } from './deferred.js'
import { processes, url, wire } from './redis.js'
import { counted, site, type Answer } from './site.js'

const fresh: HeaderList = [
  ['cache-control', 'max-age=60'],
  ['cache-tag', 'entries'],
]

afterEach(() => {
  vi.restoreAllMocks()
})

/** The same site in several processes, on one Redis. */
function sites(answer: Answer, count = 2, options: RedisStoreOptions = {}) {
  const stores = processes(count, options)
  onTestFinished(() => closeAll(stores))
  return stores.map((store) => site(answer, { store }))
}

/** Waits until it is stored what was fetched: nobody but the next one who asks waits for that. */
async function stored(one: ReturnType<typeof site> | undefined, path = '/'): Promise<void> {
  const headers = { 'cache-control': 'only-if-cached' }
  await expect.poll(async () => (await one?.get(path, { headers }))?.status).toBe(200)
}

async function closeAll(stores: readonly RedisStore[]): Promise<void> {
  await Promise.all(stores.map((store) => store.close()))
}

describe.skipIf(url === undefined)('redisStore', () => {
  test('shares between processes what one of them has fetched', async () => {
    const [one, other] = sites(counted([...fresh, ['vary', 'accept']]))
    const headers = { accept: 'text/html' }
    await one?.get('/', { headers })
    await expect
      .poll(async () => (await one?.get('/', { headers }))?.header('cache-status'))
      .toMatch(/hit/)
    const response = await other?.get('/', { headers })
    expect(response?.header('cache-status')).toMatch(/^robaccia; hit; ttl=/)
    expect(response?.text).toBe('1')
    expect(
      (await other?.get('/', { headers: { accept: 'text/plain' } }))?.header('cache-status'),
    ).toMatch(/^robaccia; fwd=vary-miss/)
  })

  test('keeps bytes as they are', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const [one] = sites((_environ, startResponse) => {
      startResponse(200, fresh)
      return [bytes]
    }, 1)
    await one?.get('/')
    await stored(one)
    const response = await one?.get('/')
    expect(response?.header('cache-status')).toMatch(/hit/)
    expect(Buffer.from(response?.bytes ?? []).equals(bytes)).toBe(true)
  })

  test.each(['url', 'tag', 'all', 'edit', 'group'])('purges in all processes: %s', async (how) => {
    let count = 0
    const [one, other] = sites((environ, startResponse) => {
      if (environ.REQUEST_METHOD === 'GET') startResponse(200, fresh)
      else if (environ.PATH_INFO === '/') startResponse(200, [])
      else startResponse(303, [['cache-group-invalidation', '"entries"']])
      return [`${++count}`]
    })
    await one?.get('/')
    await stored(one)
    expect((await other?.get('/'))?.text).toBe('1')
    if (how === 'url') await one?.pages.purge('http://localhost/')
    if (how === 'tag') await one?.pages.purgeTag('entries')
    if (how === 'all') await one?.pages.purgeAll()
    if (how === 'edit') await one?.post('/')
    if (how === 'group') await one?.post('/new')
    const again = await other?.get('/')
    expect(again?.header('cache-status')).toMatch(/fwd=uri-miss/)
    await stored(other)
    expect((await one?.get('/'))?.text).toBe(again?.text)
  })

  test('does not store what another process purged while it was on its way', async () => {
    const go = deferred()
    let count = 0
    const [one, other] = sites(async (_environ, startResponse) => {
      count += 1
      const own = count
      if (own === 1) await go.promise
      startResponse(200, fresh)
      return [`${own}`]
    })
    const slow = one?.get('/')
    await expect.poll(() => count).toBe(1)
    await other?.pages.purgeTag('entries')
    go.resolve()
    expect((await slow)?.text).toBe('1')
    expect((await other?.get('/'))?.text).toBe('2')
  })

  test('remembers the last of purges that come at once from several processes', async () => {
    const prefix = `test:${randomUUID()}:`
    const stores = processes(4, { prefix })
    onTestFinished(() => closeAll(stores))
    const client = await createClient(url === undefined ? {} : { url }).connect()
    onTestFinished(() => client.destroy())
    const kinds = [
      { kind: 'tag:*', purge: (store: RedisStore) => store.purgeTag('entries') },
      { kind: 'purged:*', purge: (store: RedisStore) => store.purge(['/']) },
      { kind: 'all', purge: (store: RedisStore) => store.purgeAll() },
    ]
    for (const { kind, purge } of kinds) {
      for (let round = 0; round < 50; round++) {
        await Promise.all(stores.map(async (store) => purge(store)))
        const [key = ''] = await client.keys(prefix + kind)
        expect(await client.get(key)).toBe(await client.get(`${prefix}clock`))
      }
    }
    await client.del(await client.keys(`${prefix}*`))
  })

  test('renews a head without its body, and validates for all', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const [one, other] = sites((environ, startResponse) => {
      const isKnown = environ.HTTP_IF_NONE_MATCH === '"1"'
      startResponse(isKnown ? 304 : 200, [...fresh, ['etag', '"1"'], ['x-known', String(isKnown)]])
      return isKnown ? [] : ['page']
    })
    await one?.get('/')
    await stored(one)
    vi.setSystemTime(Date.now() + 61_000)
    expect(await one?.get('/')).toMatchObject({ status: 200, text: 'page' })
    const response = await other?.get('/')
    expect(response?.text).toBe('page')
    expect(response?.header('x-known')).toBe('true')
    expect(other?.asked).toHaveLength(0)
  })

  test('fetches anew what Redis has evicted', async () => {
    const [store] = processes(1)
    onTestFinished(() => store?.close())
    const one = site(counted(fresh), store === undefined ? {} : { store })
    const { get } = one
    await get('/')
    await stored(one)
    const client = await createClient(url === undefined ? {} : { url }).connect()
    const bodies = await client.keys('test:*:body:*')
    if (bodies.length > 0) await client.del(bodies)
    client.destroy()
    expect(await get('/')).toMatchObject({ status: 200, text: '2' })
    await stored(one)
    expect(await get('/')).toMatchObject({ status: 200, text: '2' })
  })

  test('is bounded in variants, and every key of it ends', async () => {
    const [one] = sites(
      (environ, startResponse) => {
        startResponse(200, [...fresh, ['vary', 'user-agent']])
        return [environ.HTTP_USER_AGENT ?? '']
      },
      1,
      { maxVariants: 3, prefix: 'test:bounded:' },
    )
    for (let index = 0; index < 6; index++) {
      await one?.get('/', { headers: { 'user-agent': `agent ${index}` } })
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const client = await createClient(url === undefined ? {} : { url }).connect()
    const keys = await client.keys('test:bounded:*')
    const heads = keys.filter((key) => key.includes(':head:'))
    expect(heads).toHaveLength(1)
    await expect.poll(() => client.hLen(heads[0] ?? '')).toBe(3)
    for (const key of keys) expect(await client.pTTL(key)).toBeGreaterThan(0)
    await client.del(keys)
    client.destroy()
  })

  test('is as no cache when it is gone, and says so once', async () => {
    const line = await wire()
    onTestFinished(() => line.close())
    const [one] = sites(counted(fresh), 1, { url: line.url, timeout: 200, retryAfter: 1 })
    await one?.get('/')
    await stored(one)
    line.cut()
    const responses = []
    for (let index = 0; index < 3; index++) {
      const response = await one?.get('/')
      responses.push(response)
      expect(response?.status).toBe(200)
      expect(response?.header('cache-status')).toBe(
        'robaccia; fwd=bypass; fwd-status=200; detail=store',
      )
    }
    expect(responses.map((response) => response?.errors.match(/store failed/g)?.length)).toEqual([
      1,
      undefined,
      undefined,
    ])
    line.mend()
    await expect
      .poll(async () => (await one?.get('/'))?.header('cache-status'))
      .toMatch(/^robaccia; hit/)
    line.cut()
    await expect.poll(async () => (await one?.get('/'))?.errors).toMatch(/store failed/)
  })

  test('holds up nobody when it is slow', async () => {
    const line = await wire()
    onTestFinished(() => line.close())
    const [one] = sites(counted(fresh), 1, { url: line.url, timeout: 100, retryAfter: 60_000 })
    await one?.get('/')
    await stored(one)
    line.silence()
    const began = performance.now()
    let told = ''
    for (let index = 0; index < 20; index++) {
      const response = await one?.get('/')
      expect(response?.status).toBe(200)
      told += response?.errors
    }
    expect(performance.now() - began).toBeLessThan(1500)
    expect(told.match(/store failed/g)).toHaveLength(1)
  })

  test('drops a connection whose answer is late, and connects anew', async () => {
    const line = await wire()
    onTestFinished(() => line.close())
    const [one] = sites(counted(fresh), 1, { url: line.url, timeout: 200, retryAfter: 1 })
    await one?.get('/')
    await stored(one)
    expect(line.connections()).toBe(1)
    line.silence()
    const late = await one?.get('/')
    expect(late?.header('cache-status')).toMatch(/detail=store$/)
    expect(late?.errors).toContain('redis must answer within 200 ms, got nothing')
    await expect.poll(() => line.connections()).toBe(0)
    line.speak()
    await expect
      .poll(async () => (await one?.get('/'))?.header('cache-status'))
      .toMatch(/^robaccia; hit/)
    expect(line.connections()).toBe(1)
  })

  test('is asked again at once after it refused something, which is told once', async () => {
    const prefix = `test:${randomUUID()}:`
    const [one] = sites(counted(fresh), 1, { prefix, retryAfter: 60_000 })
    const client = await createClient(url === undefined ? {} : { url }).connect()
    onTestFinished(() => client.destroy())
    await one?.get('/')
    await stored(one)
    const [head = ''] = await client.keys(`${prefix}head:*`)
    // A name of another's: each response is refused, and any other is stored.
    const kept = await client.hGetAll(head)
    await client.rename(head, `${head}:kept`)
    await client.set(head, 'taken')
    const errors: string[] = []
    for (let index = 0; index < 3; index++) errors.push((await one?.get('/'))?.errors ?? '')
    expect(errors.map((each) => each.match(/store failed/g)?.length)).toEqual([
      1,
      undefined,
      undefined,
    ])
    await client.del(head)
    await client.hSet(head, kept)
    expect((await one?.get('/'))?.header('cache-status')).toMatch(/^robaccia; hit/)
    await client.del(await client.keys(`${prefix}*`))
  })

  test('uses nothing that was purged while it was gone', async () => {
    const line = await wire()
    onTestFinished(() => line.close())
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const [one] = sites(counted(fresh), 1, { url: line.url, timeout: 200, retryAfter: 1 })
    await one?.get('/')
    await stored(one)
    line.cut()
    await one?.pages.purgeTag('entries')
    expect(stderr).toHaveBeenCalledOnce()
    expect(stderr.mock.lastCall?.[0]).toMatch(/^Error: the cache’s store failed/)
    line.mend()
    await expect
      .poll(async () => (await one?.get('/'))?.header('cache-status'))
      .toMatch(/uri-miss|hit/)
    expect((await one?.get('/'))?.text).not.toBe('1')
  })

  test('purges tags that an answer named while it was gone', async () => {
    const line = await wire()
    onTestFinished(() => line.close())
    const [one] = sites(
      (environ, startResponse, count) => {
        const tags = Array.from({ length: 40 }, (_, index) => `"t${index}"`).join(', ')
        startResponse(
          200,
          environ.REQUEST_METHOD === 'GET'
            ? [...fresh, ['cache-groups', '"t39"']]
            : [['cache-group-invalidation', tags]],
        )
        return [`${count}`]
      },
      1,
      { url: line.url, timeout: 200, retryAfter: 1 },
    )
    await one?.get('/')
    await stored(one)
    line.cut()
    const answer = await one?.post('/new')
    expect(answer?.status).toBe(200)
    expect(answer?.errors.match(/store failed/g)).toHaveLength(1)
    line.mend()
    await expect
      .poll(async () => (await one?.get('/'))?.header('cache-status'))
      .toMatch(/uri-miss|hit/)
    expect((await one?.get('/'))?.text).not.toBe('1')
  })

  test('is over when it is closed', async () => {
    const [store] = processes(1)
    const one = site(counted(fresh), store === undefined ? {} : { store })
    const { get } = one
    await get('/')
    await stored(one)
    await store?.close()
    const response = await get('/')
    expect(response.text).toBe('2')
    expect(response.errors).toMatch(/the connection to redis must be open, got closed/)
  })
})

describe('redisStore', () => {
  test.each<[RedisStoreOptions, string]>([
    [
      { url: 'http://user:secret@localhost' },
      'redisStore: url must be a URL that begins with redis:// or rediss://, got another',
    ],
    [
      { url: 'redis://user:secret@localhost/first' },
      'redisStore: url must be a URL of the form redis://user:password@host:port/database, percent-encoded, got another',
    ],
    [{ timeout: 0 }, 'redisStore: timeout must be a positive integer, got 0'],
    [{ retryAfter: -1 }, 'redisStore: retryAfter must be a positive integer, got -1'],
    [{ maxVariants: 1.5 }, 'redisStore: maxVariants must be a positive integer, got 1.5'],
  ])('refuses %j', (options, message) => {
    expect(() => redisStore(options)).toThrow(new TypeError(message))
  })
})
