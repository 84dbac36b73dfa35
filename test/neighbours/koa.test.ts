import Koa from 'koa'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { compose, errors, html, notFound, readForm, text } from '@robaccia/core'
import type { App, Environ, Middleware } from '@robaccia/core'
import { fromKoa, fromKoaApp, koaContext } from '@robaccia/core/koa'
import { client } from '@robaccia/core/testing'

const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')

/** A quiet Koa application: what it reports is kept. */
function quiet(): { koa: Koa; told: unknown[] } {
  const koa = new Koa()
  const told: unknown[] = []
  koa.on('error', (error) => told.push(error))
  return { koa, told }
}

describe('fromKoa', () => {
  test('runs the app inside at the end of the middleware', async () => {
    const order: string[] = []
    const app = fromKoa(
      async (ctx, next) => {
        order.push('one')
        await next()
        order.push(`one saw ${ctx.status} ${String(ctx.body)}`)
      },
      async (ctx, next) => {
        order.push(`two begins with ${ctx.status}`)
        expect(await next()).toBeUndefined()
        ctx.set('X-Two', 'yes')
      },
    )(hello)
    const response = await client(app).get('/')
    expect(response).toMatchObject({ status: 200, text: 'hello' })
    expect(response.header('x-two')).toBe('yes')
    expect(order).toEqual(['one', 'two begins with 404', 'one saw 200 hello'])
  })

  test('answers without the app inside if a middleware does not call next', async () => {
    const app = fromKoa((ctx) => {
      ctx.body = { answer: 42 }
    })(hello)
    const response = await client(app).get('/')
    expect(response.json()).toEqual({ answer: 42 })
    expect(response.header('content-type')).toBe('application/json; charset=utf-8')
    const nothing = await client(fromKoa(() => {})(hello)).get('/')
    expect(nothing).toMatchObject({ status: 404, text: 'Not Found' })
  })

  test.each<[string, (ctx: Koa.Context) => void, { status: number; text: string }]>([
    ['null', (ctx) => (ctx.body = null), { status: 204, text: '' }],
    ['a status alone', (ctx) => (ctx.status = 418), { status: 418, text: "I'm a Teapot" }],
    ['a Buffer', (ctx) => (ctx.body = Buffer.from('b')), { status: 200, text: 'b' }],
    ['a Readable', (ctx) => (ctx.body = Readable.from(['a', 'b'])), { status: 200, text: 'ab' }],
    ['a Blob', (ctx) => (ctx.body = new Blob(['blob'])), { status: 200, text: 'blob' }],
    [
      'a Response',
      (ctx) => (ctx.body = new Response('r', { status: 201 })),
      { status: 201, text: 'r' },
    ],
    [
      'a redirect',
      (ctx) => ctx.redirect('/there'),
      { status: 302, text: 'Redirecting to /there.' },
    ],
  ])('answers as Koa does with %s', async (_name, answer, expected) => {
    const app = fromKoa((ctx) => answer(ctx))(hello)
    expect(await client(app).get('/')).toMatchObject(expected)
  })

  test('keeps an empty body empty, and undefined to the middleware', async () => {
    const seen: unknown[] = []
    const look = fromKoa(async (ctx, next) => {
      await next()
      seen.push([ctx.status, ctx.body])
    })
    expect(await client(look(notFound)).get('/')).toMatchObject({ status: 404, text: '' })
    const empty: App = (_environ, startResponse) => {
      startResponse(200, [])
      return []
    }
    expect(await client(look(empty)).get('/')).toMatchObject({ status: 200, text: '' })
    expect(seen).toEqual([
      [404, undefined],
      [200, undefined],
    ])
  })

  test('lets error pages be made of the app inside’s empty answers', async () => {
    const page: App = (environ, startResponse) => html(environ, startResponse, 'not here')
    const app = compose(
      errors({ 404: page }),
      fromKoa((_ctx, next) => next()),
    )(notFound)
    expect(await client(app).get('/')).toMatchObject({ status: 404, text: 'not here' })
  })

  test('keeps cookies apart and adds no type', async () => {
    const app = fromKoa(async (ctx, next) => {
      ctx.cookies.set('a', '1')
      await next()
      ctx.cookies.set('b', '2')
    })((_environ, startResponse) => {
      startResponse(200, [
        ['set-cookie', 'c=3'],
        ['set-cookie', 'd=4'],
      ])
      return ['<p>']
    })
    const { headers } = await client(app).get('/')
    const cookies = headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
    expect(cookies).toEqual(['a=1; path=/; httponly', 'c=3', 'd=4', 'b=2; path=/; httponly'])
    expect(headers.some(([name]) => name === 'content-type')).toBe(false)
  })

  test('gives the context the request that the environ says', async () => {
    let seen
    const app = fromKoa((ctx) => {
      const { method, url, path, originalUrl, querystring, protocol, ip, host } = ctx
      seen = { method, url, path, originalUrl, querystring, protocol, ip, host }
      ctx.body = ''
    })(hello)
    const environ: Partial<Environ> = {
      SCRIPT_NAME: '/blog',
      PATH_INFO: '/a%2Fb',
      'robaccia.url_scheme': 'https',
      REMOTE_ADDR: '192.0.2.1',
    }
    await client(app).get('/?x=1', { environ, headers: { host: 'example.org' } })
    expect(seen).toEqual({
      method: 'GET',
      url: '/a%2Fb?x=1',
      path: '/a%2Fb',
      originalUrl: '/blog/a%2Fb?x=1',
      querystring: 'x=1',
      protocol: 'https',
      ip: '192.0.2.1',
      host: 'example.org',
    })
  })

  test('hands on what a middleware rewrote', async () => {
    const app = fromKoa((ctx, next) => {
      ctx.path = '/caf\u00e9'
      ctx.method = 'PUT'
      return next()
    })((environ, startResponse) =>
      text(
        environ,
        startResponse,
        `${environ.REQUEST_METHOD} ${environ.PATH_INFO}?${environ.QUERY_STRING}`,
      ),
    )
    expect((await client(app).get('/one?x=1')).text).toBe('PUT /caf%C3%A9?x=1')
  })

  test('has one context for all of it, each with a response of its own', async () => {
    const contexts = new Set<unknown>()
    const statuses: unknown[] = []
    const look = fromKoa(async (ctx, next) => {
      contexts.add(ctx)
      statuses.push([ctx.status, ctx.response.get('x-own')])
      ctx.set('X-Own', 'yes')
      ctx.state.count = Number(ctx.state.count ?? 0) + 1
      await next()
      statuses.push(ctx.status)
    })
    const copied: Middleware = (app) => (environ, startResponse) =>
      app({ ...environ }, startResponse)
    const app = compose(
      look,
      copied,
      look,
    )(((environ, startResponse) =>
      text(environ, startResponse, String(koaContext(environ)?.state.count), {
        status: 201,
      })) satisfies App)
    expect(await client(app).get('/')).toMatchObject({ status: 201, text: '2' })
    expect(contexts.size).toBe(1)
    expect(statuses).toEqual([[404, undefined], [404, undefined], 201, 201])
  })

  test.each<[string, (ctx: Koa.Context) => unknown]>([
    [
      'at once',
      (ctx) => {
        ctx.respond = false
        ctx.res.end('raw bytes')
      },
    ],
    [
      'while it runs',
      async (ctx) => {
        const { res } = ctx
        res.write('raw ')
        await sleep(5)
        res.write('bytes')
        await sleep(5)
      },
    ],
    [
      'after it ran',
      (ctx) => {
        const { res } = ctx
        ctx.respond = false
        res.write('raw ')
        setTimeout(() => res.end('bytes'), 5)
      },
    ],
  ])('lets a middleware further in write to its response itself, %s', async (_name, raw) => {
    const pass: Middleware = fromKoa((_ctx, next) => next())
    expect((await client(pass(fromKoa(raw)(hello))).get('/')).text).toBe('raw bytes')
  })

  test('leaves the status of what nobody answered to a body that is set later', async () => {
    const late = (status?: number): Middleware =>
      fromKoa(async (ctx, next) => {
        if (status !== undefined) ctx.status = status
        await next()
        if (ctx.status === 404) ctx.body = 'late'
      })
    const page: App = (environ, startResponse) =>
      text(environ, startResponse, 'no page', { status: 404 })
    expect(await client(late()(notFound)).get('/')).toMatchObject({ status: 200, text: 'late' })
    expect(await client(late(201)(notFound)).get('/')).toMatchObject({ status: 404, text: 'late' })
    expect(await client(late()(page)).get('/')).toMatchObject({ status: 404, text: 'late' })
  })

  test('has one context for each Koa application', async () => {
    const seen: Koa[] = []
    const [one, two] = [new Koa(), new Koa()]
    const contexts = new Set<unknown>()
    const look = (koa: Koa): Middleware =>
      fromKoa(koa, (ctx, next) => {
        contexts.add(ctx)
        seen.push(ctx.app)
        return next()
      })
    await client(compose(look(one), look(two), look(one))(hello)).get('/')
    expect(seen).toEqual([one, two, one])
    expect(contexts.size).toBe(2)
  })

  test('does not show a header that a middleware removed', async () => {
    const hidden: Middleware = (app) => (environ, startResponse) => {
      const { HTTP_AUTHORIZATION: _, ...rest } = environ
      return app(rest, startResponse)
    }
    const seen: string[] = []
    const look = fromKoa(async (ctx, next) => {
      seen.push(ctx.get('authorization'))
      await next()
      seen.push(ctx.get('authorization'))
    })
    const app = compose(look, hidden, look)(hello)
    await client(app).get('/', { headers: { authorization: 'secret' } })
    expect(seen).toEqual(['secret', '', '', 'secret'])
  })

  test('runs the application’s own middleware first', async () => {
    const koa = new Koa({ keys: ['secret'] })
    koa.use((ctx, next) => {
      ctx.set('X-App', String(ctx.app === koa && koa.currentContext === undefined))
      return next()
    })
    const app = fromKoa(koa, (ctx, next) => {
      ctx.set('X-Keys', (ctx.app.keys as string[]).join())
      return next()
    })(hello)
    const response = await client(app).get('/')
    expect([response.header('x-app'), response.header('x-keys')]).toEqual(['true', 'secret'])
  })

  test('knows the current context', async () => {
    const koa = new Koa({ asyncLocalStorage: true })
    const app = fromKoa(koa, async (ctx) => {
      await sleep(1)
      ctx.body = String(koa.currentContext === ctx)
    })(hello)
    expect((await client(app).get('/')).text).toBe('true')
  })

  describe('an error', () => {
    const boom = new Error('boom')
    const failing: App = () => {
      throw boom
    }

    test('goes out, and takes the headers with it', async () => {
      const { koa, told } = quiet()
      const app = fromKoa(koa, (ctx) => {
        ctx.set('X-Gone', 'yes')
        throw boom
      })(hello)
      const response = await client(app).get('/')
      expect(response).toMatchObject({ status: 500, error: boom })
      expect(response.header('x-gone')).toBeUndefined()
      expect(told).toEqual([])
    })

    test('of the app inside can be caught', async () => {
      const app = fromKoa(async (ctx, next) => {
        try {
          await next()
        } catch (error) {
          ctx.body = String(error)
        }
      })(failing)
      expect(await client(app).get('/')).toMatchObject({ status: 200, text: 'Error: boom' })
      expect((await client(fromKoa((_ctx, next) => next())(failing)).get('/')).error).toBe(boom)
    })

    test('made by ctx.throw keeps its status and message', async () => {
      const app = fromKoa((ctx) => ctx.throw(403, 'not you'))(hello)
      expect(await client(app).get('/')).toMatchObject({ status: 403, text: 'not you\n' })
    })

    test('of a stream before its first byte is a 500', async () => {
      const app = fromKoa((ctx) => {
        ctx.body = new Readable({
          read() {
            this.destroy(boom)
          },
        })
      })(hello)
      expect(await client(app).get('/')).toMatchObject({ status: 500, error: boom })
    })

    test('of a stream after its first byte is reported once', async () => {
      const app = fromKoa((ctx) => {
        ctx.body = Readable.from(
          (async function* () {
            yield 'a'
            await sleep(1)
            throw boom
          })(),
        )
      })(hello)
      const response = await client(app).get('/')
      await sleep(5)
      expect(response).toMatchObject({ status: 200, text: 'a', error: boom })
      expect(response.errors.match(/Error: boom/g)).toHaveLength(1)
    })

    test('of the app inside’s stream comes out where it happened', async () => {
      const app = fromKoa((_ctx, next) => next())((environ, startResponse) => {
        startResponse(200, [])
        return (async function* () {
          if (environ.PATH_INFO === '/late') yield 'a'
          await sleep(1)
          throw boom
        })()
      })
      expect(await client(app).get('/')).toMatchObject({ status: 500, error: boom })
      expect(await client(app).get('/late')).toMatchObject({ status: 200, text: 'a', error: boom })
    })

    test('is a second call of next', async () => {
      const app = fromKoa(async (_ctx, next) => {
        await next()
        await next()
      })(hello)
      expect(String((await client(app).get('/')).error)).toContain('next() called multiple times')
    })
  })

  describe('the body of the app inside', () => {
    test('is a stream to the middleware if it is one, and is closed if it is replaced', async () => {
      let closes = 0
      const app = fromKoa(async (ctx, next) => {
        await next()
        expect(ctx.body).toBeInstanceOf(Readable)
        if (ctx.path === '/replaced') ctx.body = 'other'
      })((_environ, startResponse) => {
        startResponse(200, [])
        const body = (async function* () {
          yield 'a'
          await sleep(1)
          yield 'b'
        })()
        return Object.assign(body, { close: () => void (closes += 1) })
      })
      expect((await client(app).get('/')).text).toBe('ab')
      expect(closes).toBe(1)
      expect((await client(app).get('/replaced')).text).toBe('other')
      await expect.poll(() => closes).toBe(2)
      expect((await client(app).head('/')).text).toBe('')
      await expect.poll(() => closes).toBe(3)
    })

    test('has its length on HEAD', async () => {
      const response = await client(fromKoa((_ctx, next) => next())(hello)).head('/')
      expect(response.header('content-length')).toBe('5')
    })
  })

  test('lets a middleware write to the response itself', async () => {
    const app = fromKoa((ctx) => {
      ctx.respond = false
      ctx.res.statusCode = 201
      ctx.res.write('raw ')
      setTimeout(() => ctx.res.end('bytes'), 5)
    })(hello)
    expect(await client(app).get('/')).toMatchObject({ status: 201, text: 'raw bytes' })
  })

  test('reads the body, or what was read of it before', async () => {
    const echo = fromKoa(async (ctx) => {
      const chunks: Buffer[] = []
      for await (const chunk of ctx.req) chunks.push(chunk as Buffer)
      ctx.body = Buffer.concat(chunks)
    })(hello)
    const app: App = async (environ, startResponse) => {
      if (environ.PATH_INFO === '/read') await readForm(environ)
      return echo(environ, startResponse)
    }
    const form = { name: 'Ada' }
    expect((await client(app).post('/', { form })).text).toBe('name=Ada')
    expect((await client(app).post('/read', { form })).text).toBe('name=Ada')
  })

  test('refuses what is no Koa middleware', () => {
    expect(() => fromKoa('cors' as never)).toThrow("fromKoa must get a Koa application, got 'cors'")
    expect(() => fromKoa(() => {}, {} as never)).toThrow(
      'after at most one Koa application, got {}',
    )
  })
})

