import { describe, expect, test } from 'vitest'
import createError from 'http-errors'
import { empty, json, readBody, text } from '@robaccia/core'
import type { App, Outcome } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

/** Answers with the keys of the environ that it is asked for, and the body. */
const echo: App = async (environ, startResponse) =>
  json(environ, startResponse, {
    ...Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === 'string')),
    body: Buffer.from(await readBody(environ)).toString(),
  })

async function fromAsync(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return chunks
}

describe('client', () => {
  test('makes an environ as a server does', async () => {
    const response = await client(echo).get('/a%2Fb?c=d', { headers: { 'User-Agent': 'test' } })
    expect(response.json()).toMatchObject({
      REQUEST_METHOD: 'GET',
      PATH_INFO: '/a%2Fb',
      QUERY_STRING: 'c=d',
      HTTP_USER_AGENT: 'test',
      HTTP_HOST: 'localhost',
    })
  })

  test('sends what is not ASCII as browsers do', async () => {
    const response = await client(echo).get('/caffè%C3%A8?q=日本')
    expect(response.json()).toMatchObject({
      PATH_INFO: '/caff%C3%A8%C3%A8',
      QUERY_STRING: 'q=%E6%97%A5%E6%9C%AC',
      REQUEST_URI: '/caff%C3%A8%C3%A8?q=%E6%97%A5%E6%9C%AC',
    })
  })

  test('drops headers that could pass for another, as servers do', async () => {
    const headers = { x_user: 'root', Proxy: 'evil', 'X-User': 'ada' }
    const response = await client(echo).get('/', { headers })
    expect(response.json()).toMatchObject({ HTTP_X_USER: 'ada' })
    expect(response.json()).not.toHaveProperty('HTTP_PROXY')
    const alone = await client(echo).get('/', { headers: { x_user: 'root' } })
    expect(alone.json()).not.toHaveProperty('HTTP_X_USER')
  })

  test('sends any method', async () => {
    const response = await client(echo).request('PROPFIND', '/')
    expect(response.json()).toMatchObject({ REQUEST_METHOD: 'PROPFIND' })
  })

  test('sends a body, JSON and forms, with their types and lengths', async () => {
    const { post } = client(echo)
    const headers = { 'content-type': 'text/plain' }
    expect((await post('/', { body: 'hé', headers })).json()).toMatchObject({
      CONTENT_TYPE: 'text/plain',
      CONTENT_LENGTH: '3',
      body: 'hé',
    })
    expect((await post('/', { json: { a: 1 } })).json()).toMatchObject({
      CONTENT_TYPE: 'application/json',
      body: '{"a":1}',
    })
    expect((await post('/', { form: { a: 'b c', d: '&' } })).json()).toMatchObject({
      CONTENT_TYPE: 'application/x-www-form-urlencoded;charset=UTF-8',
      body: 'a=b+c&d=%26',
    })
    const form = new FormData()
    form.set('file', new File(['hello'], 'a.txt'))
    expect((await post('/', { form })).json()).toMatchObject({
      CONTENT_TYPE: expect.stringMatching(/^multipart\/form-data; boundary=/) as string,
      body: expect.stringContaining('filename="a.txt"') as string,
    })
  })

  test.each(['', 'blog/', '?a=b', '**', '://a/'])('refuses the target %j', async (target) => {
    await expect(client(echo).get(target)).rejects.toThrow(
      `a request's target must begin with '/' or be a URL or '*', got '${target}'`,
    )
  })

  test('refuses what is no app', () => {
    // @ts-expect-error: not an app
    expect(() => client(null)).toThrow(
      new TypeError('what client is given must be an app, got null'),
    )
  })

  test('refuses two bodies', async () => {
    await expect(client(echo).post('/', { body: 'a', json: 1 })).rejects.toThrow(
      'a request must have at most one of body, json and form',
    )
  })

  test('puts the defaults under each request', async () => {
    const { get } = client(echo, { headers: { Accept: 'text/html', 'X-A': '1' } })
    expect((await get('/', { headers: { 'X-A': '2' } })).json()).toMatchObject({
      HTTP_ACCEPT: 'text/html',
      HTTP_X_A: '2',
    })
  })

  test('has the head and the body of the response', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(201, [
        ['x-a', '1'],
        ['x-a', '2'],
      ])
      return ['é']
    }
    const response = await client(app).get('/')
    expect(response.status).toBe(201)
    expect(response.header('X-A')).toBe('1, 2')
    expect(response.header('x-b')).toBeUndefined()
    expect(response.bytes).toEqual(Buffer.from('é'))
    expect(response.text).toBe('é')
  })

  test('has no body for HEAD and 304, and closes what the app gave', async () => {
    let closes = 0
    const app =
      (status: number): App =>
      (_environ, startResponse) => {
        startResponse(status, [])
        return Object.assign(['hello'], { close: () => void (closes += 1) })
      }
    expect((await client(app(200)).head('/')).text).toBe('')
    expect((await client(app(304)).get('/')).text).toBe('')
    expect(closes).toBe(2)
  })

  test('has the notes of the request', async () => {
    const app: App = (environ, startResponse) => {
      environ['robaccia.notes'].route = '/{id}/'
      return empty(environ, startResponse)
    }
    expect((await client(app).get('/')).notes).toEqual({ route: '/{id}/' })
  })

  test('resolves when what was added with after has run', async () => {
    const order: string[] = []
    const app: App = (environ, startResponse) => {
      environ['robaccia.server'].after(async ({ bytes }) => {
        await new Promise(setImmediate)
        order.push(`after ${bytes}`)
      })
      return text(environ, startResponse, 'hello')
    }
    await client(app).get('/')
    order.push('response')
    expect(order).toEqual(['after 5', 'response'])
  })

  test('rejects when what was added with after throws', async () => {
    const app: App = (environ, startResponse) => {
      environ['robaccia.server'].after(() => {
        throw new Error('too late')
      })
      return empty(environ, startResponse)
    }
    await expect(client(app).get('/')).rejects.toThrow('too late')
  })

  test('answers for a server when the app throws, and says what', async () => {
    const error = new Error('swordfish')
    const response = await client(() => {
      throw error
    }).get('/a?secret')
    expect(response).toMatchObject({ status: 500, text: 'Internal Server Error\n', error })
    expect(response.errors).toMatch(/^GET \/a failed: Error: swordfish/)
    const refused = await client(() => {
      throw createError(403, 'not you')
    }).get('/')
    expect(refused).toMatchObject({ status: 403, text: 'not you\n', errors: '' })
  })

  test('keeps what was read of a stream that fails', async () => {
    const error = new Error('swordfish')
    const response = await client((_environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        yield 'hello'
        throw error
      })()
    }).get('/')
    expect(response).toMatchObject({ status: 200, text: 'hello', error })
  })

  test('has an input that is read once, and names the first reader', async () => {
    const response = await client(async function greedy(environ, startResponse) {
      for await (const _chunk of environ['robaccia.input']);
      for await (const _chunk of environ['robaccia.input']);
      return empty(environ, startResponse)
    }).post('/', { body: 'hello' })
    expect(response.error).toMatchObject({
      message: expect.stringMatching(/must be read once.*greedy/) as string,
    })
  })
})

