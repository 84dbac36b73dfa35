import { memoryStore, sessionOf, sessions, type SessionsOptions } from '@robaccia/auth'
import {
  callApp,
  compose,
  copyOf,
  empty,
  errors,
  methodOverride,
  mount,
  notFound,
  proxied,
  readAll,
  selector,
  subrequest,
  text,
} from '@robaccia/core'
import type { App, Environ } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'
import { fromConnect, fromConnectApp } from '@robaccia/core/node'
import { client, type RequestInit } from '@robaccia/core/testing'
import express from 'express'
import createError from 'http-errors'
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { observed, secret } from './site.js'

afterEach(() => {
  vi.useRealTimers()
})

type Work = (environ: Environ) => unknown

/** A client of a site whose pages do what the test says. */
function site(pages: Record<string, Work>, options: Partial<SessionsOptions> = {}) {
  const urls = selector()
  for (const [name, work] of Object.entries(pages)) {
    const page: App = async (environ, startResponse) => {
      const result = await work(environ)
      return text(environ, startResponse, JSON.stringify(result) ?? 'nothing', {
        headers: [['cache-control', 'public, max-age=60, s-maxage=600']],
      })
    }
    urls.add(`/${name}`, { GET: lint(page), POST: lint(page) })
  }
  return client(sessions({ secret, ...options })(lint(urls)))
}

const setTheme: Work = (environ) => sessionOf(environ).set('theme', environ.QUERY_STRING)
const getTheme: Work = (environ) => sessionOf(environ).get('theme')
const login: Work = (environ) => sessionOf(environ).login({ name: environ.QUERY_STRING })
const user: Work = (environ) => environ['auth.user']?.name
const cookieOf = (response: { header(name: string): string | undefined }) =>
  response.header('set-cookie') ?? ''