describe('fromKoaApp', () => {
  test('is the whole application, with its own 404', async () => {
    const { koa } = quiet()
    koa.use((ctx) => {
      if (ctx.path === '/here') ctx.body = `${ctx.path} of ${ctx.originalUrl}`
    })
    const app = fromKoaApp(koa)
    const environ = { SCRIPT_NAME: '/koa' }
    expect((await client(app).get('/here?x', { environ })).text).toBe('/here of /koa/here?x')
    expect(await client(app).get('/there')).toMatchObject({ status: 404, text: 'Not Found' })
  })

  test('answers errors itself, and tells of them by its event', async () => {
    const { koa, told } = quiet()
    const boom = new Error('boom')
    koa.use((ctx) => {
      ctx.set('X-Gone', 'yes')
      throw boom
    })
    const response = await client(fromKoaApp(koa)).get('/')
    expect(response).toMatchObject({ status: 500, text: 'Internal Server Error' })
    expect(response.header('x-gone')).toBeUndefined()
    expect(told).toEqual([boom])
  })

  test('lets middleware write to the response itself', async () => {
    const { koa } = quiet()
    koa.use((ctx) => {
      ctx.res.writeHead(202, { 'X-Raw': 'yes' })
      ctx.res.end('raw')
      ctx.respond = false
    })
    expect(await client(fromKoaApp(koa)).get('/')).toMatchObject({ status: 202, text: 'raw' })
  })

  test('refuses what is no application', () => {
    expect(() => fromKoaApp((() => {}) as never)).toThrow('fromKoaApp must get a Koa application')
  })
})
