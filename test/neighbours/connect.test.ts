import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { callApp, compose, empty, notFound, readAll, readForm, text } from '@robaccia/core'
import type { App, Environ, Middleware, Response } from '@robaccia/core'
import { connectRequest, fromConnect, fromConnectApp } from '@robaccia/core/node'
import type { ConnectErrorHandler, ConnectHandler } from '@robaccia/core/node'
import { client } from '@robaccia/core/testing'
import createError from 'http-errors'

const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')

describe('fromConnect', () => {
  test('runs the app inside when the handler calls next', async () => {
    const app = fromConnect((_request, response, next) => {
      response.setHeader('X-Seen', 'yes')
      next()
    })(hello)
    const response = await client(app).get('/')
    expect(response).toMatchObject({ status: 200, text: 'hello' })
    expect(response.header('x-seen')).toBe('yes')
    expect(response.header('content-type')).toBe('text/plain; charset=utf-8')
  })

  test('is an app with what answers for the rest', async () => {
    const app = fromConnect((request, response, next) => {
      if (request.url === '/here') response.end('here')
      else next()
    })(notFound)
    expect(await client(app).get('/here')).toMatchObject({ status: 200, text: 'here' })
    expect(await client(app).get('/there')).toMatchObject({ status: 404, text: '' })
  })

  test('begins with status 200', async () => {
    let status
    const app = fromConnect((_request, response) => {
      status = response.statusCode
      response.end()
    })(hello)
    expect(await client(app).get('/')).toMatchObject({ status: 200, text: '' })
    expect(status).toBe(200)
  })

  test('gives the handler the request that the environ says', async () => {
    let seen
    const app = fromConnect((request, response) => {
      const { method, url, originalUrl, baseUrl, headers, httpVersion, socket } =
        request as typeof request & { originalUrl: string; baseUrl: string }
      const { remoteAddress, encrypted } = socket as typeof socket & { encrypted: boolean }
      seen = { method, url, originalUrl, baseUrl, headers, httpVersion, remoteAddress, encrypted }
      response.end()
    })(hello)
    const environ: Partial<Environ> = {
      SCRIPT_NAME: '/blog',
      PATH_INFO: '/a%2Fb/../c',
      'robaccia.url_scheme': 'https',
      REMOTE_ADDR: '192.0.2.1',
    }
    const headers = { 'X-Name': 'caf\u00e9', 'content-type': 'text/plain' }
    await client(app).request('PURGE', '/?x=1', { headers, environ })
    expect(seen).toEqual({
      method: 'PURGE',
      url: '/a%2Fb/../c?x=1',
      originalUrl: '/blog/a%2Fb/../c?x=1',
      baseUrl: '/blog',
      headers: { host: 'localhost', 'x-name': 'caf\u00e9', 'content-type': 'text/plain' },
      httpVersion: '1.1',
      remoteAddress: '192.0.2.1',
      encrypted: true,
    })
  })

  test('does not show a header that a middleware removed', async () => {
    const hidden: Middleware = (app) => (environ, startResponse) => {
      const { HTTP_AUTHORIZATION: _, ...rest } = environ
      return app(rest, startResponse)
    }
    const seen: (string | undefined)[] = []
    const look = fromConnect((request, _response, next) => {
      seen.push(request.headers.authorization)
      next()
    })
    const app = compose(look, hidden, look)(hello)
    await client(app).get('/', { headers: { authorization: 'secret' } })
    expect(seen).toEqual(['secret', undefined])
  })

  test('hands on what the handler changed on the request', async () => {
    let inner: Partial<Environ> = {}
    const app = fromConnect((request, _response, next) => {
      request.method = 'PUT'
      request.url = '/other?y=2'
      delete request.headers['x-old']
      request.headers['x-new'] = 'new'
      next()
    })(((environ, startResponse) => {
      inner = environ
      return hello(environ, startResponse)
    }) satisfies App)
    await client(app).post('/one?x=1', { headers: { 'x-old': 'old' } })
    expect(inner).toMatchObject({
      REQUEST_METHOD: 'PUT',
      PATH_INFO: '/other',
      QUERY_STRING: 'y=2',
      HTTP_X_NEW: 'new',
    })
    expect(inner).not.toHaveProperty('HTTP_X_OLD')
  })

  test('shares one request between handlers, and gives it to the app inside', async () => {
    const app = compose(
      fromConnect((request, _response, next) => {
        Object.assign(request, { user: 'Ada' })
        next()
      }),
      fromConnect((request, response, next) => {
        response.setHeader('x-user', (request as typeof request & { user: string }).user)
        next()
      }),
    )(((environ, startResponse) => {
      const { user } = connectRequest(environ) as unknown as { user: string }
      return text(environ, startResponse, user)
    }) satisfies App)
    const response = await client(app).get('/')
    expect([response.text, response.header('x-user')]).toEqual(['Ada', 'Ada'])
  })

  test('keeps the cookies of both sides apart, and lets the app inside replace other headers', async () => {
    const app = fromConnect((_request, response, next) => {
      response.setHeader('Set-Cookie', ['a=1', 'b=2'])
      response.setHeader('Cache-Control', 'no-store')
      next()
    })((environ, startResponse) => {
      const cookies = [
        ['set-cookie', 'c=3'],
        ['set-cookie', 'd=4'],
      ] as const
      return text(environ, startResponse, 'x', {
        headers: [...cookies, ['cache-control', 'public']],
      })
    })
    const { headers } = await client(app).get('/')
    const cookies = headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
    expect(cookies).toEqual(['a=1', 'b=2', 'c=3', 'd=4'])
    expect(headers.filter(([name]) => name === 'cache-control')).toEqual([
      ['cache-control', 'public'],
    ])
  })

  describe('an error', () => {
    const boom = new Error('boom')

    test.each<[string, ConnectHandler]>([
      [
        'given to next',
        (_request: unknown, _response: unknown, next: (e: unknown) => void) => next(boom),
      ],
      [
        'thrown',
        (): never => {
          throw boom
        },
      ],
      ['rejected', () => Promise.reject(boom)],
    ])('%s goes out', async (_name, handler) => {
      const response = await client(fromConnect(handler)(hello)).get('/')
      expect(response).toMatchObject({ status: 500, error: boom })
    })

    test('of the app inside goes out', async () => {
      const app = fromConnect((_request, _response, next) => next())(() => {
        throw boom
      })
      expect((await client(app).get('/')).error).toBe(boom)
    })

    test('keeps the status that it has, and tells nothing else', async () => {
      const teapot = Object.assign(new Error('secret'), { statusCode: 418 })
      const app = fromConnect((_request, _response, next) => next(teapot))(hello)
      const response = await client(app).get('/')
      expect(response).toMatchObject({ status: 418, text: "I'm a Teapot\n" })
    })

    test('after the head ends the body with it', async () => {
      const app = fromConnect(async (_request, response) => {
        response.write('a')
        await sleep(5)
        throw boom
      })(hello)
      const response = await client(app).get('/')
      expect(response).toMatchObject({ status: 200, text: 'a', error: boom })
    })

    test('after the end is reported', async () => {
      const app = fromConnect(async (_request, response) => {
        response.end('a')
        await sleep(1)
        throw boom
      })(hello)
      let written = ''
      const errors = { write: (each: string) => void (written += each) }
      const response = await client(app).get('/', { environ: { 'robaccia.errors': errors } })
      expect(response).toMatchObject({ status: 200, text: 'a' })
      await expect.poll(() => written).toContain('boom')
    })

    test('is what a destroyed response is', async () => {
      const app = fromConnect((_request, response) => void response.destroy())(hello)
      expect((await client(app).get('/')).error).toMatchObject({
        message: 'the handler must end its response, but it was destroyed',
      })
    })
  })

  describe('a handler of four parameters', () => {
    const sorry = fromConnect(
      (error: Error, _request: unknown, response: ServerResponse, _next: unknown) => {
        response.statusCode = 503
        response.end(`sorry: ${error.message}`)
      },
    )

    test('answers what the app inside throws', async () => {
      const app = sorry(() => {
        throw new Error('boom')
      })
      expect(await client(app).get('/')).toMatchObject({ status: 503, text: 'sorry: boom' })
    })

    test('is not asked otherwise', async () => {
      expect(await client(sorry(hello)).get('/')).toMatchObject({ status: 200, text: 'hello' })
    })

    test('passes errors on with next', async () => {
      const gone: ConnectErrorHandler = (error, _request, _response, next) =>
        next(createError(410, { cause: error }))
      const app = fromConnect(gone)(() => {
        throw new Error('boom')
      })
      expect((await client(app).get('/')).status).toBe(410)
    })
  })

  describe('the body', () => {
    test('is whole when the handler ends it at once', async () => {
      const app = fromConnect((_request, response) => {
        response.write('a')
        response.write(Buffer.from('b'))
        response.end('c')
      })(hello)
      const { body } = await answerOf(app)
      expect(Array.isArray(body)).toBe(true)
    })

    test('is asked for before more is written', async () => {
      const results: boolean[] = []
      let drained = 0
      const app = fromConnect((_request, response) => {
        response.on('drain', () => {
          drained += 1
          if (drained === 3) response.end()
          else results.push(response.write(Buffer.alloc(100_000)))
        })
        results.push(response.write(Buffer.alloc(100_000)))
      })(hello)
      const { body } = await answerOf(app)
      await sleep(10)
      expect(results).toEqual([false])
      let size = 0
      for await (const chunk of body) size += chunk.length
      expect(size).toBe(300_000)
      expect(results).toEqual([false, false, false])
    })

    test('that nobody reads ends the handler', async () => {
      let closed = false
      const app = fromConnect((request, response) => {
        response.on('close', () => (closed = request.destroyed || !response.writableFinished))
        response.write('a')
      })(hello)
      const { body } = await answerOf(app)
      await body.close?.()
      await expect.poll(() => closed).toBe(true)
    })

    test('of the app inside streams through, and its empty chunk sends the head', async () => {
      const chunks: (string | Uint8Array)[] = []
      const app = fromConnect((_request, _response, next) => next())((_environ, startResponse) => {
        startResponse(200, [])
        return (async function* () {
          yield ''
          await sleep(5)
          yield 'a'
          await sleep(5)
          yield 'b'
        })()
      })
      const { body } = await answerOf(app)
      for await (const chunk of body) chunks.push(Buffer.from(chunk).toString())
      expect(chunks).toEqual(['', 'a', 'b'])
    })

    test('of the app inside is closed when the handler answers itself', async () => {
      let closes = 0
      const app = fromConnect((_request, response, next) => {
        next()
        response.end('mine')
      })((_environ, startResponse) => {
        startResponse(200, [])
        return Object.assign(['theirs'], { close: () => void (closes += 1) })
      })
      expect((await client(app).get('/')).text).toBe('mine')
      await expect.poll(() => closes).toBe(1)
    })

    test('goes through what the handler made of the response', async () => {
      const app = fromConnect((_request, response, next) => {
        const { end } = response
        response.end = ((chunk: Buffer) =>
          end.call(response, chunk.toString().toUpperCase(), 'utf8')) as typeof end
        next()
      })(hello)
      expect((await client(app).get('/')).text).toBe('HELLO')
    })

    test('is flushed chunk by chunk where a handler keeps it back', async () => {
      const held: string[] = []
      const app = fromConnect((_request, response, next) => {
        const { write } = response
        response.write = ((chunk: Buffer) => held.push(chunk.toString())) as never
        const flush = (): void =>
          held.splice(0).forEach((chunk) => write.call(response, chunk, 'utf8'))
        Object.assign(response, { flush })
        next()
      })((_environ, startResponse) => {
        startResponse(200, [])
        return (async function* () {
          yield 'a'
          await sleep(5)
          yield 'b'
        })()
      })
      expect((await client(app).get('/')).text).toBe('ab')
    })

    test('of HEAD has the length that GET has', async () => {
      const app = fromConnect((_request, _response, next) => next())(hello)
      const response = await client(app).head('/')
      expect(response.header('content-length')).toBe('5')
      expect(response.bytes).toHaveLength(0)
    })

    test('is not there with 204', async () => {
      const app = fromConnect((_request, response) => {
        response.statusCode = 204
        response.setHeader('Content-Length', 3)
        response.end('abc')
      })(hello)
      const response = await client(app).get('/')
      expect(response).toMatchObject({ status: 204, text: '' })
      expect(response.header('content-length')).toBeUndefined()
    })

    test('that breaks its own content-length is cut', async () => {
      const app = fromConnect(async (_request, response) => {
        response.setHeader('Content-Length', 10)
        response.write('abc')
        await sleep(5)
        response.end()
      })(hello)
      const { error } = await client(app).get('/')
      expect(String(error)).toContain('must have the 10 bytes of its content-length, got 3')
    })
  })

  test('puts headers and status right', async () => {
    const app = fromConnect((_request, response) => {
      response.writeHead(799, 'Odd', {
        Connection: 'close',
        'Transfer-Encoding': 'chunked',
        'X-UPPER': 'caf\u00e9',
        'Content-Type': ['text/plain', 'text/html'],
      })
      response.end('é')
    })(hello)
    const response = await client(app).get('/')
    expect(response.status).toBe(500)
    expect(response.text).toBe('é')
    expect(response.headers).toEqual([
      ['x-upper', 'caf\u00e9'],
      ['content-type', 'text/plain'],
    ])
  })

  test('keeps a content-disposition in Latin-1, which node:http spoils', async () => {
    const app = fromConnect((_request, response) => {
      response.setHeader('Content-Length', 1)
      response.setHeader('Content-Disposition', 'attachment; filename="caf\u00e9"')
      response.end('x')
    })(hello)
    const response = await client(app).get('/')
    expect(response.header('content-disposition')).toBe('attachment; filename="caf\u00e9"')
  })

  test('reads the body from the input, or what was read of it before', async () => {
    const echo = fromConnect(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      response.end(Buffer.concat(chunks))
    })
    const form = { name: 'Ada' }
    expect((await client(echo(hello)).post('/', { form })).text).toBe('name=Ada')
    const after: App = async (environ, startResponse) => {
      await readForm(environ)
      return echo(notFound)(environ, startResponse)
    }
    expect((await client(after).post('/', { form })).text).toBe('name=Ada')
  })

  test('gives the body by events, too, as fast as they are taken', async () => {
    let pulled = 0
    const input = {
      async *[Symbol.asyncIterator]() {
        for (; pulled < 1000; pulled += 1) yield Buffer.alloc(1000, 'x')
      },
    }
    const app = fromConnect((request, response) => {
      let size = 0
      request.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > 1000) return
        request.pause()
        setTimeout(() => {
          response.setHeader('x-pulled', pulled)
          request.resume()
        }, 5)
      })
      request.on('end', () => response.end(`${size} ${request.complete}`))
    })(hello)
    const response = await client(app).post('/', { environ: { 'robaccia.input': input } })
    expect(response.text).toBe('1000000 true')
    expect(Number(response.header('x-pulled'))).toBeLessThan(200)
  })

  test('names itself to whoever reads the body after it', async () => {
    const app = fromConnect(async (request, _response, next) => {
      for await (const _ of request);
      next()
    })(async (environ, startResponse) => {
      await readForm(environ)
      return empty(environ, startResponse)
    })
    const { error } = await client(app).post('/', { form: { name: 'Ada' } })
    expect(String(error)).toContain('got one that a Connect handler has read')
  })

  test('tells the handler of a client that goes away', async () => {
    const gone = new AbortController()
    const events: string[] = []
    const app = fromConnect((request, response) => {
      request.on('aborted', () => events.push('request aborted'))
      request.on('close', () => events.push('request close'))
      response.on('close', () => events.push('response close'))
      response.on('finish', () => events.push('response finish'))
      response.write('a')
    })(hello)
    const { body } = await answerOf(app, { signal: gone.signal })
    gone.abort()
    await sleep(5)
    expect(events.toSorted()).toEqual(['request aborted', 'request close', 'response close'])
    await expect(readAll(body)).rejects.toThrow('the client went away')
  })

  test('says of a client that goes away what node:http says', async () => {
    const gone = new AbortController()
    const told: unknown[] = []
    const app = fromConnect((request, response) => {
      request.on('error', (error: NodeJS.ErrnoException) => told.push(error.message, error.code))
      response.write('a')
    })(hello)
    await answerOf(app, { signal: gone.signal })
    gone.abort()
    await expect.poll(() => told).toEqual(['aborted', 'ECONNRESET'])
  })

  test.each<[string, string, ConnectHandler]>([
    ['without a body', '', (_request, response) => void response.end()],
    ['whose body nobody read', 'body', (_request, response) => void response.end()],
    [
      'whose body was read',
      'body',
      (request, response) => void request.resume().on('end', () => response.end()),
    ],
  ])('calls a request %s complete when it ends', async (_name, body, handler) => {
    const ends: unknown[] = []
    const app = fromConnect((request, response, next) => {
      finished(request, (error) => ends.push([request.complete, error]))
      handler(request, response, next)
    })(hello)
    await client(app).request(body === '' ? 'GET' : 'POST', '/', body === '' ? {} : { body })
    await expect.poll(() => ends).toEqual([[true, undefined]])
  })

  test('goes on reading a body after the response', async () => {
    let size = 0
    const input = {
      async *[Symbol.asyncIterator]() {
        for (let index = 0; index < 10; index += 1) {
          yield Buffer.alloc(10)
          await sleep(1)
        }
      },
    }
    const app = fromConnect((request, response) => {
      request.once('data', () => response.end('taken'))
      request.on('data', (chunk: Buffer) => (size += chunk.length))
    })(hello)
    const response = await client(app).post('/', { environ: { 'robaccia.input': input } })
    expect(response.text).toBe('taken')
    await expect.poll(() => size).toBe(100)
  })

  test('lets the handler set a timeout', async () => {
    const app = fromConnect((_request, response) => {
      response.setTimeout(10, () => response.writeHead(503).end('late'))
    })(hello)
    expect(await client(app).get('/')).toMatchObject({ status: 503, text: 'late' })
    const unheard = fromConnect((_request, response) => void response.setTimeout(10))(hello)
    expect((await client(unheard).get('/')).status).toBe(503)
  })

  test('sends early hints where the server can', async () => {
    const hints: unknown[] = []
    const app = fromConnect((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      response.writeContinue()
      response.end('x')
    })(hello)
    const { status } = await answerOf(app, { inform: (...hint) => void hints.push(hint) })
    expect(status).toBe(200)
    expect(hints).toEqual([[103, [['link', '</a.css>; rel=preload']]]])
  })

  test('refuses what is no handler', () => {
    expect(() => fromConnect({} as never)).toThrow(
      "fromConnect's handler must be a function, got object",
    )
  })
})

