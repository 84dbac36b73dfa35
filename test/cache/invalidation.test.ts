import { describe, expect, test } from 'vitest'
import { cache, cached, memoryStore } from '@robaccia/cache'
import { atomic, compose, type App, type HeaderList } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { database, string } from '@robaccia/db'
import { deferred } from './deferred.js'
import { site } from './site.js'

/** GET says how often the app was asked; any other method answers with the status and headers that its query names. */
function editable() {
  return site((environ, startResponse, count) => {
    if (environ.REQUEST_METHOD === 'GET') {
      startResponse(200, [
        ['cache-control', 'max-age=60'],
        ['cache-tag', `entries, ${environ.PATH_INFO.slice(1) || 'list'}`],
      ])
      return [`${count}`]
    }
    const query = new URLSearchParams(environ.QUERY_STRING)
    const headers: HeaderList = [...query].filter(([name]) => name !== 'status')
    startResponse(Number(query.get('status') ?? 200), headers)
    return []
  })
}

describe('cache', () => {
  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'M-SEARCH'])(
    'drops what it has of a URL when %s succeeds there',
    async (method) => {
      const { get, request } = editable()
      await get('/a')
      await request(method, '/a')
      expect((await get('/a')).text).toBe('3')
    },
  )

  test('keeps it when an unsafe method fails, and after a safe one', async () => {
    const { get, request, post } = site((environ, startResponse, count) => {
      startResponse(environ.REQUEST_METHOD === 'POST' ? 403 : 200, [
        ['cache-control', 'max-age=60'],
      ])
      return [`${count}`]
    })
    await get('/')
    await post('/')
    await request('OPTIONS', '/')
    expect((await get('/')).text).toBe('1')
  })

  test.each(['location', 'content-location'])(
    'drops what %s names on the same site',
    async (name) => {
      const { get, post } = editable()
      await get('/list')
      await get('http://other.example/list')
      await post(`/new?status=201&${name}=/list`)
      await post(`/new?status=201&${name}=http://other.example/list`)
      expect((await get('/list')).text).toBe('5')
      expect((await get('http://other.example/list')).text).toBe('2')
    },
  )

  test('purges a URL with all its variants', async () => {
    const { get, pages } = site((environ, startResponse, count) => {
      startResponse(200, [
        ['cache-control', 'max-age=60'],
        ['vary', 'accept'],
      ])
      return [`${environ.HTTP_ACCEPT} ${count}`]
    })
    const ask = (accept: string) => get('/?a=1', { headers: { accept } })
    await ask('text/html')
    await ask('text/plain')
    await get('/?a=2')
    await pages.purge('http://LOCALHOST:80/?a=1#top')
    expect((await ask('text/html')).text).toBe('text/html 4')
    expect((await ask('text/plain')).text).toBe('text/plain 5')
    expect((await get('/?a=2')).text).toBe('undefined 3')
  })

  test('purges a tag, whatever the URL, and everything', async () => {
    const { get, pages } = editable()
    for (const path of ['/a', '/b']) await get(path)
    await pages.purgeTag('a')
    expect((await get('/a')).text).toBe('3')
    expect((await get('/b')).text).toBe('2')
    await pages.purgeTag('entries')
    expect((await get('/a')).text).toBe('4')
    expect((await get('/b')).text).toBe('5')
    await pages.purgeAll()
    expect((await get('/a')).text).toBe('6')
    await pages.purgeTag('no-such-tag')
    expect((await get('/a')).text).toBe('6')
  })

  test.each(['/list', 'ftp://localhost/', 'http://user@localhost/', ''])(
    'refuses to purge %j',
    async (url) => {
      await expect(editable().pages.purge(url)).rejects.toThrow(
        new TypeError(`a cached URL must be one of http or https, got ${JSON.stringify(url)}`),
      )
    },
  )

  test.each(['url', 'tag', 'all', 'edit', 'group'])(
    'does not store what was asked for before it was purged (%s)',
    async (how) => {
      const slow = deferred()
      const { get, post, pages } = site(async (environ, startResponse, count) => {
        if (count === 1) await slow.promise
        startResponse(200, [
          ['cache-control', 'max-age=60'],
          ['cache-tag', 'entries'],
          ['cache-group-invalidation', '"entries"'],
        ])
        return [environ.REQUEST_METHOD === 'POST' ? '' : `${count}`]
      })
      const before = get('/')
      await expect.poll(() => pages).toBeDefined()
      if (how === 'url') await pages.purge('http://localhost/')
      if (how === 'tag') await pages.purgeTag('entries')
      if (how === 'all') await pages.purgeAll()
      if (how === 'edit') await post('/')
      if (how === 'group') await post('/new')
      // Nor does anybody wait for it who asks later.
      const after = get('/')
      expect((await after).text).not.toBe('1')
      slow.resolve()
      expect((await before).text).toBe('1')
      expect((await get('/')).text).toBe((await after).text)
    },
  )

  test('stores the answer to a POST that says it is the page’s own', async () => {
    const { get, post } = site((environ, startResponse, count) => {
      startResponse(200, [
        ['cache-control', 'max-age=60'],
        ['content-location', environ.PATH_INFO],
      ])
      return [`${count}`]
    })
    await post('/a')
    expect((await get('/a')).text).toBe('1')
  })

  describe('with cache-group-invalidation', () => {
    const groups = (value: string, status = 200) =>
      `/new?${new URLSearchParams([
        ['status', String(status)],
        ['cache-group-invalidation', value],
      ])}`

    test.each(['POST', 'DELETE', 'M-SEARCH'])(
      'drops what has one of its tags, when %s succeeds, and nothing else',
      async (method) => {
        const { get, request } = editable()
        for (const path of ['/a', '/b', '/c']) await get(path)
        const answer = await request(method, groups('"a", "b";x=1, "no such"', 303))
        expect(answer.headers.map(([name]) => name)).toEqual(['cache-status'])
        const texts = []
        for (const path of ['/a', '/b', '/c']) texts.push((await get(path)).text)
        expect(texts).toEqual(['5', '6', '3'])
      },
    )

    test('counts the lines of the header together, and cache-groups as tags', async () => {
      const { get, post } = site((environ, startResponse, count) => {
        const isGet = environ.REQUEST_METHOD === 'GET'
        startResponse(
          200,
          isGet
            ? [
                ['cache-control', 'max-age=60'],
                ['cache-groups', '"one, and \\"two\\""'],
              ]
            : [
                ['cache-group-invalidation', '"other"'],
                ['cache-group-invalidation', '"one, and \\"two\\""'],
              ],
        )
        return [`${count}`]
      })
      const first = await get('/a')
      expect(first.header('cache-groups')).toBeUndefined()
      expect((await get('/a')).header('cache-groups')).toBeUndefined()
      await post('/new')
      expect((await get('/a')).text).toBe('3')
    })

    test.each([400, 403, 409, 500, 503])('drops nothing when it fails with %d', async (status) => {
      const { get, post } = editable()
      await get('/a')
      await post(groups('"a"', status))
      expect((await get('/a')).text).toBe('1')
    })

    test.each(['a', '"a', '"a" "b"', '"b", a', '("a")', '"a", 1', ''])(
      'drops nothing by %j, which is no list of strings',
      async (value) => {
        const { get, post } = editable()
        await get('/a')
        const answer = await post(groups(value))
        expect(answer.header('cache-group-invalidation')).toBeUndefined()
        expect((await get('/a')).text).toBe('1')
      },
    )

    test.each(['GET', 'HEAD', 'OPTIONS'])('drops nothing after %s', async (method) => {
      const { get, request } = site((_environ, startResponse, count) => {
        startResponse(200, [
          ['cache-control', 'max-age=60'],
          ['cache-tag', 'entries'],
          ['cache-group-invalidation', '"entries"'],
        ])
        return method === 'GET' ? [`${count}`] : []
      })
      await get('/a')
      const answer = await request(method, '/b')
      expect(answer.header('cache-group-invalidation')).toBeUndefined()
      expect((await get('/a')).header('cache-status')).toMatch(/; hit;/)
    })

    test('asks a store for a few purges at once, whatever their number', async () => {
      let running = 0
      let most = 0
      const purged: string[] = []
      const store = {
        ...memoryStore(),
        purgeTag: async (tag: string) => {
          most = Math.max(most, ++running)
          await new Promise((resolve) => setImmediate(resolve))
          purged.push(tag)
          running -= 1
        },
      }
      const tags = Array.from({ length: 100 }, (_, index) => `t${index}`)
      const changing: App = (_environ, startResponse) => {
        startResponse(204, [['cache-group-invalidation', tags.map((tag) => `"${tag}"`).join(', ')]])
        return []
      }
      await client(cache({ store })(changing)).post('/')
      expect(purged).toEqual(tags)
      expect(most).toBeGreaterThan(1)
      expect(most).toBeLessThanOrEqual(16)
    })

    test('drops after the transaction of the change, and before its answer', async () => {
      const db = database('sqlite::memory:')
      const entry = db.table('entry', { id: string(10).primary() })
      await db.create()
      const events: string[] = []
      const store = {
        ...memoryStore(),
        purgeTag: async (tag: string) => {
          events.push(`purge ${tag}: ${(await entry.select()).length} committed`)
        },
      }
      const add: App = async (_environ, startResponse) => {
        await entry.insert({ id: 'first' })
        events.push('insert')
        startResponse(303, [['location', '/']])
        return []
      }
      const outermost = (app: App): App => {
        return (environ, startResponse) =>
          app(environ, (...head) => {
            events.push('answer')
            startResponse(...head)
          })
      }
      const pages = compose(cache({ store }), cached(60, { tags: ['entries'] }), atomic(db))
      await client(outermost(pages(add))).post('/new')
      await db.close()
      expect(events).toEqual(['insert', 'purge entries: 1 committed', 'answer'])
    })
  })
})