describe('client.cookies', () => {
  /** Sets the cookies that the query has, and answers with those that it got. */
  const cookieApp: App = (environ, startResponse) => {
    const set = new URLSearchParams(environ.QUERY_STRING).getAll('set')
    return text(environ, startResponse, environ.HTTP_COOKIE ?? 'none', {
      headers: set.map((each) => ['set-cookie', each] as const),
    })
  }
  const setting = (...cookies: string[]) =>
    `?${new URLSearchParams(cookies.map((each) => ['set', each])).toString()}`

  test('keeps what the app sets, and sends it', async () => {
    const { get, cookies } = client(cookieApp)
    expect((await get(`/${setting('a=1', 'b="x y%20"; HttpOnly; SameSite=Lax')}`)).text).toBe(
      'none',
    )
    expect((await get('/')).text).toBe('a=1; b="x y%20"')
    expect(cookies.get('b')).toBe('"x y%20"')
    expect(cookies.get('c')).toBeUndefined()
    cookies.clear()
    expect((await get('/')).text).toBe('none')
  })

  test('keeps one of a name, path and domain: the last', async () => {
    const { get } = client(cookieApp)
    await get(`/${setting('a=1; Path=/', 'a=2; Path=/', 'a=3; Path=/x')}`)
    expect((await get('/')).text).toBe('a=2')
    expect((await get('/x')).text).toBe('a=3; a=2')
  })

  test('keeps one without a name, and none without name and value', async () => {
    const { get } = client(cookieApp)
    await get(`/${setting('', '=; Path=/', 'a=')}`)
    expect((await get('/')).text).toBe('a=')
    await get(`/${setting('=x')}`)
    expect((await get('/')).text).toBe('a=; x')
  })

  test('gives each client cookies of its own', async () => {
    await client(cookieApp).get(`/${setting('a=1')}`)
    expect((await client(cookieApp).get('/')).text).toBe('none')
  })

  test('sends a request’s own cookies first', async () => {
    const { get } = client(cookieApp)
    await get(`/${setting('a=1')}`)
    expect((await get('/', { headers: { cookie: 'b=2' } })).text).toBe('b=2; a=1')
  })

  const paths: [set: string, at: string, sent: string, not: string][] = [
    ['a=1; Path=/blog', '/', '/blog', '/'],
    ['a=1; Path=/blog', '/', '/blog/x', '/blogger'],
    ['a=1; Path=/blog/', '/', '/blog/x', '/blog'],
    ['a=1', '/blog/edit', '/blog/other', '/'],
    ['a=1', '/blog/edit', '/blog', '/b'],
    ['a=1; Path=nonsense', '/blog/edit', '/blog/', '/'],
  ]
  test.each(paths)('sends %s, set at %s, to %s and not to %s', async (set, at, sent, not) => {
    const { get } = client(cookieApp)
    await get(`${at}${setting(set)}`)
    expect((await get(sent)).text).toBe('a=1')
    expect((await get(not)).text).toBe('none')
  })

  test.each([
    'a=2; Max-Age=0',
    'a=2; Max-Age=-1',
    'a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    'a=2; Expires=Thu, 01 Jan 2970 00:00:00 GMT; Max-Age=0',
  ])('deletes by %s', async (deletes) => {
    const { get, cookies } = client(cookieApp)
    await get(`/${setting('a=1; Max-Age=60')}`)
    expect((await get(`/${setting(deletes)}`)).text).toBe('a=1')
    expect((await get('/')).text).toBe('none')
    expect(cookies.get('a')).toBeUndefined()
  })

  test('keeps what has not expired', async () => {
    const { get } = client(cookieApp)
    const expired = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'
    await get(
      `/${setting(`a=1; ${expired}; Max-Age=60`, 'b=2; Expires=Fri, 01 Jan 2970 00:00:00 GMT')}`,
    )
    expect((await get('/')).text).toBe('a=1; b=2')
  })

  test('takes and sends Secure ones over https only', async () => {
    const { get } = client(cookieApp)
    await get(`/${setting('a=1; Secure')}`)
    await get(`https://localhost/${setting('b=2; Secure')}`)
    expect((await get('https://localhost/')).text).toBe('b=2')
    expect((await get('/')).text).toBe('none')
  })

  test('takes a prefixed one only with what its prefix promises', async () => {
    const { get } = client(cookieApp, { environ: { 'robaccia.url_scheme': 'https' } })
    await get(
      `/${setting(
        '__Host-a=1; Secure; Path=/',
        '__Host-b=1; Secure',
        '__Host-c=1; Path=/',
        '__Host-d=1; Secure; Path=/; Domain=localhost',
        '__Secure-e=1; Secure',
        '__Secure-f=1',
      )}`,
    )
    expect((await get('/')).text).toBe('__Host-a=1; __Secure-e=1')
  })

  test('sends a host’s cookies to it, and those of a domain below it too', async () => {
    const { get } = client(cookieApp)
    const at = (host: string, path = '/') => get(path, { headers: { host } })
    await at(
      'www.example.org:8080',
      `/${setting('a=1', 'b=2; Domain=.Example.org', 'c=3; Domain=other.org', 'd=4; Domain=ple.org')}`,
    )
    expect((await at('www.example.org')).text).toBe('a=1; b=2')
    expect((await at('example.org')).text).toBe('b=2')
    expect((await at('x.www.example.org')).text).toBe('b=2')
    expect((await at('other.org')).text).toBe('none')
  })
})

