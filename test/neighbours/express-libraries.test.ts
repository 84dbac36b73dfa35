import compression from 'compression'
import express from 'express'
import session from 'express-session'
import helmet from 'helmet'
import multer from 'multer'
// @ts-expect-error polka 0.5 has no types
import polka from 'polka'
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { compose, mount, notFound, text } from '@robaccia/core'
import type { App, Middleware } from '@robaccia/core'
import { connectRequest, fromConnect, fromConnectApp } from '@robaccia/core/node'
import type { Listener } from '@robaccia/core/node'
import { places } from './places.js'

const page: App = (environ, startResponse) =>
  text(environ, startResponse, `page ${environ.PATH_INFO}`)

const stamped: Middleware = (app) => (environ, startResponse) =>
  app(environ, (status, headers, error) =>
    startResponse(status, [...headers, ['x-stamp', String(status)]], error),
  )

describe.each(places)('on $name', ({ running }) => {
  test('express-session keeps a session for the app inside', async () => {
    const counting: App = (environ, startResponse) => {
      const { session: kept } = connectRequest(environ) as unknown as {
        session: { count?: number }
      }
      kept.count = (kept.count ?? 0) + 1
      return text(environ, startResponse, `count ${kept.count}`)
    }
    const app = compose(
      stamped,
      fromConnect(session({ secret: 'secret', resave: false, saveUninitialized: false })),
    )(counting)
    await running(app, async (send) => {
      const first = await send('/')
      expect(await first.text()).toBe('count 1')
      expect(first.headers.get('x-stamp')).toBe('200')
      const [cookie = ''] = first.headers.getSetCookie()
      expect(cookie).toMatch(/^connect\.sid=/)
      const headers = { cookie: cookie.split(';', 1)[0] ?? '' }
      expect(await (await send('/', { headers })).text()).toBe('count 2')
    })
  })

  test('helmet adds its headers', async () => {
    await running(compose(stamped, fromConnect(helmet()))(page), async (send) => {
      const response = await send('/a')
      expect(await response.text()).toBe('page /a')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('strict-transport-security')).toContain('max-age=')
    })
  })

  test('compression compresses what the app inside answers, whole or streamed', async () => {
    const long = 'all work and no play '.repeat(10_000)
    const app = fromConnect(compression())((environ, startResponse) => {
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
        const response = await send(path, { headers: { 'accept-encoding': 'gzip' } })
        expect(response.headers.get('content-encoding')).toBe('gzip')
        expect(response.headers.get('vary')).toBe('Accept-Encoding')
        expect(await response.text()).toBe(expected)
      }
      const plain = await send('/whole', { headers: { 'accept-encoding': 'identity' } })
      expect(plain.headers.get('content-encoding')).toBeNull()
      expect(await plain.text()).toBe(long)
      const head = await send('/whole', { method: 'HEAD' })
      expect(await head.text()).toBe('')
    })
  })

  test('multer reads uploads for the app inside', async () => {
    const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: 100 } })
    const app = fromConnect(upload.single('file'))((environ, startResponse) => {
      const { file, body } = connectRequest(environ) as unknown as {
        file: { originalname: string; size: number }
        body: { name: string }
      }
      return text(environ, startResponse, `${body.name} sent ${file.originalname} of ${file.size}`)
    })
    await running(app, async (send) => {
      const form = new FormData()
      form.append('name', 'Ada')
      form.append('file', new File(['some bytes'], 'a.txt'))
      const response = await send('/', { method: 'POST', body: form })
      expect(await response.text()).toBe('Ada sent a.txt of 10')
    })
  })

  test('an Express router answers its routes and leaves the rest to the app inside', async () => {
    const router = express.Router()
    router.use(express.json())
    router.get('/users/:id', (request, response) => {
      response.json({ id: request.params.id, base: request.baseUrl, url: request.originalUrl })
    })
    router.post('/echo', (request, response) => void response.send(request.body))
    router.get('/skip', (_request, _response, next) => next('route'))
    // A router of its own has node:http's response; Express's comes with an application.
    const site = fromConnect(express().use(router))
    await running(mount({ '/site': stamped(site(page)) }), async (send) => {
      const response = await send('/site/users/7?x=1')
      expect(await response.json()).toEqual({
        id: '7',
        base: '/site',
        url: '/site/users/7?x=1',
      })
      expect(await (await send('/site/skip')).text()).toBe('page /skip')
      const echo = await send('/site/echo', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":1}',
      })
      expect(await echo.json()).toEqual({ a: 1 })
      const wrong = await send('/site/echo', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":',
      })
      expect(wrong.status).toBe(400)
    })
  })

  test('an Express application is an app, and passes on what it does not have', async () => {
    const site = express()
    site.use(session({ secret: 'secret', resave: false, saveUninitialized: true }), compression())
    site.get('/file', (_request, response) => response.sendFile(import.meta.filename))
    site.get('/redirect', (_request, response) => response.redirect(303, '/there'))
    site.get('/fail', () => {
      throw Object.assign(new Error('secret'), { status: 503 })
    })
    await running(mount({ '/express': stamped(fromConnect(site)(notFound)) }), async (send) => {
      const file = await send('/express/file')
      expect(file.headers.get('etag')).toMatch(/^W\//)
      expect(file.headers.getSetCookie()).toHaveLength(1)
      expect(await file.text()).toContain('passes on what it does not have')
      const redirect = await send('/express/redirect')
      expect([redirect.status, redirect.headers.get('location')]).toEqual([303, '/there'])
      const none = await send('/express/none')
      expect([none.status, await none.text()]).toEqual([404, ''])
      const failed = await send('/express/fail')
      expect([failed.status, await failed.text()]).toEqual([503, 'Service Unavailable\n'])
      const etag = file.headers.get('etag') ?? ''
      const again = await send('/express/file', {
        headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' },
      })
      expect(again.status).toBe(304)
    })
  })

  test('a whole Express application answers its own errors', async () => {
    const site = express()
    site.set('env', 'test')
    site.get('/fail', () => {
      throw new Error('boom')
    })
    await running(stamped(fromConnectApp(site)), async (send) => {
      const none = await send('/none')
      expect(none.status).toBe(404)
      expect(await none.text()).toContain('Cannot GET /none')
      const failed = await send('/fail')
      expect(failed.status).toBe(500)
      expect(await failed.text()).toContain('Error: boom')
    })
  })

  test('a Polka application is an app', async () => {
    type Named = IncomingMessage & { params: { name: string } }
    const site = polka().get('/hello/:name', (request: Named, response: ServerResponse) => {
      response.end(`hello ${request.params.name}`)
    }) as { handler: Listener }
    const app = fromConnectApp((request, response) => site.handler(request, response))
    await running(app, async (send) => {
      expect(await (await send('/hello/ada')).text()).toBe('hello ada')
      expect((await send('/none')).status).toBe(404)
    })
  })
})

