import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { callApp, empty, readForm } from '@robaccia/core'
import type { App, Environ, Response as Answer } from '@robaccia/core'
import { fromFetch } from '@robaccia/core/fetch'
import { client } from '@robaccia/core/testing'

describe('fromFetch', () => {
  test('gives the handler the request that the environ says', async () => {
    let seen
    const app = fromFetch((request, environ) => {
      const { method, url, headers } = request
      seen = { method, url, headers: Object.fromEntries(headers), remote: environ.REMOTE_ADDR }
      return new Response('hi')
    })
    const environ: Partial<Environ> = {
      SCRIPT_NAME: '/blog',
      PATH_INFO: '/a%2Fb',
      'robaccia.url_scheme': 'https',
      REMOTE_ADDR: '192.0.2.1',
    }
    const headers = { host: 'example.org:81', 'x-name': 'caf\u00e9', cookie: 'a=1; b=2' }
    const response = await client(app).get('/?x=1', { environ, headers })
    expect(response).toMatchObject({ status: 200, text: 'hi' })
    expect(seen).toEqual({
      method: 'GET',
      url: 'https://example.org:81/blog/a%2Fb?x=1',
      headers,
      remote: '192.0.2.1',
    })
  })

  test('normalises dot segments, as a URL does', async () => {
    const app = fromFetch((request) => new Response(request.url))
    expect((await client(app).get('/a/../b/%2e%2e/c')).text).toBe('http://localhost/c')
  })

  test('makes a URL without a Host', async () => {
    const app = fromFetch((request) => new Response(request.url))
    const bare: App = ({ HTTP_HOST: _host, ...environ }, startResponse) =>
      app({ ...environ, SERVER_NAME: '::1', SERVER_PORT: '8080' }, startResponse)
    expect((await client(bare).get('/a')).text).toBe('http://[::1]:8080/a')
  })

  test.each(['a b', 'user@host', 'host/path', 'host:port'])('refuses the Host %s', async (host) => {
    const app = fromFetch((request) => new Response(request.url))
    expect((await client(app).get('/', { headers: { host } })).status).toBe(400)
  })

  test.each(['TRACE', 'CONNECT'])('refuses %s, which a Request can’t be', async (method) => {
    const app = fromFetch((request) => new Response(request.method))
    expect((await client(app).request(method, '/')).status).toBe(501)
  })

  test('streams the request’s body, or gives what was read of it before', async () => {
    const echo = fromFetch(async (request) => new Response(await request.text()))
    const app: App = async (environ, startResponse) => {
      if (environ.PATH_INFO === '/read') await readForm(environ)
      return echo(environ, startResponse)
    }
    const form = { name: 'Ada' }
    expect((await client(app).post('/', { form })).text).toBe('name=Ada')
    expect((await client(app).post('/read', { form })).text).toBe('name=Ada')
    expect((await client(app).post('/')).text).toBe('')
    expect((await client(app).get('/', { body: 'dropped' })).text).toBe('')
  })

  test('reads nothing of a body that the handler leaves', async () => {
    let pulled = false
    const app = fromFetch(() => new Response('left'))
    const input = {
      async *[Symbol.asyncIterator]() {
        pulled = true
        yield Buffer.from('a')
      },
    }
    await client(app).post('/', { environ: { 'robaccia.input': input } })
    expect(pulled).toBe(false)
  })

  test('keeps cookies apart and drops hop-by-hop headers', async () => {
    const headers = new Headers({ Connection: 'close', 'X-One': '1' })
    headers.append('Set-Cookie', 'a=1')
    headers.append('Set-Cookie', 'b=2')
    const response = await client(fromFetch(() => new Response('x', { headers }))).get('/')
    expect(response.headers).toEqual([
      ['content-type', 'text/plain;charset=UTF-8'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-one', '1'],
    ])
  })

  test('drops control characters from header values', async () => {
    const app = fromFetch(() => new Response('x', { headers: { 'x-odd': 'a\u0001b\tc' } }))
    expect((await client(app).get('/')).header('x-odd')).toBe('ab\tc')
  })

  test.each([204, 205, 304])('answers %d without a body', async (status) => {
    const response = await client(fromFetch(() => new Response(null, { status }))).get('/')
    expect(response).toMatchObject({ status, text: '' })
  })

  test('makes a 500 of a status that is none', async () => {
    expect((await client(fromFetch(() => Response.error())).get('/')).status).toBe(500)
  })

  test('gives a body that is all there whole, and an empty one as none', async () => {
    expect((await answerOf(fromFetch(() => new Response('whole')))).body).toEqual([
      new TextEncoder().encode('whole'),
    ])
    expect((await answerOf(fromFetch(() => new Response('')))).body).toEqual([])
    expect((await answerOf(fromFetch(() => new Response()))).body).toEqual([])
  })

  test('streams any other, its head before a late first chunk', async () => {
    const app = fromFetch(() => new Response(slow(['a', 5, 'b'])))
    expect(await chunksOf(app)).toEqual(['a', 'b'])
    expect(await chunksOf(fromFetch(() => new Response(slow([5, 'a']))))).toEqual(['', 'a'])
  })

  test('cancels a body that is closed', async () => {
    let cancelled = false
    const stream = new ReadableStream<Uint8Array>({
      cancel() {
        cancelled = true
      },
    })
    const { body } = await answerOf(fromFetch(() => new Response(stream)))
    await body.close?.()
    expect(cancelled).toBe(true)
  })

  test('lets errors out, before the body and in it', async () => {
    const boom = new Error('boom')
    const app = fromFetch((request) => {
      if (request.url.endsWith('/late')) return new Response(slow(['a', 5, boom]))
      throw boom
    })
    expect(await client(app).get('/')).toMatchObject({ status: 500, error: boom })
    expect(await client(app).get('/late')).toMatchObject({ status: 200, text: 'a', error: boom })
  })

  test('tells the handler of a client that goes away', async () => {
    const gone = new AbortController()
    let signal: AbortSignal | undefined
    const app = fromFetch((request) => {
      signal = request.signal
      return new Response('x')
    })
    await answerOf(app, { signal: gone.signal })
    gone.abort()
    expect(signal?.aborted).toBe(true)
  })

  test('refuses what is no handler', async () => {
    expect(() => fromFetch({} as never)).toThrow(
      "fromFetch's handler must be a function or have a method fetch, got object",
    )
    const { error } = await client(fromFetch((() => 'text') as never)).get('/')
    expect(String(error)).toContain("a Fetch handler must return a Response, got 'text'")
  })
})

function slow(steps: readonly (string | number | Error)[]): ReadableStream<Uint8Array> {
  const left = steps.values()
  return new ReadableStream({
    async pull(controller) {
      for (const step of left) {
        if (step instanceof Error) throw step
        if (typeof step === 'string') return controller.enqueue(Buffer.from(step))
        await sleep(step)
      }
      return controller.close()
    },
  })
}

/** Calls an app as a server would, and leaves its body alone. */
async function answerOf(
  app: App,
  server: Partial<Environ['robaccia.server']> = {},
): Promise<Answer> {
  let answer: Promise<Answer> | undefined
  await client((environ, startResponse) => {
    const port = { signal: new AbortController().signal, after: () => {}, ...server }
    answer = callApp(app, { ...environ, 'robaccia.server': port })
    return empty(environ, startResponse)
  }).get('/')
  if (answer === undefined) throw new Error('the app was not called')
  return answer
}

async function chunksOf(app: App): Promise<string[]> {
  const chunks: string[] = []
  for await (const chunk of (await answerOf(app)).body) chunks.push(Buffer.from(chunk).toString())
  return chunks
}