describe('client with follow', () => {
  const to =
    (status: number, location: string): App =>
    (environ, startResponse) => {
      if (environ.PATH_INFO !== '/') return echo(environ, startResponse)
      startResponse(status, [['location', location]])
      return []
    }

  test('leaves a redirect alone unless it is told', async () => {
    const response = await client(to(303, '/next')).get('/')
    expect(response).toMatchObject({ status: 303, target: '/' })
  })

  const changes: [status: number, method: string, then: string][] = [
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'GET', 'GET'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ]
  test.each(changes)('after %i goes from %s to %s', async (status, method, then) => {
    const headers = { 'x-kept': '1', 'content-language': 'en' }
    const response = await client(to(status, '/next?a=1')).request(method, '/', {
      form: { a: 'b' },
      headers,
      follow: true,
    })
    const keeps = method === then && method !== 'GET'
    expect(response.target).toBe('/next?a=1')
    expect(response.json()).toMatchObject({
      REQUEST_METHOD: then,
      PATH_INFO: '/next',
      QUERY_STRING: 'a=1',
      HTTP_X_KEPT: '1',
      body: keeps ? 'a=b' : '',
    })
    expect(Object.keys(response.json() as object).includes('CONTENT_TYPE')).toBe(keeps)
  })

  test('keeps HEAD after 303', async () => {
    const response = await client(to(303, '/next')).head('/', { follow: true })
    expect(response).toMatchObject({ status: 200, target: '/next', text: '' })
  })

  test('understands relative locations, and drops the fragment', async () => {
    const app: App = (environ, startResponse) =>
      environ.PATH_INFO === '/blog/edit'
        ? empty(environ, startResponse, 303, [['location', '../news/#top']])
        : echo(environ, startResponse)
    const response = await client(app).get('/blog/edit', { follow: true })
    expect(response).toMatchObject({ status: 200, target: '/news/' })
  })

  test('goes over to https, and stays there', async () => {
    const app: App = (environ, startResponse) =>
      environ['robaccia.url_scheme'] === 'http'
        ? empty(environ, startResponse, 308, [['location', 'https://localhost/']])
        : to(303, '/next')(environ, startResponse)
    const response = await client(app).get('/', { follow: true })
    expect(response).toMatchObject({ status: 200, target: 'https://localhost/next' })
  })

  test.each(['https://evil.example/', '//evil.example/', 'mailto:joe@localhost', 'http://['])(
    'does not go to %s',
    async (location) => {
      const response = await client(to(302, location)).get('/', { follow: true })
      expect(response).toMatchObject({ status: 302, target: '/' })
    },
  )

  test('stays at the host that the target or a header names', async () => {
    const headers = { host: 'example.org' }
    for (const [target, init] of [
      ['http://example.org/', {}],
      ['http://Example.org:80/', {}],
      ['/', { headers }],
    ] as const) {
      const response = await client(to(303, '/next')).get(target, { ...init, follow: true })
      expect(response.target).toBe('http://example.org/next')
      expect(response.json()).toMatchObject({ HTTP_HOST: 'example.org', PATH_INFO: '/next' })
    }
  })

  test.each(['http://localhost:8080/', 'https://localhost:8443/'])(
    'does not go to another port: %s',
    async (location) => {
      const response = await client(to(302, location)).get('/', { follow: true })
      expect(response).toMatchObject({ status: 302, target: '/' })
    },
  )

  test.each([307, 308])('can’t send a streamed body again after %i', async (status) => {
    const body = async function* () {
      yield Buffer.from('hello')
    }
    const { post } = client(to(status, '/next'))
    await expect(post('/', { body: body(), follow: true })).rejects.toThrow(
      new TypeError(`a body that is sent again after ${status} must be whole, got a stream`),
    )
    const bytes = { body: Buffer.from('hello'), follow: true }
    expect((await post('/', bytes)).json()).toMatchObject({ body: 'hello' })
    const seeOther = await client(to(303, '/next')).post('/', { body: body(), follow: true })
    expect(seeOther.json()).toMatchObject({ REQUEST_METHOD: 'GET', body: '' })
  })

  test('takes and sends cookies on the way', async () => {
    const app: App = (environ, startResponse) =>
      environ.PATH_INFO === '/'
        ? empty(environ, startResponse, 303, [
            ['location', '/next'],
            ['set-cookie', 'a=1'],
          ])
        : text(environ, startResponse, environ.HTTP_COOKIE ?? 'none')
    expect((await client(app).post('/', { follow: true })).text).toBe('a=1')
  })

  test('gives up on a circle', async () => {
    let calls = 0
    const circle: App = (environ, startResponse) => {
      calls += 1
      return empty(environ, startResponse, 302, [['location', '/']])
    }
    await expect(client(circle).get('/', { follow: true })).rejects.toThrow(
      'the app must redirect at most 20 times, got /',
    )
    expect(calls).toBe(21)
  })
})

