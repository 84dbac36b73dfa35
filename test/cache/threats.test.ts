// What others do to caches: each attack as it is made, and what the next client gets.
import { memoryStore, type Store } from '@robaccia/cache'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { compose, proxied, type HeaderList } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { counted, site } from './site.js'

const fresh: HeaderList = [['cache-control', 'public, max-age=60']]

describe('cache poisoning', () => {
  test.each([
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-scheme',
    'x-forwarded-port',
    'x-forwarded-prefix',
    'x-forwarded-for',
    'forwarded',
    'x-host',
    'x-original-url',
    'x-rewrite-url',
    'x-http-method-override',
    'x-method-override',
    'x-http-method',
    'x-real-ip',
    'true-client-ip',
  ])('is not done by %s: the app does not see it', async (name) => {
    const { get, head } = site((environ, startResponse) => {
      const value = environ[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] ?? 'none'
      startResponse(200, [...fresh, ['link', `<//${value}/a.js>`]])
      return [`<script src="//${value}/a.js"></script>`]
    })
    const headers = { [name]: 'evil.example' }
    await head('/', { headers })
    await get('/', { headers: { ...headers, range: 'bytes=0-5' } })
    await get('/', { headers })
    expect((await get('/')).text).toBe('<script src="//none/a.js"></script>')
    expect((await get('/')).header('link')).toBe('<//none/a.js>')
  })

  test('is not done by a HEAD that renews what is stored', async () => {
    const { get, head } = site((environ, startResponse) => {
      const host = environ.HTTP_X_FORWARDED_HOST ?? 'none'
      startResponse(200, [...fresh, ['link', `<//${host}/a.js>`]])
      return ['']
    })
    await get('/')
    await head('/', {
      headers: { 'x-forwarded-host': 'evil.example', 'cache-control': 'no-cache' },
    })
    const stored = await get('/')
    expect(stored.header('cache-status')).toContain('; hit;')
    expect(stored.header('link')).toBe('<//none/a.js>')
  })

  test('is not done by a host that a proxy tells: it is part of the key', async () => {
    const { app } = site((environ, startResponse) => {
      startResponse(200, fresh)
      return [`//${environ.HTTP_HOST}/a.js`]
    })
    const { get } = client(compose(proxied({ trust: 'loopback' }))(app))
    await get('/', { headers: { 'x-forwarded-host': 'evil.example' } })
    expect((await get('/')).text).toBe('//localhost/a.js')
  })

  test('is not done by any header that the response varies with', async () => {
    const { get } = site(
      (environ, startResponse) => {
        startResponse(200, [...fresh, ['vary', 'x-theme']])
        return [`${environ.HTTP_X_THEME} ${environ.HTTP_X_FORWARDED_PREFIX}`]
      },
      { vary: ['x-forwarded-prefix'] },
    )
    await get('/', { headers: { 'x-theme': 'evil', 'x-forwarded-prefix': '/evil' } })
    expect((await get('/')).text).toBe('undefined undefined')
    expect((await get('/', { headers: { 'x-forwarded-prefix': '/a' } })).text).toBe('undefined /a')
  })

  test('is not done by the body of a GET', async () => {
    const { request, get, asked } = site(async (environ, startResponse) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of environ['robaccia.input']) chunks.push(chunk)
      startResponse(200, fresh)
      return [`body: ${Buffer.concat(chunks).toString()}`]
    })
    expect((await request('GET', '/', { body: 'evil' })).text).toBe('body: evil')
    expect((await get('/')).text).toBe('body: ')
    await request('GET', '/', { body: 'evil' })
    expect(asked).toHaveLength(3)
    // Nor by one whose length is not said.
    await get('/?2', { headers: { 'transfer-encoding': 'chunked' } })
    await get('/?2')
    expect(asked).toHaveLength(5)
  })

  test('is not done by a POST that means another method', async () => {
    const { post, get } = site((environ, startResponse, count) => {
      startResponse(200, fresh)
      return [`${environ.REQUEST_METHOD} ${count}`]
    })
    await post('/', { headers: { 'x-http-method-override': 'GET' } })
    expect((await get('/')).text).toBe('GET 2')
  })

  test('is not done by a POST whose answer is the page’s own', async () => {
    const { post, get } = site((environ, startResponse) => {
      startResponse(200, [...fresh, ['content-location', environ.PATH_INFO]])
      return [environ.HTTP_X_FORWARDED_HOST ?? 'none']
    })
    await post('/', { headers: { 'x-forwarded-host': 'evil.example' } })
    expect((await get('/')).text).toBe('none')
  })

  test('is not done by a POST whose answer is another page', async () => {
    const { post, get } = site((environ, startResponse, count) => {
      startResponse(200, [...fresh, ['content-location', '/comments/7']])
      return [`${environ.REQUEST_METHOD} ${count}`]
    })
    await post('/comments')
    expect((await get('/comments')).text).toBe('GET 2')
  })

  test.each(['a b', 'a/b', 'user@a', 'a#b', 'a?b', 'a\\b'])(
    'is not done by a Host that is none: %j',
    async (host) => {
      const { get, asked } = site((environ, startResponse) => {
        startResponse(200, fresh)
        return [environ.HTTP_HOST ?? '']
      })
      for (let time = 0; time < 2; time++) await get('/', { headers: { host } })
      expect((await get('/')).text).toBe('localhost')
      // Nothing of it was stored, and nobody else's key is the same.
      expect(asked).toHaveLength(3)
    },
  )
})

