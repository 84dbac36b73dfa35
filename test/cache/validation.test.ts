import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import createError from 'http-errors'
import { conditional, text, type HeaderList } from '@robaccia/core'
import { counted, site, type Answer } from './site.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
})
afterEach(() => {
  vi.useRealTimers()
})

function wait(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

/** A page with a tag: who has it gets a 304 with these headers. */
const tagged =
  (headers: HeaderList, update: HeaderList = headers): Answer =>
  (environ, startResponse, count) => {
    if (environ.HTTP_IF_NONE_MATCH === '"1"') {
      startResponse(304, [...update, ['etag', '"1"']])
      return []
    }
    startResponse(200, [...headers, ['etag', '"1"']])
    return [`page ${count}`]
  }

describe('cache, where what is stored is stale', () => {
  test('asks the app whether it is still good, and renews its headers', async () => {
    const { get, asked } = site(
      tagged(
        [
          ['cache-control', 'max-age=10'],
          ['x-made', 'first'],
        ],
        [
          ['cache-control', 'max-age=20'],
          ['x-made', 'second'],
        ],
      ),
    )
    await get('/')
    wait(11)
    const renewed = await get('/')
    expect(renewed).toMatchObject({ status: 200, text: 'page 1' })
    expect(renewed.header('x-made')).toBe('second')
    expect(renewed.header('cache-status')).toBe(
      'robaccia; fwd=stale; fwd-status=304; ttl=20; stored',
    )
    wait(19)
    const stored = await get('/')
    expect(stored.header('x-made')).toBe('second')
    expect(stored.header('age')).toBe('19')
    expect(asked).toHaveLength(2)
  })

  test('validates each time what says no-cache', async () => {
    const { get, asked } = site(tagged([['cache-control', 'no-cache']]))
    for (let time = 1; time <= 3; time++) {
      expect(await get('/')).toMatchObject({ status: 200, text: 'page 1' })
      expect(asked).toHaveLength(time)
    }
  })

  test('answers the client’s own conditions, from the store and for the app', async () => {
    const { get, asked } = site(tagged([['cache-control', 'max-age=10']]))
    const headers = { 'if-none-match': '"1"' }
    const first = await get('/', { headers })
    expect(first).toMatchObject({ status: 304, text: '' })
    // The whole page was fetched, and is here for others.
    expect(await get('/')).toMatchObject({ status: 200, text: 'page 1' })
    expect(await get('/', { headers })).toMatchObject({ status: 304 })
    expect(asked).toHaveLength(1)
    wait(11)
    expect(await get('/', { headers })).toMatchObject({ status: 304 })
    expect(await get('/', { headers: { 'if-none-match': '"2"' } })).toMatchObject({ status: 200 })
    expect(asked).toHaveLength(2)
  })

  test('answers them for what is not stored, too', async () => {
    const { get } = site((environ, startResponse) =>
      conditional()((inner, start) =>
        text(inner, start, 'mine', { headers: [['cache-control', 'private']] }),
      )({ ...environ, 'router.params': {} }, startResponse),
    )
    const etag = (await get('/')).header('etag') ?? ''
    const again = await get('/', { headers: { 'if-none-match': etag } })
    expect(again).toMatchObject({ status: 304, text: '' })
  })

  test('leaves to the app the conditions that are for it alone', async () => {
    const { get, asked } = site(tagged([['cache-control', 'max-age=10']]))
    await get('/')
    const response = await get('/', { headers: { 'if-match': '"1"' } })
    expect(response.header('cache-status')).toBe('robaccia; fwd=bypass; fwd-status=200')
    expect(asked[1]?.HTTP_IF_MATCH).toBe('"1"')
  })

  test('takes a cookie of a 304 for the client alone', async () => {
    const { get } = site(
      tagged(
        [['cache-control', 'max-age=10']],
        [
          ['set-cookie', 'id=1'],
          ['cache-control', 'max-age=10'],
        ],
      ),
    )
    await get('/')
    wait(11)
    expect((await get('/')).header('set-cookie')).toBe('id=1')
    expect((await get('/')).header('set-cookie')).toBeUndefined()
  })

  test('drops what a 304 says must not be stored', async () => {
    const { get, asked } = site(
      tagged([['cache-control', 'max-age=10']], [['cache-control', 'no-store']]),
    )
    await get('/')
    wait(11)
    expect((await get('/')).text).toBe('page 1')
    expect((await get('/')).text).toBe('page 3')
    expect(asked[2]?.HTTP_IF_NONE_MATCH).toBeUndefined()
  })

  test('uses it once more while it is made anew, if it may', async () => {
    const { get, asked } = site(
      counted([['cache-control', 'max-age=10, stale-while-revalidate=20']]),
    )
    await get('/')
    wait(15)
    const stale = await get('/')
    expect(stale.text).toBe('1')
    expect(stale.header('cache-status')).toBe('robaccia; hit; ttl=-5')
    await expect.poll(() => asked.length).toBe(2)
    expect((await get('/')).text).toBe('2')
    wait(31)
    expect((await get('/')).text).toBe('3')
  })

  test.each(['must-revalidate', 'proxy-revalidate', 's-maxage=10', 'no-cache'])(
    'never uses it stale with %s',
    async (directive) => {
      const { get } = site((environ, startResponse, count) => {
        if (count > 1) throw new Error('the app is ill')
        return counted([
          [
            'cache-control',
            `max-age=10, stale-while-revalidate=20, stale-if-error=20, ${directive}`,
          ],
        ])(environ, startResponse, count)
      })
      await get('/')
      wait(15)
      expect((await get('/')).status).toBe(500)
      expect((await get('/', { headers: { 'cache-control': 'max-stale=60' } })).status).toBe(500)
    },
  )

  test('uses it in place of an error only if that is said', async () => {
    const failing =
      (control: string): Answer =>
      (environ, startResponse, count) =>
        counted([['cache-control', control]], count > 1 ? 503 : 200)(environ, startResponse, count)
    const strict = site(failing('max-age=10'))
    await strict.get('/')
    wait(15)
    expect((await strict.get('/')).status).toBe(503)
    const headers = { 'cache-control': 'stale-if-error=60' }
    const lenient = site(failing('max-age=10, stale-if-error=20'))
    await lenient.get('/')
    wait(15)
    const response = await lenient.get('/')
    expect(response).toMatchObject({ status: 200, text: '1' })
    expect(response.header('cache-status')).toBe(
      'robaccia; fwd=stale; fwd-status=503; ttl=-5; detail=stale',
    )
    wait(20)
    expect((await lenient.get('/')).status).toBe(503)
    expect((await lenient.get('/', { headers })).status).toBe(503)
  })

  test('uses it when the app throws, and tells the operator', async () => {
    const { get } = site(
      (environ, startResponse, count) => {
        if (count === 2) throw new Error('the app is ill')
        if (count === 3) throw createError(404, 'no such page')
        return counted([['cache-control', 'max-age=10']])(environ, startResponse, count)
      },
      { keepStale: 100 },
    )
    await get('/')
    wait(15)
    const response = await get('/')
    expect(response).toMatchObject({ status: 200, text: '1' })
    expect(response.errors).toMatch(/GET \/ failed: Error: the app is ill/)
    // What is thrown may be an answer.
    expect(await get('/')).toMatchObject({ status: 404 })
    wait(100)
    expect((await get('/')).text).toBe('4')
  })

  test('says what an app throws that has nothing stored, as a server does', async () => {
    const { get } = site(() => {
      throw new Error('the app is ill')
    })
    const response = await get('/')
    expect(response.status).toBe(500)
    expect(response.errors.match(/the app is ill/g)).toHaveLength(1)
  })

  test('learns from HEAD whether it is still good', async () => {
    let etag = '"1"'
    const { get, head } = site((environ, startResponse, count) => {
      startResponse(200, [
        ['cache-control', 'max-age=10'],
        ['etag', etag],
        ['x-count', String(count)],
      ])
      return environ.REQUEST_METHOD === 'HEAD' ? [] : [`page ${count}`]
    })
    await get('/')
    wait(11)
    await head('/')
    expect((await get('/')).header('x-count')).toBe('2')
    wait(11)
    etag = '"2"'
    await head('/')
    expect((await get('/')).text).toBe('page 4')
  })
})