describe('sessions', () => {
  test('keep what was set for the next request', async () => {
    const { get } = site({ set: setTheme, get: getTheme })
    await get('/set?dark')
    expect((await get('/get')).text).toBe('"dark"')
  })

  test.each([undefined, {}, { secret: undefined }])(
    'make a secret of their own for this process’s memory: %j',
    async (options) => {
      const page: App = (environ, startResponse) => {
        const session = sessionOf(environ)
        session.set('visits', (session.get('visits') ?? 0) + 1)
        return text(environ, startResponse, `${session.get('visits')}`)
      }
      const one = client(sessions(options)(page))
      await one.get('/')
      expect((await one.get('/')).text).toBe('2')
      const other = client(sessions(options)(page))
      const cookie = `session=${one.cookies.get('session')}`
      expect((await other.get('/', { headers: { cookie } })).text).toBe('1')
    },
  )

  test('make none for a visitor that nothing was written for', async () => {
    const store = observed()
    const { get } = site({ get: getTheme, plain: () => 1 }, { store })
    for (const path of ['/get', '/plain', '/no-such-page']) {
      expect(cookieOf(await get(path))).toBe('')
    }
    expect(store.calls).toEqual([])
  })

  test('set a cookie that scripts can’t read and other sites can’t use', async () => {
    const { get } = site({ set: setTheme })
    expect(cookieOf(await get('/set?dark'))).toMatch(
      /^session=[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    expect(cookieOf(await get('https://localhost/set?dark'))).toMatch(
      /^__Host-session=[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  test('take no cookie of http on https, under whichever name', async () => {
    const { get, cookies } = site({ set: setTheme, get: getTheme })
    await get('/set?dark')
    const value = cookies.get('session') ?? ''
    cookies.clear()
    for (const name of ['session', '__Host-session']) {
      const headers = { cookie: `${name}=${value}` }
      expect((await get('https://localhost/get', { headers })).text).toBe('nothing')
    }
    expect((await get('/get', { headers: { cookie: `session=${value}` } })).text).toBe('"dark"')
  })

  test('have ids of 256 bits, of which the store knows a hash only', async () => {
    const store = observed()
    const { get, cookies } = site({ set: setTheme }, { store })
    await get('/set?dark')
    const [id = ''] = cookies.get('session')?.split('.') ?? []
    expect(Buffer.from(id, 'base64url')).toHaveLength(32)
    const hash = createHash('sha256').update(id).digest('base64url')
    expect(store.calls).toEqual([`create ${hash} {"theme":"\\"dark\\""}`])
  })

  test('never take an id that a visitor brings', async () => {
    const store = observed()
    const { get, cookies } = site({ set: setTheme }, { store })
    const own = 'A'.repeat(43)
    for (const brought of [own, `${own}.${own}`, `${own}.`, '', '.', 'x'.repeat(5000)]) {
      await get('/set?dark', { headers: { cookie: `session=${brought}` } })
      expect(cookies.get('session')).not.toContain(own)
      cookies.clear()
    }
    // What is not signed doesn't even reach the store.
    expect(store.calls.filter((call) => !call.startsWith('create'))).toEqual([])
  })

  test('take old keys, and set the cookie anew with the newest', async () => {
    const store = memoryStore()
    const [older, newer] = ['o'.repeat(32), 'n'.repeat(32)]
    const before = site({ set: setTheme }, { store, secret: older })
    await before.get('/set?dark')
    const headers = { cookie: `session=${before.cookies.get('session')}` }
    const after = site({ get: getTheme, plain: () => 1 }, { store, secret: [newer, older] })
    expect(cookieOf(await after.get('/plain', { headers }))).toBe('')
    const response = await after.get('/get', { headers })
    expect(response.text).toBe('"dark"')
    expect(cookieOf(response)).toMatch(/^session=/)
    const later = site({ get: getTheme }, { store, secret: newer })
    expect((await later.get('/get', { headers })).text).toBe('nothing')
    const renewed = { cookie: `session=${after.cookies.get('session')}` }
    expect((await later.get('/get', { headers: renewed })).text).toBe('"dark"')
  })

  test('mark a response that depends on one as its visitor’s own, and no other', async () => {
    const pages = { get: getTheme, set: setTheme, user, plain: () => 1 }
    const { get } = site(pages)
    for (const path of ['/get', '/user', '/set?dark', '/get', '/user']) {
      const response = await get(path)
      expect(response.header('vary')).toBe('cookie')
      expect(response.header('cache-control')).toBe('max-age=60, private')
    }
    const plain = await get('/plain')
    expect(plain.header('vary')).toBeUndefined()
    expect(plain.header('cache-control')).toBe('public, max-age=60, s-maxage=600')
  })

  test.each([
    [
      [
        ['cache-control', 'no-cache, private="set-cookie"'],
        ['cdn-cache-control', 'max-age=60'],
        ['surrogate-control', 'max-age=60'],
      ],
      'no-cache, private',
      'cookie',
    ],
    [[['cache-control', 'x="a, public", PUBLIC']], 'x="a, public", private', 'cookie'],
    [[['vary', 'accept-encoding']], 'private', 'accept-encoding, cookie'],
    [[['vary', 'Accept, Cookie']], 'private', 'Accept, Cookie'],
    [[['vary', '*']], 'private', '*'],
  ] as const)('make %j private', async (headers, control, vary) => {
    const page: App = (environ, startResponse) => {
      sessionOf(environ).get('theme')
      return text(environ, startResponse, '', { headers })
    }
    const response = await client(sessions({ secret })(page)).get('/')
    expect(response.header('cache-control')).toBe(control)
    expect(response.header('vary')).toBe(vary)
    expect(response.header('cdn-cache-control')).toBeUndefined()
    expect(response.header('surrogate-control')).toBeUndefined()
  })

  test('mark an error that was thrown, and one for whoever has a session', async () => {
    const pages: Record<string, Work> = {
      set: setTheme,
      own: (environ) => {
        sessionOf(environ).get('theme')
        throw createError(404, 'not yours', { headers: { vary: 'accept' } })
      },
      gone: () => {
        throw createError(410)
      },
    }
    const { get } = site(pages)
    const own = await get('/own')
    expect(own).toMatchObject({ status: 404, text: 'not yours\n' })
    expect(own.header('vary')).toBe('accept, cookie')
    expect(own.header('cache-control')).toBe('private')
    for (const path of ['/gone', '/nowhere']) {
      expect((await get(path)).header('cache-control')).toBeUndefined()
    }
    await get('/set?dark')
    for (const path of ['/gone', '/nowhere']) {
      expect((await get(path)).header('cache-control')).toBe('private')
    }
  })

  test('let the page for an error show who is there', async () => {
    const sorry: App = (environ, startResponse) =>
      text(environ, startResponse, `Sorry, ${environ['auth.user']?.name ?? 'stranger'}`)
    const urls = selector()
      .add('/login', {
        GET: (environ, startResponse) => {
          sessionOf(environ).login({ name: 'joe' })
          return text(environ, startResponse, '')
        },
      })
      .add('/broken', {
        GET: () => {
          throw new Error('broken')
        },
      })
    const { get } = client(compose(errors({ default: sorry }), sessions({ secret }))(urls))
    expect((await get('/nowhere')).text).toBe('Sorry, stranger')
    await get('/login')
    expect(await get('/nowhere')).toMatchObject({ text: 'Sorry, joe', notes: { user: 'joe' } })
    expect((await get('/nowhere')).header('vary')).toBe('cookie')
    expect(await get('/broken')).toMatchObject({ status: 500, text: 'Sorry, joe' })
  })

  test('drop what an app that throws has changed', async () => {
    const { get } = site({
      get: getTheme,
      bad: (environ) => {
        setTheme(environ)
        throw createError(409)
      },
    })
    expect(cookieOf(await get('/bad?dark'))).toBe('')
    expect((await get('/get')).text).toBe('nothing')
  })

  test('are saved before the head is sent', async () => {
    const order: string[] = []
    const store = memoryStore()
    const slow = {
      ...store,
      create: async (...args: Parameters<typeof store.create>) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        await store.create(...args)
        order.push('saved')
      },
    }
    const page: App = (environ, startResponse) => {
      sessionOf(environ).set('theme', 'dark')
      startResponse(200, [['content-type', 'text/plain']])
      return (async function* () {
        order.push('sent')
        yield 'hello'
      })()
    }
    await client(sessions({ secret, store: slow })(page)).get('/')
    expect(order).toEqual(['saved', 'sent'])
  })

  test('throw for a change after that, and for a first look', async () => {
    const thrown: string[] = []
    const attempt = (work: () => unknown) => {
      try {
        work()
      } catch (error) {
        thrown.push(String(error))
      }
    }
    const page: App = (environ, startResponse) => {
      const session = sessionOf(environ)
      if (environ.QUERY_STRING === 'read') session.get('theme')
      startResponse(200, [['content-type', 'text/plain']])
      return (async function* () {
        attempt(() => session.set('theme', 'dark'))
        attempt(() => session.end())
        attempt(() => session.flash('hello'))
        attempt(() => session.get('theme'))
        yield `${environ['auth.user']?.name}`
      })()
    }
    const { get } = client(sessions({ secret })(page))
    expect((await get('/')).text).toBe('undefined')
    const changed =
      "TypeError: the session must be changed before the response's head is made, got it later"
    const read = changed.replace('changed', 'read')
    expect(thrown.splice(0)).toEqual([changed, changed, changed, read])
    await get('/?read')
    expect(thrown).toEqual([changed, changed, changed])
  })

  test('keep the headers when a stream begins anew with an error', async () => {
    const page: App = (environ, startResponse) => {
      sessionOf(environ).set('theme', 'dark')
      startResponse(200, [['content-type', 'text/plain']])
      return (async function* () {
        startResponse(503, [['content-type', 'text/plain']], new Error('late'))
        yield 'sorry'
      })()
    }
    const response = await client(sessions({ secret })(page)).get('/')
    expect(response.status).toBe(503)
    expect(response.header('cache-control')).toBe('private')
    expect(cookieOf(response)).toMatch(/^session=/)
  })

  test('let requests that come together change different keys', async () => {
    let arrived = 0
    let release = () => {}
    const both = new Promise<void>((resolve) => (release = resolve))
    const together = async () => {
      if (++arrived === 2) release()
      await both
    }
    const { get } = site({
      begin: (environ) => sessionOf(environ).set('visits', 1),
      theme: async (environ) => {
        sessionOf(environ).set('theme', 'dark')
        await together()
      },
      cart: async (environ) => {
        sessionOf(environ).set('cart', ['pear'])
        sessionOf(environ).delete('visits')
        await together()
      },
      all: (environ) => {
        const session = sessionOf(environ)
        return [session.get('theme'), session.get('cart'), session.get('visits')]
      },
    })
    await get('/begin')
    await Promise.all([get('/theme'), get('/cart')])
    expect((await get('/all')).json()).toEqual(['dark', ['pear'], null])
  })

  test('give copies: what is changed in one is not set', async () => {
    const { get } = site({
      set: (environ) => {
        const cart = ['pear']
        sessionOf(environ).set('cart', cart)
        cart.push('plum')
        return sessionOf(environ).get('cart')
      },
    })
    expect((await get('/set')).json()).toEqual(['pear'])
  })

  test('log in under a new id, and drop the old one', async () => {
    const store = observed()
    const { get, cookies } = site({ set: setTheme, get: getTheme, login, user }, { store })
    await get('/set?dark')
    const before = cookies.get('session')
    await get('/login?joe')
    const after = cookies.get('session')
    expect(after).not.toBe(before)
    expect((await get('/get')).text).toBe('"dark"')
    expect((await get('/user')).text).toBe('"joe"')
    cookies.clear()
    const headers = { cookie: `session=${before}` }
    expect((await get('/user', { headers })).text).toBe('nothing')
    expect((await get('/get', { headers })).text).toBe('nothing')
  })

  test('log another user in without what the first one had', async () => {
    const { get } = site({ set: setTheme, get: getTheme, login, user })
    await get('/login?joe')
    await get('/set?dark')
    await get('/login?joe')
    expect((await get('/get')).text).toBe('"dark"')
    await get('/login?ann')
    expect((await get('/get')).text).toBe('nothing')
    expect((await get('/user')).text).toBe('"ann"')
  })

  test('renew keeps what requests at the same time have set', async () => {
    const store = memoryStore()
    const meanwhile: { run: () => Promise<unknown> } = { run: async () => {} }
    const { get, cookies } = site(
      {
        set: setTheme,
        get: getTheme,
        renew: async (environ) => {
          sessionOf(environ).renew()
          await meanwhile.run()
        },
      },
      { store },
    )
    await get('/set?light')
    const before = cookies.get('session')
    meanwhile.run = () => get('/set?dark')
    await get('/renew')
    expect(cookies.get('session')).not.toBe(before)
    expect((await get('/get')).text).toBe('"dark"')
  })

  test('are not brought back by a request that was under way when they ended', async () => {
    const store = observed()
    const ending: { run: () => Promise<unknown> } = { run: async () => {} }
    const { get, cookies } = site(
      {
        login,
        user,
        slow: async (environ) => {
          sessionOf(environ).set('theme', 'dark')
          await ending.run()
        },
        end: (environ) => sessionOf(environ).end(),
      },
      { store },
    )
    await get('/login?joe')
    const headers = { cookie: `session=${cookies.get('session')}` }
    ending.run = () => get('/end')
    expect(cookieOf(await get('/slow'))).toBe('')
    expect((await get('/user', { headers })).text).toBe('nothing')
  })

  test('end: in the store, in the browser, at once', async () => {
    const store = observed()
    const { get, cookies } = site(
      {
        login,
        user,
        end: (environ) => {
          sessionOf(environ).end()
          return environ['auth.user']
        },
      },
      { store },
    )
    await get('https://localhost/login?joe')
    const headers = { cookie: `__Host-session=${cookies.get('__Host-session')}` }
    const response = await get('https://localhost/end')
    expect(response.text).toBe('nothing')
    expect(cookieOf(response)).toBe(
      '__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    )
    expect(cookies.get('__Host-session')).toBeUndefined()
    expect(store.calls.at(-1)).toMatch(/^delete /)
    expect((await get('https://localhost/user', { headers })).text).toBe('nothing')
  })

  test('end after some time without a request', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const store = observed()
    const { get } = site({ set: setTheme, get: getTheme, plain: () => 1 }, { idle: 10_000, store })
    await get('/set?dark')
    for (let round = 0; round < 5; round++) {
      vi.advanceTimersByTime(8000)
      // Any request will do.
      await get('/plain')
    }
    expect((await get('/get')).text).toBe('"dark"')
    vi.advanceTimersByTime(10_001)
    expect((await get('/get')).text).toBe('nothing')
  })

  test('write down that they are in use once in a tenth of that time', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const store = observed()
    const { get } = site({ set: setTheme, plain: () => 1 }, { idle: 100_000, store })
    await get('/set?dark')
    for (let round = 0; round < 20; round++) {
      vi.advanceTimersByTime(1000)
      await get('/plain')
    }
    expect(store.calls.filter((call) => call.startsWith('update'))).toHaveLength(2)
  })

  test('end after their absolute time, however much they are used; a login begins it anew', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const { get } = site({ set: setTheme, get: getTheme, login, user }, { absolute: 20_000 })
    await get('/set?dark')
    for (const expected of ['"dark"', '"dark"', 'nothing']) {
      vi.advanceTimersByTime(7000)
      expect((await get('/get')).text).toBe(expected)
    }
    await get('/set?dark')
    vi.advanceTimersByTime(15_000)
    await get('/login?joe')
    vi.advanceTimersByTime(15_000)
    expect((await get('/user')).text).toBe('"joe"')
    vi.advanceTimersByTime(6000)
    expect((await get('/user')).text).toBe('nothing')
  })

  test('outlive the browser only where that is said', async () => {
    const { get } = site({ set: setTheme }, { persistent: true, absolute: 60_000 })
    expect(cookieOf(await get('/set?dark'))).toContain('; Max-Age=60; ')
  })

  test('leave messages for the next page, once and in order', async () => {
    // Requests may follow one another within a millisecond.
    vi.useFakeTimers({ toFake: ['Date'] })
    const { get } = site({
      leave: (environ) => {
        sessionOf(environ).flash('saved')
        sessionOf(environ).flash('but late', 'warning')
      },
      take: (environ) => sessionOf(environ).flashes(),
    })
    await get('/leave')
    await get('/leave')
    const taken = [
      { text: 'saved', kind: 'info' },
      { text: 'but late', kind: 'warning' },
    ]
    expect((await get('/take')).json()).toEqual([...taken, ...taken])
    expect((await get('/take')).json()).toEqual([])
  })

  test('take the user as they are now, where there is somebody to ask', async () => {
    let names = ['joe']
    const { get } = site(
      { login, user },
      { reload: ({ name }) => (names.includes(name) ? { name: name.toUpperCase() } : undefined) },
    )
    await get('/login?joe')
    expect((await get('/user')).text).toBe('"JOE"')
    names = []
    expect((await get('/user')).text).toBe('nothing')
    names = ['joe']
    expect((await get('/user')).text).toBe('nothing')
  })

  test('let pages that don’t ask for them do without the store', async () => {
    const store = memoryStore()
    const broken = { ...store, read: () => Promise.reject(new Error('nobody answers')) }
    const first = site({ set: setTheme }, { store })
    await first.get('/set?dark')
    const headers = { cookie: `session=${first.cookies.get('session')}` }
    const { get } = site({ plain: () => 1, get: getTheme, set: setTheme, user }, { store: broken })
    expect((await get('/plain', { headers })).status).toBe(200)
    expect((await get('/no-such-page', { headers })).status).toBe(404)
    for (const path of ['/get', '/set?light', '/user']) {
      const response = await get(path, { headers })
      expect(response.status).toBe(503)
      expect(response.errors).toContain('nobody answers')
    }
  })

  test('close the body of an answer that can’t be saved', async () => {
    const store = { ...memoryStore(), create: () => Promise.reject(new Error('nobody answers')) }
    let closes = 0
    const page: App = (environ, startResponse) => {
      sessionOf(environ).set('theme', 'dark')
      startResponse(200, [])
      return Object.assign(['hello'], { close: () => void closes++ })
    }
    const response = await client(sessions({ secret, store })(lint(page))).get('/')
    expect(response.status).toBe(503)
    expect(closes).toBe(1)
  })

  test('refuse what is too large, or has no form in JSON', async () => {
    const { get } = site(
      {
        large: (environ) => sessionOf(environ).set('theme', 'x'.repeat(2000)),
        function: (environ) => sessionOf(environ).set('theme', (() => 1) as never),
        key: (environ) => sessionOf(environ).set('auth.user' as never, 'joe' as never),
        nobody: (environ) => sessionOf(environ).login({} as never),
      },
      { limit: 1000 },
    )
    expect((await get('/large')).errors).toContain('a session must be at most 1000 bytes, got 2007')
    expect((await get('/function')).errors).toContain(
      'theme must have a form in JSON, got function',
    )
    expect((await get('/key')).errors).toContain('does not begin with \'auth.\', got "auth.user"')
    expect((await get('/nobody')).errors).toContain("a session's user must have a name, got {}")
  })

  test('keep the user in a copy of the environ', async () => {
    const { get, post } = client(
      compose(
        sessions({ secret }),
        methodOverride(),
      )((environ, startResponse) => {
        if (environ.PATH_INFO === '/login') sessionOf(environ).login({ name: 'joe' })
        return text(
          environ,
          startResponse,
          `${environ.REQUEST_METHOD} ${environ['auth.user']?.name}`,
        )
      }),
    )
    await get('/login')
    expect((await post('/', { form: { _method: 'DELETE' } })).text).toBe('DELETE joe')
  })

  describe('behind what copies the environ', () => {
    const plain: App = (environ, startResponse) =>
      text(environ, startResponse, 'for all', { headers: [['cache-control', 'max-age=60']] })
    const own: App = (environ, startResponse) =>
      text(environ, startResponse, environ['auth.user']?.name ?? 'nobody')
    const pages = mount({ '/plain': plain, '/own': own })
    const renamed = fromConnect((request, _response, next) => {
      request.headers['x-renamed'] = 'yes'
      next()
    })
    const express2 = express()
    express2.use((request, _response, next) => {
      request.url = request.url.replace('/old', '')
      next()
    })
    const aside: App = async (environ, startResponse) => {
      const { environ: its, end } = subrequest(environ)
      const { status, headers, body } = await callApp(pages, its)
      const bytes = (await readAll(body)).byteLength
      await end({ status, headers, bytes, aborted: false })
      startResponse(status, headers)
      return body
    }
    const form = { form: { _method: 'DELETE' } }
    const sites: [string, App, string, RequestInit?][] = [
      ['a chain of selectors', selector().or(pages).or(notFound), ''],
      ['methodOverride', methodOverride()(pages), '', form],
      ['middleware of Connect', renamed(pages), ''],
      ['an Express app as middleware', fromConnect(express2)(pages), '/old'],
      ['a request of its own', aside, ''],
      ['a proxy', proxied({ trust: () => true })(pages), ''],
    ]

    test.each(sites)('%s, only pages that ask are their visitor’s own', async (...args) => {
      const [, inner, prefix, options] = args
      const login2: App = (environ, startResponse) => {
        sessionOf(environ).login({ name: 'joe' })
        return text(environ, startResponse, '')
      }
      const { get, request } = client(
        compose(sessions(), lint)(mount({ '/login': login2, '/': inner })),
      )
      const ask = (path: string) =>
        request(options === undefined ? 'GET' : 'POST', prefix + path, options)
      for (const name of ['nobody', 'joe']) {
        const page = await ask('/plain/')
        expect(page.text).toBe('for all')
        expect(page.header('cache-control')).toBe('max-age=60')
        expect(page.header('vary')).toBeUndefined()
        const asking = await ask('/own/')
        expect(asking.text).toBe(name)
        expect(asking.header('cache-control')).toBe('private')
        await get('/login/')
      }
    })

    test('errors’ page for all is for all', async () => {
      const { get } = client(compose(sessions(), errors({ 404: plain }))(notFound))
      expect((await get('/')).header('cache-control')).toBe('max-age=60')
    })

    test('the user is fixed there too once the head is made', async () => {
      const late: App = (environ, startResponse) => {
        const { PATH_INFO: path } = environ
        if (path === '/login') sessionOf(environ).login({ name: 'joe' })
        if (path === '/early') void environ['auth.user']
        startResponse(200, [])
        return (async function* () {
          yield environ['auth.user']?.name ?? 'nobody'
        })()
      }
      const { get } = client(sessions()(selector().or(late).or(notFound)))
      expect((await get('/login')).text).toBe('joe')
      expect((await get('/early')).text).toBe('joe')
      const response = await get('/')
      expect(response.text).toBe('nobody')
      expect(response.header('cache-control')).toBeUndefined()
    })

    test('who knows better says so there, and nowhere else', async () => {
      const seen: unknown[] = []
      const { get } = client(
        sessions()(async (environ, startResponse) => {
          const copy = copyOf(environ)
          copy['auth.user'] = { name: 'ann' }
          seen.push(copy['auth.user'], { ...copy }['auth.user'], environ['auth.user'])
          return text(environ, startResponse, '')
        }),
      )
      await get('/')
      expect(seen).toEqual([{ name: 'ann' }, { name: 'ann' }, undefined])
    })
  })

  test('leave the pages of an app that is not ours alone, unless it asks', async () => {
    const guestbook = express()
    guestbook.get('/', (_request, response) => void response.send('hello'))
    const own: App = (environ, startResponse) =>
      text(environ, startResponse, environ['auth.user']?.name ?? 'nobody')
    const urls = mount({ '/own': own, '/': fromConnectApp(guestbook) })
    const { get } = client(sessions({ secret })(lint(urls)))
    expect((await get('/')).text).toBe('hello')
    expect((await get('/')).header('cache-control')).toBeUndefined()
    expect((await get('/own/')).header('cache-control')).toBe('private')
  })

  test('answer to HEAD and with an empty body as to GET', async () => {
    const page: App = (environ, startResponse) => {
      sessionOf(environ).set('theme', 'dark')
      return empty(environ, startResponse)
    }
    const site2 = client(sessions({ secret })(page))
    for (const ask of [site2.head, site2.get]) {
      expect(cookieOf(await ask('/'))).toMatch(/^session=/)
      site2.cookies.clear()
    }
    expect((await client(sessions({ secret })(notFound)).get('/')).headers).toEqual([])
  })

  test('hold as many as the memory store is told to', async () => {
    const { get, cookies } = site(
      { set: setTheme, get: getTheme },
      { store: memoryStore({ max: 2 }) },
    )
    const visitors: string[] = []
    for (const theme of ['a', 'b', 'c']) {
      await get(`/set?${theme}`)
      visitors.push(cookies.get('session') ?? '')
      cookies.clear()
    }
    const themes = []
    for (const each of visitors) {
      themes.push((await get('/get', { headers: { cookie: `session=${each}` } })).text)
    }
    expect(themes).toEqual(['nothing', '"b"', '"c"'])
    expect(() => memoryStore({ max: 0 })).toThrow(
      'memoryStore: max must be a positive integer, got 0',
    )
  })

  test.each([
    [{ secret: 'short' }, 'sessions: secret must have at least 32 characters, got 5'],
    [{ secret: [] }, 'sessions: secret must be a string or several, the newest first, got none'],
    [{ secret: '' }, 'sessions: secret must have at least 32 characters, got 0'],
    [{ secret: null as never }, 'sessions: secret must be a string or several'],
    [{ store: memoryStore() }, 'sessions: secret must be given with a store, got none'],
    [{ secret: undefined, store: memoryStore() }, '`openssl rand -base64 32` makes one'],
    [{ secret: [secret, ''] }, 'sessions: secret must have at least 32 characters, got 0'],
    [{ secret, name: 'a b' }, 'sessions: name must be letters'],
    [{ secret, name: '__Host-a' }, 'and not begin with \'__\', got "__Host-a"'],
    [{ secret, idle: 0 }, 'sessions: idle must be a positive integer, got 0'],
    [{ secret, absolute: Number.NaN }, 'sessions: absolute must be a positive integer, got NaN'],
    [{ secret, limit: -1 }, 'sessions: limit must be a positive integer, got -1'],
    [{ secret, login: '//evil.example' }, "sessions: login must be a path that begins with '/'"],
  ])('refuse options that they can’t have: %j', (options, message) => {
    expect(() => sessions(options)).toThrow(message)
  })

  test('are missed by name', async () => {
    const { get } = client((environ, startResponse) =>
      text(environ, startResponse, `${sessionOf(environ).get('theme')}`),
    )
    expect((await get('/')).errors).toContain('must be inside sessions(), got none')
  })
})
