import { H3 } from 'h3'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { describe, expect, test } from 'vitest'
import { mount, text } from '@robaccia/core'
import type { App, Environ, Middleware } from '@robaccia/core'
import { fromFetch } from '@robaccia/core/fetch'
import { places } from './places.js'

const page: App = (environ, startResponse) =>
  text(environ, startResponse, `page ${environ.PATH_INFO}`)

const stamped: Middleware = (app) => (environ, startResponse) =>
  app(environ, (status, headers, error) =>
    startResponse(status, [...headers, ['x-stamp', String(status)]], error),
  )

describe.each(places)('on $name', ({ running }) => {
  test('a Hono application is an app below a path', async () => {
    const hono = new Hono<{ Bindings: Environ }>().basePath('/hono')
    hono.get('/hello/:name', (c) => {
      c.header('set-cookie', 'a=1', { append: true })
      c.header('set-cookie', 'b=2', { append: true })
      return c.json({ name: c.req.param('name'), address: c.env.REMOTE_ADDR.length > 0 })
    })
    hono.post('/echo', async (c) => c.text((await c.req.text()).toUpperCase(), 201))
    hono.get('/events', (c) =>
      streamSSE(c, async (stream) => {
        await stream.writeSSE({ data: 'one' })
        await stream.sleep(5)
        await stream.writeSSE({ data: 'two' })
      }),
    )
    hono.get('/fail', () => {
      throw new Error('secret')
    })
    hono.onError((_error, c) => c.text('sorry', 500))
    await running(mount({ '/hono': stamped(fromFetch(hono)), '/': page }), async (send) => {
      const hello = await send('/hono/hello/ada')
      expect(await hello.json()).toEqual({ name: 'ada', address: true })
      expect(hello.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
      expect(hello.headers.get('x-stamp')).toBe('200')
      const echo = await send('/hono/echo', { method: 'POST', body: 'loud' })
      expect([echo.status, await echo.text()]).toEqual([201, 'LOUD'])
      expect(await (await send('/hono/events')).text()).toBe('data: one\n\ndata: two\n\n')
      expect((await send('/hono/none')).status).toBe(404)
      expect(await (await send('/hono/fail')).text()).toBe('sorry')
      expect((await send('/hono/hello/ada', { method: 'HEAD' })).status).toBe(200)
      expect(await (await send('/else')).text()).toBe('page /else')
    })
  })

  test('an h3 application is an app', async () => {
    const h3 = new H3({ silent: true })
    h3.get('/hello/:name', (event) => `hello ${event.context.params?.['name']}`)
    h3.post('/echo', async (event) => ({ echo: await event.req.json() }))
    h3.get('/fail', () => {
      throw new Error('secret')
    })
    await running(stamped(fromFetch(h3)), async (send) => {
      const hello = await send('/hello/ada')
      expect(await hello.text()).toBe('hello ada')
      expect(hello.headers.get('x-stamp')).toBe('200')
      const echo = await send('/echo', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":1}',
      })
      expect(await echo.json()).toEqual({ echo: { a: 1 } })
      expect((await send('/none')).status).toBe(404)
      const failed = await send('/fail')
      expect(failed.status).toBe(500)
      expect(await failed.text()).not.toContain('secret')
    })
  })
})
