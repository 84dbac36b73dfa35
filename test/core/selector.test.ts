import { describe, expect, test } from 'vitest'
import { empty, selector, text } from '@robaccia/core'
import type { App, Environ } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { show } from './show.js'

const say =
  (content: string): App =>
  (environ, startResponse) =>
    text(environ, startResponse, content)

describe('selector', () => {
  const blog = selector()
    .add('/blog/', { GET: say('list') })
    .add('/blog/new', { GET: say('new'), PURGE: say('purged') })
    .add('/blog/{id}', { GET: show('get'), PUT: say('put') })
    .add('/blog/{id}', { DELETE: say('deleted'), OPTIONS: say('options') })

  test('hands a request on by path and method', async () => {
    const { get, put } = client(blog)
    expect((await get('/blog/')).text).toBe('list')
    expect((await get('/blog/joe')).json()).toMatchObject({ view: 'get', params: { id: 'joe' } })
    expect((await put('/blog/joe')).text).toBe('put')
  })

  test('gives a request to the first route that has path and method', async () => {
    const { get, put, request } = client(blog)
    expect((await get('/blog/new')).text).toBe('new')
    expect((await put('/blog/new')).text).toBe('put')
    expect((await client(blog).delete('/blog/new')).text).toBe('deleted')
    expect((await request('PURGE', '/blog/new')).text).toBe('purged')
  })

  test('keeps the order of routes whose prefixes differ', async () => {
    const urls = selector()
      .add('/{a}/{b}', { GET: say('first') })
      .add('/x/{b}', { GET: say('second') })
      .add('/x/y', { GET: say('third') })
    expect((await client(urls).get('/x/y')).text).toBe('first')
  })

  test('answers 404 for a path that no route has', async () => {
    expect((await client(blog).get('/nothing')).status).toBe(404)
    expect((await client(selector()).get('/')).status).toBe(404)
  })

  test('answers 405 with the methods of all routes that have the path', async () => {
    const response = await client(blog).request('PATCH', '/blog/new')
    expect(response.status).toBe(405)
    expect(response.header('allow')).toBe('GET, HEAD, PURGE, PUT, DELETE, OPTIONS')
    expect((await client(blog).post('/blog/')).header('allow')).toBe('GET, HEAD, OPTIONS')
  })

  test("answers HEAD by GET's app, if the route has no other", async () => {
    const own = selector().add('/', { GET: say('get'), HEAD: (e, s) => empty(e, s, 204) })
    expect((await client(blog).head('/blog/')).status).toBe(200)
    expect((await client(own).head('/')).status).toBe(204)
    expect((await client(own).post('/')).header('allow')).toBe('GET, HEAD, OPTIONS')
  })

  test('answers OPTIONS, unless a route has it', async () => {
    const response = await client(blog).options('/blog/')
    expect(response.status).toBe(204)
    expect(response.header('allow')).toBe('GET, HEAD, OPTIONS')
    expect((await client(blog).options('/blog/joe')).text).toBe('options')
    expect((await client(blog).options('/nothing')).status).toBe(404)
  })

  test('answers OPTIONS * with the methods of all routes', async () => {
    const response = await client(blog).options('*')
    expect(response.status).toBe(204)
    expect(response.header('allow')).toBe('GET, HEAD, PURGE, PUT, DELETE, OPTIONS')
  })

  test('takes methods as they are: get is not GET', async () => {
    const response = await client(blog).request('get', '/blog/')
    expect(response.status).toBe(405)
  })

  test.each(['PURGE', 'PROPFIND', 'QUERY', 'M-SEARCH'] as const)(
    'knows any method: %s',
    async (method) => {
      const urls = selector().add('/', { [method]: say('done') })
      expect((await client(urls).request(method, '/')).text).toBe('done')
      expect((await client(urls).get('/')).header('allow')).toBe(`${method}, OPTIONS`)
    },
  )

  test('gives any method to an app under *, and others of the route to their own', async () => {
    const urls = selector().add('/', { '*': say('any'), POST: say('post') })
    const { get, post, options, request } = client(urls)
    expect((await get('/')).text).toBe('any')
    expect((await post('/')).text).toBe('post')
    expect((await options('/')).text).toBe('any')
    expect((await request('brew', '/')).text).toBe('any')
  })

  test('lets 404 and 405 be replaced, and adds Allow', async () => {
    const urls = selector({
      notFound: (e, s) => text(e, s, 'nowhere', { status: 410 }),
      methodNotAllowed: (e, s) => text(e, s, 'no', { status: 405, headers: [['allow', 'wrong']] }),
    }).add('/', { GET: say('home') })
    const nowhere = await client(urls).get('/x')
    expect([nowhere.status, nowhere.text]).toEqual([410, 'nowhere'])
    const no = await client(urls).post('/')
    expect([no.text, no.header('allow')]).toEqual(['no', 'GET, HEAD, OPTIONS'])
  })

  test('hands on the environ itself, not a copy', async () => {
    const seen: Environ[] = []
    const watch: App = (environ, startResponse) => {
      seen.push(environ)
      return urls(environ, startResponse)
    }
    const urls = selector().add('/{id}|', {
      GET: (environ, startResponse) => {
        seen.push(environ)
        return empty(environ, startResponse)
      },
    })
    await client(watch).get('/a/b')
    expect(seen[0]).toBe(seen[1])
  })

  test('merges the variables of an inner selector over the outer ones', async () => {
    const inner = selector<{ lang: string }>().add('/{page}/{x}', {
      GET: (environ, startResponse) => {
        const { lang, page } = environ['router.params']
        return text(environ, startResponse, `${lang} ${page} ${environ['router.params'].x}`)
      },
    })
    const urls = selector().add('/{lang}/{x}|', { '*': inner })
    expect((await client(urls).get('/en/1/about/2')).text).toBe('en about 2')
  })

  test('notes the expression, inner ones appended to outer ones', async () => {
    const inner = selector().add('/{id}/', { GET: say('inner') })
    const urls = selector()
      .add('/{lang}|', { '*': selector().add('/blog/|', { '*': inner }) })
      .add('/plain', { GET: say('plain') })
    expect((await client(urls).get('/en/blog/7/')).notes.route).toBe('/{lang}/blog/{id}/')
    expect((await client(urls).get('/en/blog/7')).notes.route).toBe('/{lang}/blog/|')
  })

  test('notes the expression anew when a request is dispatched again', async () => {
    const urls = selector().add('/{id}', { GET: say('view') })
    const twice: App = async (environ, startResponse) => {
      await urls({ ...environ }, () => {})
      return urls(environ, startResponse)
    }
    expect((await client(twice).get('/x')).notes.route).toBe('/{id}')
  })

  test('lists its routes in order of definition', () => {
    const get = say('get')
    const urls = selector().add('/a', { GET: get, POST: get }, 'a').add('/b', { PUT: get })
    expect(urls.routes()).toEqual([
      { expression: '/a', name: 'a', methods: { GET: get, POST: get } },
      { expression: '/b', name: undefined, methods: { PUT: get } },
    ])
  })

  test.each<[object, string]>([
    [{}, 'route /x must have a method, got none'],
    [{ get: say('x') }, "route /x: a method must be upper-case like GET, or *, got 'get'"],
    [
      { 'GET POST': say('x') },
      "route /x: a method must be upper-case like GET, or *, got 'GET POST'",
    ],
    [{ GET: 'x' }, 'route /x: GET must be an app, got string'],
    [{ GET: undefined }, 'route /x: GET must be an app, got undefined'],
  ])('refuses what is not a table of apps: %o', (apps, message) => {
    // @ts-expect-error: not apps
    expect(() => selector().add('/x', apps)).toThrow(new TypeError(message))
  })

  test.each([
    [{ notFound: 404 }, "selector's notFound must be an app, got number"],
    [{ methodNotAllowed: {} }, "selector's methodNotAllowed must be an app, got object"],
    [{ slash: 'strict' }, "selector's slash must be 'redirect', got 'strict'"],
  ])('refuses the options %o', (options, message) => {
    // @ts-expect-error: each is wrong
    expect(() => selector(options)).toThrow(new TypeError(message))
  })

  test('refuses a name that is taken, and adds nothing then', () => {
    const urls = selector().add('/a', { GET: say('a') }, 'page')
    expect(() => urls.add('/b', { GET: say('b') }, 'page')).toThrow(
      new TypeError("route name 'page' must be given once, got /b beside /a"),
    )
    expect(urls.routes()).toHaveLength(1)
  })
})

