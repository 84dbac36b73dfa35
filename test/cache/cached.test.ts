import { describe, expect, test } from 'vitest'
import { cache, cached } from '@robaccia/cache'
import type { CachedOptions } from '@robaccia/cache'
import { compose, redirect, text, type App, type HeaderList } from '@robaccia/core'
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

  test('says of an unsafe method that succeeds that what has the tags is out of date', async () => {
    const { request } = client(cached(60, { tags: ['entries', 'a\\b'] })(answering(204, [])))
    for (const method of ['POST', 'DELETE', 'M-SEARCH']) {
      expect((await request(method, '/')).headers).toEqual([
        ['cache-group-invalidation', '"entries", "a\\\\b"'],
      ])
    }
  })

  test.each<[string, CachedOptions, number, HeaderList]>([
    ['POST', {}, 200, []],
    ['POST', { tags: ['entries'] }, 400, []],
    ['POST', { tags: ['entries'] }, 503, []],
    ['POST', { tags: ['entries'] }, 303, [['cache-group-invalidation', '"comments"']]],
    ['POST', { tags: ['entries'] }, 303, [['cache-group-invalidation', '']]],
    ['OPTIONS', { tags: ['entries'] }, 200, []],
  ])('leaves an answer to %s alone with %j: %d %j', async (method, options, status, headers) => {
    const { request } = client(cached(60, options)(answering(status, headers)))
    expect((await request(method, '/')).headers).toEqual(headers)
  })

  test('makes a site that is always up to date, by one line round it', async () => {
    const titles = ['First']
    const urls: App = (environ, startResponse) => {
      if (environ.REQUEST_METHOD === 'GET') return text(environ, startResponse, titles.join())
      titles.push('Second')
      return redirect(environ, startResponse, '/')
    }
    const { get, post } = client(compose(cache(), cached(60, { tags: ['entries'] }))(urls))
    await get('/')
    expect((await get('/')).header('cache-status')).toMatch(/; hit;/)
    await post('/new')
    expect((await get('/')).text).toBe('First,Second')
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
