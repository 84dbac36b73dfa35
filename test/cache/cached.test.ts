import { describe, expect, test } from 'vitest'
import { cached } from '@robaccia/cache'
import type { CachedOptions } from '@robaccia/cache'
import { text, type App, type HeaderList } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const page: App = (environ, startResponse) => text(environ, startResponse, 'hello')

const answering =
  (status: number, headers: HeaderList): App =>
  (_environ, startResponse) => {
    startResponse(status, headers)
    return []
  }

describe('cached', () => {
  test.each<[number, CachedOptions, Record<string, string | undefined>]>([
    [60, {}, { 'cache-control': 'public, max-age=60', 'cdn-cache-control': undefined }],
    [
      60,
      { staleWhileRevalidate: 30, staleIfError: 600 },
      { 'cache-control': 'public, max-age=60, stale-while-revalidate=30, stale-if-error=600' },
    ],
    [
      60,
      { browsers: 0, staleIfError: 600, tags: ['entries', 'entry-1'] },
      {
        'cache-control': 'public, max-age=0',
        'cdn-cache-control': 'max-age=60, stale-if-error=600',
        'cache-tag': 'entries, entry-1',
      },
    ],
  ])('says for %d seconds, %j', async (maxAge, options, expected) => {
    const { get, head } = client(cached(maxAge, options)(page))
    for (const response of [await get('/'), await head('/')]) {
      for (const [name, value] of Object.entries(expected)) {
        expect(response.header(name)).toBe(value)
      }
    }
  })

  test.each<[number, HeaderList]>([
    [200, [['cache-control', 'no-store']]],
    [200, [['expires', 'Thu, 01 Jan 2026 00:00:00 GMT']]],
    [200, [['set-cookie', 'id=1']]],
    [303, [['location', '/']]],
    [403, []],
    [500, []],
  ])('leaves %d with %j as it is', async (status, headers) => {
    const response = await client(cached(60)(answering(status, headers))).get('/')
    expect(response.headers).toEqual(headers)
  })

  test('leaves other methods alone', async () => {
    expect((await client(cached(60)(page)).post('/')).header('cache-control')).toBeUndefined()
  })

  test.each<[number, CachedOptions, string]>([
    [-1, {}, 'cached: maxAge must be an integer of at least 0, got -1'],
    [1, { browsers: 0.5 }, 'cached: browsers must be an integer of at least 0, got 0.5'],
    [
      1,
      { tags: ['a,b'] },
      'cached: a tag must be of visible ASCII characters but commas and quotes, got "a,b"',
    ],
  ])('refuses %d, %j', (maxAge, options, message) => {
    expect(() => cached(maxAge, options)).toThrow(new TypeError(message))
  })
})