describe('slash: redirect', () => {
  const urls = selector({ slash: 'redirect' })
    .add('/blog/{id}/', { GET: say('entry') })
    .add('/about', { POST: say('about') })
    .add('[/{a:any}]/{b:any}/x', { GET: say('any') })
  const { get, request } = client(urls, { environ: { SCRIPT_NAME: '/s' } })

  test.each([
    ['/blog/joe', '/s/blog/joe/'],
    ['/blog/joe?a=b&c', '/s/blog/joe/?a=b&c'],
    ['/%62log/caf%C3%A9', '/s/%62log/caf%C3%A9/'],
    ['/about/', '/s/about'],
  ])('sends %s to %s', async (from, to) => {
    const response = await get(from)
    expect([response.status, response.header('location')]).toEqual([308, to])
  })

  test('sends other methods too', async () => {
    expect((await request('POST', '/blog/joe')).header('location')).toBe('/s/blog/joe/')
  })

  test('is for paths of which the other form has a route', async () => {
    expect((await get('/nothing')).status).toBe(404)
    expect((await get('/about')).status).toBe(405)
    expect((await client(selector().add('/a/', { GET: say('a') })).get('/a')).status).toBe(404)
  })

  test.each(['//evil.com/x/', '/\\evil.com/x/', '///evil.com/x/', '/\\/evil.com/x/'])(
    'never sends to another host: %s',
    async (path) => {
      const response = await client(urls, { environ: { PATH_INFO: path } }).get('/')
      expect(response.status).toBe(404)
      expect(response.header('location')).toBeUndefined()
    },
  )
})

