// What a handler answers by a bridge is what it answers on node:http: the same requests to both, compared.
import express from 'express'
import Koa from 'koa'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fromKoa, fromKoaApp } from '@robaccia/core/koa'
import { fromConnect, fromConnectApp, toNode } from '@robaccia/core/node'
import { notFound } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'

/** The connection's own, and what a server may add to a body that it has whole. */
const own = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date'])

interface Seen {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

async function seen(listener: RequestListener, method: string, path: string): Promise<Seen> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      redirect: 'manual',
      ...(method === 'POST' ? { body: 'some body' } : {}),
    })
    const body = await response.text().catch((error: unknown) => `cut: ${String(error)}`)
    const headers = [...response.headers].filter(([name]) => !own.has(name))
    return { status: response.status, headers, body }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** Compares but for the length of a body whose handler gave none. */
async function same(
  native: RequestListener,
  app: App,
  method: string,
  path = '/a%2Fb?x=1',
): Promise<void> {
  const expected = await seen(native, method, path)
  const got = await seen(toNode(lint(app), { errors: { write() {} } }), method, path)
  const lengthless = !expected.headers.some(([name]) => name === 'content-length')
  const headers = got.headers.filter(([name]) => !(lengthless && name === 'content-length'))
  expect({ ...got, headers }).toEqual(expected)
}

const methods = ['GET', 'HEAD', 'POST']

describe.each(methods)('%s to a listener', (method) => {
  test.each<[string, RequestListener]>([
    ['that only ends', (_request, response) => void response.end()],
    ['that ends with text', (_request, response) => void response.end('text é')],
    [
      'that writes its head',
      (_request, response) => {
        response.writeHead(201, 'Made', { 'X-A': ['1', '2'], 'Set-Cookie': ['a=1', 'b=2'] })
        response.end(Buffer.from([1, 2, 3]))
      },
    ],
    [
      'that writes its head as a list',
      (_request, response) => {
        response.writeHead(200, ['X-A', '1', 'X-B', '2'])
        response.end('x')
      },
    ],
    [
      'that writes in pieces and encodings',
      (_request, response) => {
        response.write('6869', 'hex')
        response.write('é', 'latin1')
        setImmediate(() => response.end('Ω', 'utf8'))
      },
    ],
    [
      'that flushes its head',
      (_request, response) => {
        response.setHeader('X-Late', 'no')
        response.flushHeaders()
        setTimeout(() => response.end('late'), 5)
      },
    ],
    [
      'that gives callbacks',
      (_request, response) => {
        response.write('a', () => response.write('b', 'utf8', () => response.end('c')))
      },
    ],
    ['of a 204 with a body', (_request, response) => void response.writeHead(204).end('no')],
    ['of a 304', (_request, response) => void response.writeHead(304, { ETag: '"a"' }).end()],
    ['that pipes', (_request, response) => void Readable.from(['a', 'b']).pipe(response)],
    [
      'that pipes much',
      (_request, response) => {
        const chunks = Array.from({ length: 50 }, (_, index) => Buffer.alloc(10_000, index))
        Readable.from(chunks).pipe(createGzip()).pipe(response)
      },
    ],
    [
      'that echoes',
      (request, response) => {
        response.setHeader('X-Url', `${request.method} ${request.url}`)
        request.pipe(response)
      },
    ],
    [
      'that writes too much',
      (_request, response) => {
        response.on('error', () => {})
        response.end('a')
        response.write('b')
      },
    ],
    [
      'that waits for its end',
      (_request, response) => {
        response.once('finish', () => response.emit('told', response.writableFinished))
        response.end('finished', () => {})
      },
    ],
  ])('%s', async (_name, listener) => {
    await same(listener, fromConnectApp(listener), method)
    if (method !== 'HEAD') await same(listener, fromConnect(listener)(notFound), method)
  })
})

test('a listener that breaks off cuts the connection', async () => {
  const listener: RequestListener = (_request, response) => {
    response.write('a'.repeat(100_000))
    setTimeout(() => response.destroy(), 20)
  }
  await same(listener, fromConnectApp(listener), 'GET')
})