describe('cache deception', () => {
  test.each([
    '/account/a.css',
    '/account;a.js',
    '/account%2fa.png',
    '/account/%0a.ico',
    '/account?a.css',
  ])('is not done by a path that looks like a file: %s', async (path) => {
    const { get } = site((environ, startResponse) => {
      startResponse(200, [
        ['content-type', 'text/css'],
        ['cache-control', 'private, max-age=60'],
      ])
      return [`the account of ${environ.HTTP_COOKIE ?? 'nobody'}`]
    })
    await get(path, { headers: { cookie: 'ada' } })
    expect((await get(path)).text).toBe('the account of nobody')
  })

  test('is not done by a page that says nothing, not even to those who ask at once', async () => {
    const { get } = site(async (environ, startResponse) => {
      const { HTTP_COOKIE: cookie = 'nobody' } = environ
      await new Promise((resolve) => setTimeout(resolve, 5))
      startResponse(200, [['etag', `"${cookie}"`]])
      return [`the account of ${cookie}`]
    })
    const users = ['ada', 'grace', 'joan']
    const pages = await Promise.all(users.map((cookie) => get('/', { headers: { cookie } })))
    expect(pages.map(({ text }) => text)).toEqual(users.map((user) => `the account of ${user}`))
  })
})

describe('a cookie', () => {
  test('that one client was given is not given to others', async () => {
    const { get } = site((_environ, startResponse, count) => {
      startResponse(200, [...fresh, ['set-cookie', `session=${count}`]])
      return ['']
    })
    await get('/')
    expect((await get('/')).header('set-cookie')).toBe('session=2')
  })
})

describe('exhaustion', () => {
  test('is bounded in variants of a page', async () => {
    const { get, asked } = site(
      (environ, startResponse) => {
        startResponse(200, [...fresh, ['vary', 'user-agent']])
        return [environ.HTTP_USER_AGENT ?? '']
      },
      { store: memoryStore({ maxVariants: 4 }) },
    )
    const ask = (agent: string) => get('/', { headers: { 'user-agent': agent } })
    for (let index = 0; index < 10; index++) await ask(`agent ${index}`)
    for (let index = 9; index >= 6; index--) await ask(`agent ${index}`)
    expect(asked).toHaveLength(10)
    await ask('agent 5')
    expect(asked).toHaveLength(11)
  })

  test('is bounded in bytes of a body, said or not', async () => {
    const { get, asked } = site(
      (_environ, startResponse) => {
        startResponse(200, fresh)
        return ['x'.repeat(1001)]
      },
      { maxBody: 1000 },
    )
    await get('/')
    expect((await get('/')).text).toHaveLength(1001)
    expect(asked).toHaveLength(2)
  })

  test('is bounded in what is remembered of purges: what is older is purged', async () => {
    const { get, pages, asked } = site(counted(fresh))
    await get('/')
    for (let index = 0; index < 100_001; index++) await pages.purge(`http://localhost/${index}`)
    await get('/')
    expect(asked).toHaveLength(2)
  })

  test('is bounded in purges that a store owes: then all is purged', async () => {
    const inner = memoryStore()
    const purgeAll = vi.fn(() => inner.purgeAll())
    let broken = true
    const purge: Store['purge'] = (keys) => {
      if (broken) throw new Error('the store is gone')
      return inner.purge(keys)
    }
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    onTestFinished(() => stderr.mockRestore())
    const { get, pages } = site(counted(fresh), { store: { ...inner, purge, purgeAll } })
    for (let index = 0; index < 10_001; index++) await pages.purge(`http://localhost/${index}`)
    broken = false
    await get('/')
    expect(purgeAll).toHaveBeenCalledOnce()
  })

  test('is not done by many ranges', async () => {
    const { get } = site(counted(fresh))
    await get('/')
    const range = `bytes=${Array.from({ length: 100 }, () => '0-0').join(',')}`
    expect(await get('/', { headers: { range } })).toMatchObject({ status: 200, text: '1' })
  })

  test('is bounded in bytes, and the least recently used goes first', async () => {
    const { get, asked } = site(
      (_environ, startResponse) => {
        startResponse(200, fresh)
        return ['x'.repeat(10_000)]
      },
      { store: memoryStore({ maxBytes: 35_000 }) },
    )
    for (const path of ['/1', '/2', '/3', '/1', '/4']) await get(path)
    expect(asked).toHaveLength(4)
    await get('/1')
    expect(asked).toHaveLength(4)
    await get('/2')
    expect(asked).toHaveLength(5)
  })

  test.each(['maxBytes', 'maxVariants'])('has limits that are numbers: %s', async (name) => {
    expect(() => memoryStore({ [name]: 0.5 })).toThrow(
      new TypeError(`memoryStore: ${name} must be a positive integer, got 0.5`),
    )
  })
})

describe('others’ purges', () => {
  test('are not done by a Location on another site', async () => {
    const { get, post, asked } = site((environ, startResponse) => {
      startResponse(
        200,
        environ.REQUEST_METHOD === 'GET' ? fresh : [['location', 'http://localhost.evil.example/']],
      )
      return []
    })
    await get('http://localhost.evil.example/')
    await post('/')
    await get('http://localhost.evil.example/')
    expect(asked).toHaveLength(2)
  })

  test.each([
    ['GET', 200],
    ['OPTIONS', 200],
    ['POST', 403],
  ])('are not done by tags that an answer to %s with %d names', async (method, status) => {
    const { get, request, asked } = site((environ, startResponse) => {
      if (environ.PATH_INFO === '/') startResponse(200, [...fresh, ['cache-tag', 'entries']])
      else startResponse(status, [['cache-group-invalidation', '"entries"']])
      return []
    })
    await get('/')
    // What a client says itself counts for nothing.
    await request(method, '/other', { headers: { 'cache-group-invalidation': '"entries"' } })
    await get('/')
    expect(asked).toHaveLength(2)
  })
})