describe('selector.or', () => {
  const one = () =>
    selector({ notFound: (e, s) => text(e, s, 'one has not', { status: 404 }) })
      .add('/a', { GET: say('one') })
      .add('/open|', { GET: say('one open') })
  const two = selector()
    .add('/a', { GET: say('two'), POST: say('two post') })
    .add('/b', { GET: say('two b') })

  test('asks the next before it says 404 or 405', async () => {
    const { get, post } = client(one().or(two))
    expect((await get('/a')).text).toBe('one')
    expect((await post('/a')).text).toBe('two post')
    expect((await get('/b')).text).toBe('two b')
    expect((await get('/c')).text).toBe('one has not')
  })

  test('merges Allow', async () => {
    const { put, options } = client(
      one()
        .or(two)
        .or(selector().add('/a', { PURGE: say('') })),
    )
    expect((await put('/a')).header('allow')).toBe('GET, HEAD, POST, PURGE, OPTIONS')
    expect((await options('/a')).header('allow')).toBe('GET, HEAD, POST, PURGE, OPTIONS')
    expect((await options('*')).header('allow')).toBe('GET, HEAD, POST, PURGE, OPTIONS')
  })

  test('asks what is chained to the next, too', async () => {
    const chained = one().or(selector().or(two))
    expect((await client(chained).get('/b')).text).toBe('two b')
  })

  test('asks any app, and takes its 404 and 405 as a no', async () => {
    const plain: App = (environ, startResponse) => {
      environ.PATH_INFO = '/changed'
      environ['robaccia.notes'].route = '/changed'
      if (environ.REQUEST_METHOD === 'POST') return text(environ, startResponse, 'plain')
      if (environ.REQUEST_METHOD === 'PUT')
        return empty(environ, startResponse, 405, [['allow', 'POST']])
      return text(environ, startResponse, 'plain has not', { status: 404 })
    }
    const last = client(one().or(plain))
    expect((await last.post('/a')).text).toBe('plain')
    expect((await last.get('/c')).text).toBe('plain has not')
    const refused = await last.put('/a')
    expect([refused.status, refused.header('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS'])
    expect((await last.delete('/a')).status).toBe(405)
    const between = client(
      one()
        .or(plain)
        .or(selector().add('/{x}', { GET: show('three') })),
    )
    expect((await between.get('/c')).json()).toMatchObject({
      view: 'three',
      path: '/c',
      route: '/{x}',
    })
    expect((await between.get('/c/d')).text).toBe('one has not')
  })

  test('asks the next with the environ as it was', async () => {
    let seen: Environ | undefined
    const watch: App = (environ, startResponse) => {
      seen = { ...environ }
      return empty(environ, startResponse)
    }
    await client(one().or(watch), { environ: { SCRIPT_NAME: '/s' } }).post('/open/x')
    expect(seen).toMatchObject({ SCRIPT_NAME: '/s', PATH_INFO: '/open/x', 'router.params': {} })
    expect(seen?.['robaccia.notes']).toEqual({})
  })

  test('closes the body of a refusal', async () => {
    let closed = 0
    const plain: App = (_environ, startResponse) => {
      startResponse(404, [])
      return Object.assign(['no'], { close: () => void closed++ })
    }
    expect((await client(one().or(plain)).post('/a')).status).toBe(405)
    expect(closed).toBe(1)
  })

  test('prefers a route of the next to a redirect', async () => {
    const first = selector({ slash: 'redirect' }).add('/x/', { GET: say('slash') })
    const second = selector().add('/x', { GET: say('none') })
    const response = await client(first.or(second)).get('/x')
    expect(response.text).toBe('none')
  })

  test('refuses what is no app, and itself', () => {
    const urls = one()
    // @ts-expect-error: not an app
    expect(() => urls.or('x')).toThrow(new TypeError('or must be given an app, got string'))
    expect(() => urls.or(urls)).toThrow(TypeError)
    expect(() => urls.or(selector().or(urls))).toThrow(TypeError)
  })
})