describe.each(places.filter(({ name }) => /koa|node/.test(name)))('on $name', ({ running }) => {
  test('Express hears of a client that goes away', async () => {
    const events: string[] = []
    const site = express()
    site.get('/', (request, response) => {
      request.on('aborted', () => events.push('aborted'))
      response.on('close', () => events.push(`close ${response.writableFinished}`))
      response.write('begun')
    })
    await running(fromConnectApp(site), async (send) => {
      const leave = new AbortController()
      await send('/', { signal: leave.signal })
      leave.abort()
      await expect.poll(() => events).toEqual(['aborted', 'close false'])
    })
  })

  test('a stream through compression waits for a client that reads slowly', async () => {
    let pulled = 0
    const noise = Array.from({ length: 64 }, () => randomBytes(64 * 1024))
    const app = fromConnect(compression())((_environ, startResponse) => {
      startResponse(200, [['content-type', 'text/plain']])
      return (async function* () {
        for (; pulled < 1600; pulled += 1) yield noise[pulled % 64] ?? ''
      })()
    })
    await running(app, async (send) => {
      const response = await send('/', { headers: { 'accept-encoding': 'gzip' } })
      // 100 MiB are there to be sent; buffers on the way take a few, and then nothing moves.
      for (let before = -1; before !== pulled; await sleep(200)) before = pulled
      expect(pulled).toBeLessThan(800)
      await response.body?.cancel()
    })
  })
})
