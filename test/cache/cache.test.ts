// What is stored, and how long it is fresh; the conformance suite has more of it, by the thousand.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CacheOptions, memoryStore } from '@robaccia/cache'
import type { HeaderList } from '@robaccia/core'
import { counted, site } from './site.js'

const fresh: HeaderList = [['cache-control', 'max-age=60']]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
})
afterEach(() => {
  vi.useRealTimers()
})

function wait(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

describe('cache', () => {
  test('asks the app once for what is fresh, and says how old it is', async () => {
    const { get, asked } = site(counted(fresh))
    const first = await get('/')
    expect(first).toMatchObject({ status: 200, text: '1' })
    expect(first.header('cache-status')).toBe(
      'robaccia; fwd=uri-miss; fwd-status=200; ttl=60; stored',
    )
    expect(first.header('age')).toBeUndefined()
    wait(10)
    const second = await get('/')
    expect(second).toMatchObject({ status: 200, text: '1' })
    expect(second.header('cache-status')).toBe('robaccia; hit; ttl=50')
    expect(second.header('age')).toBe('10')
    expect(second.header('date')).toBe('Thu, 01 Jan 2026 00:00:00 GMT')
    expect(asked).toHaveLength(1)
  })

  test('asks again for what is stale', async () => {
    const { get } = site(counted(fresh))
    await get('/')
    wait(60)
    const again = await get('/')
    expect(again.text).toBe('2')
    expect(again.header('cache-status')).toMatch(/^robaccia; fwd=stale; fwd-status=200/)
  })

  test.each<[string, HeaderList]>([
    [
      'an Expires after its Date',
      [
        ['date', 'Thu, 01 Jan 2026 00:00:00 GMT'],
        ['expires', 'Thu, 01 Jan 2026 00:01:00 GMT'],
      ],
    ],
    ['s-maxage before max-age', [['cache-control', 'max-age=0, s-maxage=60']]],
    [
      'CDN-Cache-Control before Cache-Control',
      [
        ['cache-control', 'no-store'],
        ['cdn-cache-control', 'max-age=60'],
      ],
    ],
    ['directives in any case', [['cache-control', 'MAX-AGE=60']]],
    ['must-revalidate, as long as it is fresh', [['cache-control', 'max-age=60, must-revalidate']]],
    [
      'a tenth of the time since it was modified',
      [['last-modified', 'Wed, 31 Dec 2025 00:00:00 GMT']],
    ],
    [
      'a private field, without it',
      [
        ['cache-control', 'max-age=60, private="x-name"'],
        ['x-name', 'Ada'],
      ],
    ],
    [
      'must-understand with a status that is understood',
      [['cache-control', 'no-store, must-understand, max-age=60']],
    ],
  ])('stores %s', async (_what, headers) => {
    const { get } = site(counted(headers))
    await get('/')
    wait(59)
    const again = await get('/')
    expect(again.text).toBe('1')
    expect(again.header('x-name')).toBeUndefined()
  })

  test.each<[string, HeaderList, number?]>([
    ['no-store', [['cache-control', 'no-store, max-age=60']]],
    ['private', [['cache-control', 'private, max-age=60']]],
    ['a set-cookie', [...fresh, ['set-cookie', 'id=1']]],
    ['Vary: *', [...fresh, ['vary', 'accept, *']]],
    ['nothing about freshness', []],
    ['an ETag alone', [['etag', '"1"']]],
    ['an Expires that is no date', [['expires', '0']]],
    ['max-age that is no number', [['cache-control', 'max-age=1h']]],
    ['CDN-Cache-Control: no-store', [...fresh, ['cdn-cache-control', 'no-store']]],
    [
      'must-understand with a status that is not',
      [['cache-control', 'max-age=60, must-understand']],
      299,
    ],
    ['a content-length over the limit', [...fresh, ['content-length', '1']], 200],
  ])('does not store %s', async (_what, headers, status = 200) => {
    const options = headers.some(([name]) => name === 'content-length') ? { maxBody: 1 } : {}
    const { get, asked } = site((environ, startResponse, count) => {
      if (options.maxBody === undefined)
        return counted(headers, status)(environ, startResponse, count)
      startResponse(200, [...fresh, ['content-length', '2']])
      return ['ab']
    }, options)
    const first = await get('/')
    expect(first.header('cache-status')).not.toMatch(/stored/)
    await get('/')
    expect(asked).toHaveLength(2)
  })

  test('stores a cookie when told, and what has none left', async () => {
    const told = site(counted([...fresh, ['set-cookie', 'theme=dark']]), { storeCookies: true })
    await told.get('/')
    expect((await told.get('/')).header('set-cookie')).toBe('theme=dark')

    const without = site(
      counted([
        ['cache-control', 'max-age=60, no-cache="set-cookie"'],
        ['set-cookie', 'id=1'],
      ]),
    )
    expect((await without.get('/')).header('set-cookie')).toBe('id=1')
    const stored = await without.get('/')
    expect(stored).toMatchObject({ text: '1' })
    expect(stored.header('set-cookie')).toBeUndefined()
  })

  test('keeps what was asked for with credentials only if it is said to be everybody’s', async () => {
    const headers = { authorization: 'Bearer swordfish' }
    const own = site(counted(fresh))
    await own.get('/', { headers })
    expect((await own.get('/')).text).toBe('2')
    const shared = site(counted([['cache-control', 'max-age=60, public']]))
    await shared.get('/', { headers })
    expect((await shared.get('/')).text).toBe('1')
  })

  test('has a key of scheme, host, path and query as they were sent', async () => {
    const { get } = site(counted(fresh))
    const urls = [
      'http://a.example/',
      'https://a.example/',
      'http://b.example/',
      'http://a.example:8080/',
      'http://a.example/x',
      'http://a.example/%78',
      'http://a.example/?a=1&b=2',
      'http://a.example/?b=2&a=1',
    ]
    for (const [index, url] of urls.entries()) expect((await get(url)).text).toBe(`${index + 1}`)
    for (const [index, url] of urls.entries()) expect((await get(url)).text).toBe(`${index + 1}`)
    expect((await get('http://A.Example:80/')).text).toBe('1')
  })

  test('keeps a variant for each of what a response varies with', async () => {
    const { get } = site((environ, startResponse, count) => {
      startResponse(200, [...fresh, ['vary', 'Accept-Language']])
      return [`${environ.HTTP_ACCEPT_LANGUAGE ?? 'none'} ${count}`]
    })
    const ask = (language: string) => get('/', { headers: { 'accept-language': language } })
    expect((await ask('de, en')).text).toBe('de, en 1')
    expect((await ask('en')).text).toBe('en 2')
    expect((await get('/')).text).toBe('none 3')
    expect((await ask('de,EN')).text).toBe('de, en 1')
    expect((await ask('en')).text).toBe('en 2')
    expect((await get('/')).text).toBe('none 3')
    expect((await ask('fr')).header('cache-status')).toMatch(/fwd=vary-miss/)
  })

  test('answers HEAD from GET, with its length', async () => {
    const { get, head, asked } = site(counted(fresh))
    await get('/')
    const response = await head('/')
    expect(response).toMatchObject({ status: 200, text: '' })
    expect(response.header('content-length')).toBe('1')
    expect(asked).toHaveLength(1)
  })

  test.each([
    ['bytes=2-4', 206, 'cde', 'bytes 2-4/10'],
    ['bytes=7-', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=-2', 206, 'ij', 'bytes 8-9/10'],
    ['bytes=8-99', 206, 'ij', 'bytes 8-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=0-1, 4-5', 200, 'abcdefghij', undefined],
    ['bytes=4-2', 200, 'abcdefghij', undefined],
    ['lines=1-2', 200, 'abcdefghij', undefined],
  ])('answers %s from the whole', async (range, status, text, contentRange) => {
    const { get, asked } = site((_environ, startResponse) => {
      startResponse(200, [...fresh, ['etag', '"1"']])
      return ['abcde', 'fghij']
    })
    await get('/')
    const response = await get('/', { headers: { range } })
    expect(response).toMatchObject({ status, text })
    expect(response.header('content-range')).toBe(contentRange)
    expect(asked).toHaveLength(1)
    const changed = await get('/', { headers: { range: 'bytes=2-4', 'if-range': '"2"' } })
    expect(changed).toMatchObject({ status: 200, text: 'abcdefghij' })
  })

  test('keeps a part as a part', async () => {
    const { get, asked } = site((environ, startResponse) => {
      if (environ.HTTP_RANGE === undefined) {
        startResponse(200, fresh)
        return ['abcdefghij']
      }
      startResponse(206, [...fresh, ['content-range', 'bytes 2-5/10']])
      return ['cdef']
    })
    await get('/', { headers: { range: 'bytes=2-5' } })
    const inner = await get('/', { headers: { range: 'bytes=3-4' } })
    expect(inner).toMatchObject({ status: 206, text: 'de' })
    expect(inner.header('content-range')).toBe('bytes 3-4/10')
    expect(asked).toHaveLength(1)
    expect(await get('/')).toMatchObject({ status: 200, text: 'abcdefghij' })
    expect(asked).toHaveLength(2)
  })

  test.each([
    ['no-cache', 2],
    ['max-age=0', 2],
    ['max-age=5', 2],
    ['max-age=20', 1],
    ['min-fresh=55', 2],
    ['min-fresh=5', 1],
    ['no-store', 2],
  ])('does as a request says: %s', async (control, times) => {
    const { get, asked } = site(counted(fresh))
    await get('/')
    wait(10)
    await get('/', { headers: { 'cache-control': control } })
    expect(asked).toHaveLength(times)
  })

  test('answers only-if-cached with what it has, or 504', async () => {
    const { get, asked } = site(counted(fresh))
    const headers = { 'cache-control': 'only-if-cached' }
    expect((await get('/', { headers })).status).toBe(504)
    expect(asked).toHaveLength(0)
    await get('/')
    expect((await get('/', { headers })).text).toBe('1')
  })

  test('stores errors and redirects for as long as they say', async () => {
    const { get, asked } = site((environ, startResponse) => {
      startResponse(environ.PATH_INFO === '/' ? 301 : 404, [...fresh, ['location', '/x']])
      return []
    })
    for (const path of ['/', '/y', '/', '/y']) await get(path)
    expect(asked).toHaveLength(2)
  })

  test('tells of the route that the app noted, and hides tags', async () => {
    const { get } = site((environ, startResponse) => {
      environ['robaccia.notes'].route = '/{id}'
      startResponse(200, [...fresh, ['cache-tag', 'entries']])
      return ['hello']
    })
    const first = await get('/x')
    expect(first.notes.route).toBe('/{id}')
    const second = await get('/x')
    expect(second.notes.route).toBe('/{id}')
    expect(first.header('cache-tag') ?? second.header('cache-tag')).toBeUndefined()
  })

  test('leaves tags, and says nothing, if it is told to', async () => {
    const { get } = site(
      counted([...fresh, ['cache-tag', 'entries'], ['cache-groups', '"blog"']]),
      {
        forwardTags: true,
        name: false,
      },
    )
    const first = await get('/')
    for (const response of [first, await get('/')]) {
      expect(response.header('cache-tag')).toBe('entries')
      expect(response.header('cache-groups')).toBe('"blog"')
      expect(response.header('cache-status')).toBeUndefined()
      expect(response.text).toBe('1')
    }
  })

  test('says once that a store can be read and not written', async () => {
    const memory = memoryStore()
    let isFull = true
    const { get } = site(counted(fresh), {
      store: {
        ...memory,
        find: async (key) => memory.find(key),
        put: async (...args) => {
          if (isFull) throw new Error('full')
          await memory.put(...args)
        },
      },
    })
    const told = async () => /store failed/.test((await get('/')).errors)
    expect([await told(), await told(), await told()]).toEqual([true, false, false])
    isFull = false
    expect(await told()).toBe(false)
    expect((await get('/')).header('cache-status')).toMatch(/hit/)
  })

  test.each<[CacheOptions, string]>([
    [{ maxBody: 0 }, 'cache: maxBody must be a positive integer, got 0'],
    [{ heuristic: 2 }, 'cache: heuristic must be a number from 0 to 1, got 2'],
    [{ keepStale: -1 }, 'cache: keepStale must be a number of at least 0, got -1'],
    [
      { collapse: { time: Number.NaN } },
      'cache: collapse.time must be a number of at least 0, got NaN',
    ],
    [{ vary: ['Accept'] }, 'cache: vary must name headers in lower case, got "Accept"'],
    [{ name: 'café' }, 'cache: name must be a text of ASCII characters, or false, got "café"'],
    [{ store: {} as never }, 'cache: store must have find(), got undefined'],
    ...['', 'memory', 'http://user:secret@localhost', 'REDIS://localhost'].map(
      (store): [CacheOptions, string] => [
        { store },
        'cache: store must be a store or a URL that begins with redis:// or rediss://, got another',
      ],
    ),
    ...['redis://', 'redis://user:%@localhost', 'rediss://user:secret@localhost/first'].map(
      (store): [CacheOptions, string] => [
        { store },
        'cache: store must be a URL of the form redis://user:password@host:port/database, percent-encoded, got another',
      ],
    ),
  ])('refuses %j', (options, message) => {
    expect(() => site(counted([]), options)).toThrow(new TypeError(message))
  })
})