describe('client.stream', () => {
  /** Counts for ever, and keeps what was done with it. */
  function counter() {
    const seen = { pulls: 0, closes: 0, returned: false, aborted: false, outcomes: [] as Outcome[] }
    const app: App = (environ, startResponse) => {
      const { signal } = environ['robaccia.server']
      environ['robaccia.server'].after((outcome) => void seen.outcomes.push(outcome))
      signal.addEventListener('abort', () => (seen.aborted = true))
      startResponse(200, [['content-type', 'text/event-stream']])
      return {
        async *[Symbol.asyncIterator]() {
          try {
            for (;;) yield `data: ${++seen.pulls}\n\n`
          } finally {
            seen.returned = true
          }
        },
        close: () => void (seen.closes += 1),
      }
    }
    return { app, seen }
  }
  const decode = (chunk: Uint8Array) => Buffer.from(chunk).toString()

  test('gives the head with the first chunk, and pulls no further than it is read', async () => {
    const { app, seen } = counter()
    const response = await client(app).stream('GET', '/events')
    expect(response).toMatchObject({ status: 200, target: '/events' })
    expect(response.header('content-type')).toBe('text/event-stream')
    expect(seen.pulls).toBe(1)
    const chunks: string[] = []
    for await (const chunk of response.body) {
      chunks.push(decode(chunk))
      if (chunks.length === 3) break
    }
    expect(chunks).toEqual(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'])
    expect(seen).toMatchObject({ pulls: 3, closes: 1, returned: true, aborted: true })
  })

  test('goes away by abort, and waits until the app knows', async () => {
    const { app, seen } = counter()
    const response = await client(app).stream('GET', '/')
    await response.abort()
    expect(seen).toMatchObject({ closes: 1, returned: true, aborted: true })
    expect(seen.outcomes).toEqual([
      { status: 200, headers: [['content-type', 'text/event-stream']], bytes: 9, aborted: true },
    ])
    await response.abort()
    expect(seen.outcomes).toHaveLength(1)
  })

  test('goes away from an app that waits', async () => {
    let closes = 0
    const waiting: App = (_environ, startResponse) => {
      startResponse(200, [])
      return {
        async *[Symbol.asyncIterator]() {
          yield ''
          await new Promise(() => {})
        },
        close: () => void (closes += 1),
      }
    }
    const response = await client(waiting).stream('GET', '/')
    const read = response.body[Symbol.asyncIterator]().next()
    await response.abort()
    expect(await read).toEqual({ done: true, value: undefined })
    expect(closes).toBe(1)
  })

  test('reads a body to its end, whole or not', async () => {
    let outcome: Outcome | undefined
    const app: App = (environ, startResponse) => {
      environ['robaccia.server'].after((finished) => void (outcome = finished))
      startResponse(200, [])
      return ['a', '', 'b']
    }
    const response = await client(app).stream('GET', '/')
    expect((await fromAsync(response.body)).map(decode)).toEqual(['a', 'b'])
    expect(outcome).toMatchObject({ bytes: 2, aborted: false })
  })

  test('has the body break off where the app fails', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        yield 'a'
        throw new Error('swordfish')
      })()
    }
    const response = await client(app).stream('GET', '/')
    const chunks: string[] = []
    const reading = (async () => {
      for await (const chunk of response.body) chunks.push(decode(chunk))
    })()
    await expect(reading).rejects.toThrow('swordfish')
    expect(chunks).toEqual(['a'])
    expect(response.errors).toMatch(/^GET \/ failed: Error: swordfish/)
  })

  test('fails at the end where the contract was broken', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(200, [['content-length', '2']])
      return (async function* () {
        yield 'a'
      })()
    }
    const response = await client(app).stream('GET', '/')
    await expect(fromAsync(response.body)).rejects.toThrow(/D1/)
  })

  test('follows no redirect', async () => {
    await expect(client(echo).stream('GET', '/', { follow: true })).rejects.toThrow(
      'stream must not follow redirects, got follow',
    )
  })
})