describe.each(methods)('%s to Express', (method) => {
  const site = express()
  site.set('env', 'test')
  site.get('/json', (_request, response) => void response.json({ a: 1 }))
  site.get('/text', (_request, response) => void response.status(201).send('text'))
  site.get('/buffer', (_request, response) => void response.send(Buffer.from('buffer')))
  site.get('/status', (_request, response) => void response.sendStatus(418))
  site.get('/file', (_request, response) => response.sendFile(import.meta.filename))
  site.get('/missing', (_request, response) => response.sendFile('/no/such/file'))
  site.get('/download', (_request, response) => response.download(import.meta.filename, 'é.ts'))
  site.get('/redirect', (_request, response) => response.redirect('/json'))
  site.get('/cookie', (_request, response) => void response.cookie('a', '1').cookie('b', '2').end())
  site.get('/format', (_request, response) => {
    response.format({ html: () => response.send('<p>'), json: () => response.json({}) })
  })
  site.get('/where', (request, response) => {
    const { ip, protocol, hostname, path, originalUrl, baseUrl, query } = request
    response.json({ ip, protocol, hostname, path, originalUrl, baseUrl, query })
  })
  site.post('/raw', express.raw({ type: () => true }), (request, response) => {
    response.send(request.body)
  })
  site.get('/throws', () => {
    throw Object.assign(new Error('told'), { status: 409, headers: { 'Retry-After': '1' } })
  })
  site.get('/rejects', () => Promise.reject(new Error('told')))
  const inner = express()
  inner.get('/deep', (request, response) => {
    response.json([request.baseUrl, request.originalUrl, request.url])
  })
  site.use('/inner', inner)

  test.each([
    '/json',
    '/text',
    '/buffer',
    '/status',
    '/file',
    '/missing',
    '/download',
    '/redirect',
    '/cookie',
    '/format',
    '/where?x=1',
    '/raw',
    '/throws',
    '/rejects',
    '/inner/deep',
    '/none',
  ])('%s', async (path) => {
    const native: RequestListener = (request, response) => site(request, response)
    await same(native, fromConnectApp(site), method, path)
  })
})

describe.each(methods)('%s to Koa', (method) => {
  const koa = new Koa()
  koa.silent = true
  const answers: Record<string, (ctx: Koa.Context) => unknown> = {
    '/json': (ctx) => (ctx.body = { a: 1 }),
    '/text': (ctx) => (ctx.body = 'text é'),
    '/html': (ctx) => (ctx.body = '<p>'),
    '/buffer': (ctx) => (ctx.body = Buffer.from('buffer')),
    '/bytes': (ctx) => (ctx.body = new Uint8Array([1, 2])),
    '/null': (ctx) => (ctx.body = null),
    '/explicit': (ctx) => {
      ctx.body = null
      ctx.status = 404
    },
    '/empty': (ctx) => (ctx.body = ''),
    '/status': (ctx) => (ctx.status = 201),
    '/205': (ctx) => (ctx.status = 205),
    '/stream': (ctx) => (ctx.body = Readable.from(['a', 'b'])),
    '/through': (ctx) => {
      const through = new PassThrough()
      ctx.body = through
      through.write('a')
      setTimeout(() => through.end('b'), 5)
    },
    '/blob': (ctx) => (ctx.body = new Blob(['blob'], { type: 'text/css' })),
    '/web': (ctx) => (ctx.body = new Blob(['web']).stream()),
    '/response': (ctx) => (ctx.body = new Response('r', { status: 202, headers: { 'x-r': '1' } })),
    '/redirect': (ctx) => ctx.redirect('/json'),
    '/cookies': (ctx) => {
      ctx.cookies.set('a', '1')
      ctx.cookies.set('b', '2')
      ctx.body = 'x'
    },
    '/vary': (ctx) => {
      ctx.vary('Origin')
      ctx.vary('Accept')
      ctx.body = ctx.accepts('json', 'html') || 'none'
    },
    '/echo': (ctx) => (ctx.body = ctx.req),
    '/throw': (ctx) => ctx.throw(403, 'told', { headers: { 'X-Why': 'so' } }),
    '/error': (ctx) => {
      ctx.set('X-Gone', 'yes')
      throw new Error('secret')
    },
    '/string': () => {
      // oxlint-disable-next-line typescript/only-throw-error
      throw 'secret'
    },
    '/raw': (ctx) => {
      ctx.respond = false
      ctx.res.writeHead(206, { 'X-Raw': '1' })
      ctx.res.end('raw')
    },
    '/late-error': (ctx) => {
      ctx.body = Readable.from(
        (async function* () {
          yield 'a'.repeat(100_000)
          throw new Error('secret')
        })(),
      )
    },
  }
  const middleware = async (ctx: Koa.Context, next: Koa.Next): Promise<void> => {
    const answer = answers[ctx.path]
    if (answer === undefined) return next()
    await answer(ctx)
  }
  koa.use(middleware)
  /** Errors are the servers' there, and their pages. */
  const goesOut = new Set(['/throw', '/error', '/string', '/none'])

  test.each([...Object.keys(answers), '/none'])('%s', async (path) => {
    await same(koa.callback(), fromKoaApp(koa), method, path)
    if (!goesOut.has(path)) await same(koa.callback(), fromKoa(middleware)(notFound), method, path)
  })
})
