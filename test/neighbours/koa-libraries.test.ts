import { bodyParser } from '@koa/bodyparser'
import cors from '@koa/cors'
import { Router } from '@koa/router'
import Koa from 'koa'
import compress from 'koa-compress'
import helmet from 'koa-helmet'
import mountKoa from 'koa-mount'
import { createSession } from 'koa-session'
import serve from 'koa-static'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { compose, mount, notFound, text } from '@robaccia/core'
import type { App, Middleware } from '@robaccia/core'
import { fromKoa, fromKoaApp, koaContext } from '@robaccia/core/koa'
import { places } from './places.js'

const page: App = (environ, startResponse) =>
  text(environ, startResponse, `page ${environ.PATH_INFO}`)

/** What wraps every neighbour here: it must see what they answer. */
const stamped: Middleware = (app) => (environ, startResponse) =>
  app(environ, (status, headers, error) =>
    startResponse(status, [...headers, ['x-stamp', String(status)]], error),
  )

const folder = mkdtempSync(join(tmpdir(), 'robaccia-koa-static-'))
writeFileSync(join(folder, 'style.css'), 'body { margin: 0 }')
afterAll(() => rmSync(folder, { recursive: true }))

describe.each(places)('on $name', ({ running }) => {
  test('koa-session keeps a session for the app inside', async () => {
    const koa = new Koa({ keys: ['secret'] })
    const counting: App = (environ, startResponse) => {
      const session = koaContext(environ)?.session
      session.count = Number(session.count ?? 0) + 1
      return text(environ, startResponse, `count ${session.count}`)
    }
    const app = compose(stamped, fromKoa(koa, createSession(koa)))(counting)
    await running(app, async (send) => {
      const first = await send('/')
      expect(await first.text()).toBe('count 1')
      expect(first.headers.get('x-stamp')).toBe('200')
      const cookies = first.headers.getSetCookie()
      expect(cookies.map((each) => each.split('=', 1)[0])).toEqual(['koa.sess', 'koa.sess.sig'])
      const cookie = cookies.map((each) => each.split(';', 1)[0]).join('; ')
      expect(await (await send('/', { headers: { cookie } })).text()).toBe('count 2')
      const forged = cookie.replace('sig=', 'sig=x')
      expect(await (await send('/', { headers: { cookie: forged } })).text()).toBe('count 1')
    })
  })

  test('@koa/bodyparser parses for the app inside', async () => {
    const handed = fromKoa((ctx, next) => {
      ctx.set('x-body', JSON.stringify(ctx.request.body))
      return next()
    })
    const app = compose(
      fromKoa(bodyParser()),
      handed,
    )((environ, startResponse) =>
      text(environ, startResponse, JSON.stringify(koaContext(environ)?.request.body ?? null)),
    )
    await running(app, async (send) => {
      const json = await send('/', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":1}',
      })
      expect(await json.text()).toBe('{"a":1}')
      expect(json.headers.get('x-body')).toBe('{"a":1}')
      const form = await send('/', { method: 'POST', body: new URLSearchParams({ b: '2' }) })
      expect(await form.text()).toBe('{"b":"2"}')
      const wrong = await send('/', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":',
      })
      expect(wrong.status).toBe(400)
    })
  })

  test('koa-compress compresses what the app inside answers, whole or streamed', async () => {
    const long = 'all work and no play '.repeat(200)
    const app = fromKoa(compress())((environ, startResponse) => {
      if (environ.PATH_INFO === '/whole') return text(environ, startResponse, long)
      startResponse(200, [['content-type', 'text/plain']])
      return (async function* () {
        yield long
        await sleep(1)
        yield 'end'
      })()
    })
    await running(app, async (send) => {
      for (const [path, expected] of [
        ['/whole', long],
        ['/stream', `${long}end`],
      ] as const) {
        const response = await send(path)
        expect(response.headers.get('content-encoding')).toBe('gzip')
        expect(response.headers.get('vary')).toBe('Accept-Encoding')
        expect(await response.text()).toBe(expected)
      }
    })
  })

  test('koa-helmet and @koa/cors add their headers', async () => {
    const app = compose(
      stamped,
      fromKoa(helmet(), cors({ origin: 'https://example.org', credentials: true })),
    )(page)
    await running(app, async (send) => {
      const origin = { origin: 'https://example.org' }
      const response = await send('/a', { headers: origin })
      expect(await response.text()).toBe('page /a')
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(response.headers.get('access-control-allow-origin')).toBe('https://example.org')
      const preflight = await send('/a', {
        method: 'OPTIONS',
        headers: { ...origin, 'access-control-request-method': 'PUT' },
      })
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('x-stamp')).toBe('204')
      expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
    })
  })

  test('@koa/router answers its routes and leaves the rest to the app inside', async () => {
    const router = new Router({ prefix: '/koa' })
    router.get('/users/:id', (ctx) => {
      ctx.body = { id: ctx.params.id, url: ctx.originalUrl }
    })
    const other: App = (environ, startResponse) =>
      (environ.PATH_INFO === '/other' ? page : notFound)(environ, startResponse)
    const routes = fromKoa(router.routes(), router.allowedMethods())
    await running(mount({ '/site': stamped(routes(other)) }), async (send) => {
      const response = await send('/site/koa/users/7?x=1')
      expect(await response.json()).toEqual({ id: '7', url: '/site/koa/users/7?x=1' })
      expect(await (await send('/site/other')).text()).toBe('page /other')
      const wrong = await send('/site/koa/users/7', { method: 'DELETE' })
      expect(wrong.status).toBe(405)
      expect(wrong.headers.get('allow')).toBe('HEAD, GET')
    })
  })

  test('koa-static serves files before the app inside, or after it', async () => {
    const site: App = (environ, startResponse) =>
      (environ.PATH_INFO === '/page' ? page : notFound)(environ, startResponse)
    for (const defer of [false, true]) {
      await running(fromKoa(serve(folder, { defer }))(site), async (send) => {
        const response = await send('/style.css')
        expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8')
        expect(await response.text()).toBe('body { margin: 0 }')
        const head = await send('/style.css', { method: 'HEAD' })
        expect(head.headers.get('content-length')).toBe('18')
        expect(await (await send('/page')).text()).toBe('page /page')
        expect((await send('/nothing')).status).toBe(404)
      })
    }
  })

  test('a whole Koa application is an app below a path', async () => {
    const koa = new Koa({ keys: ['secret'] })
    koa.silent = true
    koa.use(createSession(koa))
    koa.use(
      mountKoa('/inner', (ctx) => {
        ctx.session.seen = true
        ctx.body = `${ctx.path} of ${ctx.originalUrl}`
      }),
    )
    koa.use((ctx) => {
      if (ctx.path === '/fail') throw new Error('secret')
    })
    await running(mount({ '/koa': stamped(fromKoaApp(koa)), '/': page }), async (send) => {
      const response = await send('/koa/inner/a')
      expect(await response.text()).toBe('/a of /koa/inner/a')
      expect(response.headers.getSetCookie()).toHaveLength(2)
      expect(response.headers.get('x-stamp')).toBe('200')
      expect(await (await send('/koa/none')).text()).toBe('Not Found')
      const failed = await send('/koa/fail')
      expect([failed.status, await failed.text()]).toEqual([500, 'Internal Server Error'])
      expect(await (await send('/else')).text()).toBe('page /else')
    })
  })
})