describe('client with a signal', () => {
  test('goes away before the app has answered', async () => {
    let outcome: Outcome | undefined
    const app: App = async (environ, startResponse) => {
      const { signal, after } = environ['robaccia.server']
      after.call(environ['robaccia.server'], (finished) => void (outcome = finished))
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return text(environ, startResponse, 'too late')
    }
    const leaving = new AbortController()
    const request = client(app).get('/', { signal: leaving.signal })
    setImmediate(() => leaving.abort(new Error('bored')))
    await expect(request).rejects.toThrow('bored')
    expect(outcome).toMatchObject({ bytes: 0, aborted: true })
  })

  test('goes away in the middle of a body', async () => {
    const leaving = new AbortController()
    const app: App = (_environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        yield 'a'
        leaving.abort()
        await new Promise(() => {})
      })()
    }
    await expect(client(app).get('/', { signal: leaving.signal })).rejects.toThrow('aborted')
  })

  test('tells the reader of a stream what was broken when it went away', async () => {
    const leaving = new AbortController()
    let left = () => {}
    const done = new Promise<void>((resolve) => (left = resolve))
    const app: App = (environ, startResponse) => {
      environ['robaccia.server'].after(() => {
        left()
        throw new Error('too late')
      })
      startResponse(200, [])
      return (async function* () {
        yield 'a'
        yield 'b'
      })()
    }
    const response = await client(app).stream('GET', '/', { signal: leaving.signal })
    leaving.abort()
    await done
    await expect(fromAsync(response.body)).rejects.toThrow('too late')
  })

  test('does not begin when it has aborted before', async () => {
    await expect(client(echo).get('/', { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })
})

describe('client with a streamed request', () => {
  test('sends what it is given as it is read', async () => {
    const pulled: string[] = []
    const body = (async function* () {
      for (const piece of ['hé', 'llo']) {
        pulled.push(piece)
        yield Buffer.from(piece)
      }
    })()
    const first: App = async (environ, startResponse) => {
      expect(environ.CONTENT_LENGTH).toBeUndefined()
      expect(pulled).toEqual([])
      return echo(environ, startResponse)
    }
    const response = await client(first).post('/', { body })
    expect(response.json()).toMatchObject({ HTTP_TRANSFER_ENCODING: 'chunked', body: 'héllo' })
  })
})