describe('fromConnectApp', () => {
  test('makes a request listener an app', async () => {
    const app = fromConnectApp((request, response) => {
      response.writeHead(201, [['X-Url', String(request.url)]].flat())
      response.end('made')
    })
    const response = await client(app).get('/a?b')
    expect(response).toMatchObject({ status: 201, text: 'made' })
    expect(response.header('x-url')).toBe('/a?b')
  })

  test('shares the request of the handlers around', async () => {
    const parse: ConnectHandler = (request, _response, next) => {
      Object.assign(request, { user: 'Ada' })
      next()
    }
    const site = fromConnectApp((request, response) => {
      response.end((request as typeof request & { user: string }).user)
    })
    expect((await client(fromConnect(parse)(site)).get('/')).text).toBe('Ada')
  })
})

/** Calls an app as a server would, and leaves its body alone. */
async function answerOf(
  app: App,
  server: Partial<Environ['robaccia.server']> = {},
): Promise<Response> {
  let environ: Parameters<App>[0] | undefined
  await client((given, startResponse) => {
    environ = given
    return empty(given, startResponse)
  }).get('/')
  if (environ === undefined) throw new Error('no environ')
  const port = { signal: new AbortController().signal, after: () => {}, ...server }
  return callApp(app, { ...environ, 'robaccia.server': port })
}
