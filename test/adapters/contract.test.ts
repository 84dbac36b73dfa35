import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { readBody, text } from '@robaccia/core'
import type { App, Body, Environ, HeaderList, Outcome } from '@robaccia/core'
import { capabilities } from '@robaccia/core/lint'
import type { CapabilityName } from '@robaccia/core/lint'
import createError from 'http-errors'
import { servers } from './servers.js'
import type { TestServer } from './servers.js'
import { exchange, request } from './socket.js'

describe.each(servers)('$name', ({ name, start }) => {
  /** What a server can't keep of the contract is told by SPEC.md, and holds just as well. */
  function can(capability: CapabilityName): boolean {
    return capabilities[capability].instead[name] === undefined
  }

  let running: TestServer | undefined
  afterEach(async () => {
    await running?.close()
    running = undefined
  })

  async function serving(app: App): Promise<TestServer> {
    running = await start(app)
    return running
  }

  /** Serves what shows the environ that it got. */
  async function environOf(line: string, ...headers: string[]): Promise<Partial<Environ>> {
    const { port } = await serving((environ, startResponse) => {
      const shown = Object.entries(environ).filter(([, value]) => typeof value === 'string')
      return text(environ, startResponse, JSON.stringify(Object.fromEntries(shown)))
    })
    const answer = await request(port, line, ...headers)
    const decoded = Buffer.from(answer, 'latin1').toString()
    // What the app has sent as JSON just now.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return JSON.parse(decoded.slice(decoded.indexOf('\r\n\r\n'))) as Partial<Environ>
  }

  function answering(status: number, headers: HeaderList, body: Body): App {
    return (_environ, startResponse) => {
      startResponse(status, headers)
      return body
    }
  }

  /** A streamed body that says when it was closed. */
  function stream(
    chunks: readonly (string | Error | number)[],
  ): AsyncIterable<string> & { closes: number; close(): void } {
    return {
      closes: 0,
      close() {
        this.closes += 1
      },
      async *[Symbol.asyncIterator]() {
        for (const chunk of chunks) {
          if (chunk instanceof Error) throw chunk
          if (typeof chunk === 'number') await sleep(chunk)
          else yield chunk
        }
      },
    }
  }

  describe('the environ', () => {
    test('has the path as it was sent', async () => {
      const environ = await environOf('GET /a%2Fb//%62%c3%a9%25;d?x=%2F?y')
      expect(environ).toMatchObject({
        REQUEST_METHOD: 'GET',
        SCRIPT_NAME: '',
        PATH_INFO: '/a%2Fb//%62%c3%a9%25;d',
        QUERY_STRING: 'x=%2F?y',
        REQUEST_URI: '/a%2Fb//%62%c3%a9%25;d?x=%2F?y',
        SERVER_PROTOCOL: 'HTTP/1.1',
        REMOTE_ADDR: '127.0.0.1',
        'robaccia.url_scheme': 'http',
      })
    })

    test(can('dotSegments') ? 'leaves dot segments alone' : 'has no dot segments', async () => {
      const { PATH_INFO } = await environOf('GET /a/../b/%2e%2e/c')
      expect(PATH_INFO).toBe(can('dotSegments') ? '/a/../b/%2e%2e/c' : '/c')
    })

    test(can('nul') ? 'has an encoded NUL' : 'is not made for an encoded NUL', async () => {
      const { port } = await serving((environ, startResponse) =>
        text(environ, startResponse, environ.PATH_INFO),
      )
      expect(await request(port, 'GET /a%00')).toMatch(can('nul') ? /\/a%00$/ : /^HTTP\/1.1 400 /)
    })

    test('joins repeated list headers by a comma and cookies by a semicolon', async () => {
      const environ = await environOf(
        'GET /',
        'Accept: a',
        'Cookie: a=1',
        'accept: b',
        'Cookie: b=2',
      )
      expect(environ).toMatchObject({ HTTP_ACCEPT: 'a, b', HTTP_COOKIE: 'a=1; b=2' })
    })

    test(`${can('singleValue') ? 'keeps the first' : 'joins the values'} of a header that has one value`, async () => {
      const environ = await environOf('GET /', 'Authorization: Basic a', 'Authorization: Basic b')
      expect(environ.HTTP_AUTHORIZATION).toBe(can('singleValue') ? 'Basic a' : 'Basic a, Basic b')
    })

    test('drops headers that could pass for another', async () => {
      const environ = await environOf('GET /', 'Proxy: a', 'X_Real: b', 'X-Real: c')
      expect(environ).not.toHaveProperty('HTTP_PROXY')
      expect(environ.HTTP_X_REAL).toBe('c')
    })

    test('has Latin-1 headers one character a byte', async () => {
      const environ = await environOf('GET /', 'X-Name: caf\u00e9')
      // The bytes of U+FFFD where the byte was lost.
      expect(environ.HTTP_X_NAME).toBe(can('latin1') ? 'caf\u00e9' : 'caf\u00ef\u00bf\u00bd')
    })

    test('has UTF-8 headers one character a byte', async () => {
      const environ = await environOf('GET /', 'X-Name: caf\u00c3\u00a9')
      expect(environ.HTTP_X_NAME).toBe('caf\u00c3\u00a9')
    })

    test('has content-type and content-length only as CONTENT_*', async () => {
      const environ = await environOf('POST /', 'Content-Type: text/plain', 'Content-Length: 0')
      expect(environ).toMatchObject({ CONTENT_TYPE: 'text/plain', CONTENT_LENGTH: '0' })
      expect(environ).not.toHaveProperty('HTTP_CONTENT_TYPE')
    })

    test('takes the host of an absolute-form target', async () => {
      const environ = await environOf('GET http://example.org:81/a?b')
      expect(environ).toMatchObject({
        HTTP_HOST: 'example.org:81',
        PATH_INFO: '/a',
        QUERY_STRING: 'b',
      })
    })

    test('has no name and password in the host of an absolute-form target', async () => {
      const { HTTP_HOST } = await environOf('GET http://user:pass@example.org/a')
      expect(HTTP_HOST).toBe('example.org')
    })

    test(`has ${can('asterisk') ? 'an empty path' : 'the path /*'} for OPTIONS *`, async () => {
      expect(await environOf('OPTIONS *')).toMatchObject(
        can('asterisk') ? { PATH_INFO: '', REQUEST_URI: '*' } : { PATH_INFO: '/*' },
      )
    })
  })

  test(`answers two Host headers ${can('hosts') ? 'with 400' : 'as the runtime sees them'}`, async () => {
    const { port } = await serving(answering(200, [], []))
    const answer = await request(port, 'GET /', 'Host: example.org')
    expect(answer).toMatch(can('hosts') ? /^HTTP\/1.1 400 / : /^HTTP\/1.1 200 /)
  })

  describe('a body', () => {
    test('that is an array gets its length', async () => {
      const { url } = await serving(answering(200, [['content-type', 'text/plain']], ['hé', 'llo']))
      const response = await fetch(url)
      expect(response.headers.get('content-length')).toBe('6')
      expect(await response.text()).toBe('héllo')
    })

    test('with a length that is not its own is a 500', async () => {
      const server = await serving(answering(200, [['content-length', '6']], ['hello']))
      expect((await fetch(server.url)).status).toBe(500)
      expect(server.errors()).toMatch(/length/)
    })

    test('gets no type that the app did not give', async () => {
      const { url } = await serving(answering(200, [], ['<p>hello']))
      expect((await fetch(url)).headers.get('content-type')).toBeNull()
    })

    test('has its headers as they are, whatever their names', async () => {
      const headers = [
        ['constructor', 'a'],
        ['__proto__', 'b'],
      ] as const
      const { port } = await serving(answering(200, headers, ['hello']))
      const answer = await request(port, 'GET /')
      expect(answer).toContain('\r\nconstructor: a\r\n')
      expect(answer).toContain('\r\n__proto__: b\r\n')
    })

    test.each([
      ['array', ['a']],
      ['stream', stream(['a'])],
      ['stream whose head goes first', stream(['', 'a'])],
    ])('that is %s has Latin-1 headers one byte a character', async (_kind, body) => {
      const { port } = await serving(answering(200, [['x-name', 'caf\u00e9']], body))
      expect(await request(port, 'GET /')).toContain('x-name: caf\u00e9\r\n')
    })

    test('keeps several cookies apart', async () => {
      const cookies = [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ] as const
      const { url } = await serving(answering(200, cookies, []))
      expect((await fetch(url)).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    })

    test('that is a stream is sent as it comes and closed', async () => {
      const body = stream(['a', 'b', 'c'])
      const { url } = await serving(answering(200, [], body))
      expect(await (await fetch(url)).text()).toBe('abc')
      expect(body.closes).toBe(1)
    })

    test(`sends the head with ${can('moment') ? 'an empty' : 'the'} first chunk`, async () => {
      const { url } = await serving(
        answering(200, [['x-colour', 'red']], stream(['', 300, 'late'])),
      )
      const asked = performance.now()
      const response = await fetch(url)
      expect(response.headers.get('x-colour')).toBe('red')
      if (can('moment')) expect(performance.now() - asked).toBeLessThan(250)
      expect(await response.text()).toBe('late')
    })

    test.each([204, 205, 304])('is not sent with %d, and is closed', async (status) => {
      const body = stream(['a'])
      const { port } = await serving(answering(status, [], body))
      const [head = '', sent] = (await request(port, 'GET /')).split('\r\n\r\n')
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(head).not.toMatch(/transfer-encoding/i)
      expect(sent).toBe('')
      expect(body.closes).toBe(1)
    })

    test('is not sent with HEAD, whose length is that of GET', async () => {
      const { port } = await serving(answering(200, [], ['hello']))
      const answer = await request(port, 'HEAD /')
      expect(answer).toMatch(/content-length: 5\r\n/i)
      expect(answer).toMatch(/\r\n\r\n$/)
    })

    test('has no length with HEAD if it is empty or a stream', async () => {
      const body = stream(['a'])
      const { port } = await serving((environ, startResponse) => {
        startResponse(200, [])
        return environ.PATH_INFO === '/stream' ? body : []
      })
      expect(await request(port, 'HEAD /')).not.toMatch(/content-length/i)
      expect(await request(port, 'HEAD /stream')).not.toMatch(/content-length/i)
      expect(body.closes).toBe(1)
    })

    test('is pulled only as fast as the client reads', async () => {
      let pulled = 0
      const chunk = Buffer.alloc(64 * 1024)
      const { url } = await serving(
        answering(200, [], {
          async *[Symbol.asyncIterator]() {
            for (; pulled < 1600; pulled += 1) yield chunk
          },
        }),
      )
      const response = await fetch(url)
      await sleep(200)
      // 100 MiB are there to be sent; buffers on the way take a few.
      expect(pulled).toBeLessThan(800)
      let received = 0
      for await (const each of response.body ?? []) received += each.byteLength
      expect(received).toBe(1600 * chunk.length)
    })
  })

  describe('the request body', () => {
    const echo: App = async (environ, startResponse) => {
      const bytes = await readBody(environ)
      startResponse(200, [])
      return [bytes]
    }

    test('arrives, with a length or in chunks', async () => {
      const { port } = await serving(echo)
      expect(await request(port, 'POST /', 'Content-Length: 5', '', 'hello')).toMatch(/hello\r?\n?/)
      const chunked = ['Transfer-Encoding: chunked', '', '3', 'hel', '2', 'lo', '0']
      expect(await request(port, 'POST /', ...chunked)).toMatch(/\r\n\r\nhello$/)
    })

    test('is asked for by 100-continue', async () => {
      const { port } = await serving(echo)
      const answer = await request(
        port,
        'POST /',
        'Expect: 100-continue',
        'Content-Length: 5',
        '',
        'hello',
      )
      expect(answer).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /)
    })

    test('that is not one of chunks is the mistake of the client, and told to nobody', async () => {
      const server = await serving(echo)
      const chunked = ['Transfer-Encoding: chunked', '', '5', 'hello', 'no size', 'x']
      expect(await request(server.port, 'POST /', ...chunked)).toMatch(/^HTTP\/1.1 400 /)
      await sleep(20)
      expect(server.errors()).toBe('')
    })

    test('may be left unread', async () => {
      const { port } = await serving(answering(200, [], ['fine']))
      const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'
      const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
      expect((await exchange(port, post + get)).match(/fine/g)).toHaveLength(2)
    })
  })

  test('reads the next request of a connection when a body was read in part only', async () => {
    const { port } = await serving(async (environ, startResponse) => {
      for await (const _chunk of environ['robaccia.input']) break
      return text(environ, startResponse, environ.PATH_INFO)
    })
    const length = 500_000
    const post = `POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`
    const answer = await exchange(
      port,
      `${post}GET /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    expect(answer.match(/\/(?:first|second)/g)).toEqual(['/first', '/second'])
  })

  describe('an error', () => {
    const secret = new Error('the password is swordfish')

    test('before the head is a 500 that tells nothing, reported once', async () => {
      const server = await serving(() => {
        throw secret
      })
      const response = await fetch(`${server.url}/a?token=secret`)
      expect(response.status).toBe(500)
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await response.text()).toBe('Internal Server Error\n')
      expect(server.errors().match(/swordfish/g)).toHaveLength(1)
      expect(server.errors()).toMatch(/^GET \/a failed: /)
      expect(server.errors()).not.toContain('token')
    })

    test('of a missing file is a 500 too', async () => {
      const { url } = await serving(() => {
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      })
      expect((await fetch(url)).status).toBe(500)
    })

    test('that is no Error is a 500, reported', async () => {
      const server = await serving(() => {
        // oxlint-disable-next-line typescript/only-throw-error
        throw 'swordfish'
      })
      expect((await fetch(server.url)).status).toBe(500)
      expect(server.errors()).toContain('swordfish')
    })

    test('made by http-errors has its status, headers and exposed message', async () => {
      const server = await serving(() => {
        throw createError(401, 'who are you?', { headers: { 'WWW-Authenticate': 'Basic' } })
      })
      const response = await fetch(server.url)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Basic')
      expect(await response.text()).toBe('who are you?\n')
      expect(server.errors()).toBe('')
    })

    test('before the first chunk of a stream is a 500, and the body is closed', async () => {
      const body = stream([secret])
      const server = await serving(answering(200, [], body))
      expect((await fetch(server.url)).status).toBe(500)
      expect(server.errors().match(/swordfish/g)).toHaveLength(1)
      expect(body.closes).toBe(1)
    })

    test('after the head cuts the connection, is reported once, and the body is closed', async () => {
      const body = stream(['a', secret])
      const server = await serving(answering(200, [], body))
      await expect(fetch(server.url).then((response) => response.text())).rejects.toThrow()
      expect(server.errors().match(/swordfish/g)).toHaveLength(1)
      expect(body.closes).toBe(1)
    })

    test.each([
      ['at once', [secret], 500],
      ['later', ['a', 20, secret], 200],
      ['never', ['a'], 200],
    ] as const)(
      'of closing a body that fails %s is reported too',
      async (_when, chunks, status) => {
        const body = Object.assign(stream(chunks), {
          close() {
            throw new Error('the cursor has gone')
          },
        })
        const server = await serving(answering(200, [], body))
        const response = await fetch(server.url)
        expect(response.status).toBe(status)
        await response.text().catch(() => '')
        await expect.poll(() => server.errors().match(/the cursor has gone/g)).toHaveLength(1)
        expect(server.errors().match(/swordfish/g) ?? []).toHaveLength(
          chunks.some((each) => each === secret) ? 1 : 0,
        )
      },
    )

    test('of an app after the head is reported, also if it looks like a client that left', async () => {
      const reset = Object.assign(new Error('the database has gone'), { code: 'ECONNRESET' })
      const server = await serving(answering(200, [], stream(['a', 20, reset])))
      await expect((await fetch(server.url)).text()).rejects.toThrow()
      expect(server.errors().match(/the database has gone/g)).toHaveLength(1)
    })
  })

  describe('robaccia.server', () => {
    test('runs what was added last first, with the outcome', async () => {
      const order: string[] = []
      let outcome: Outcome | undefined
      const { url } = await serving((environ, startResponse) => {
        environ['robaccia.server'].after((each) => {
          order.push('first')
          outcome = each
        })
        environ['robaccia.server'].after(() => void order.push('second'))
        return text(environ, startResponse, 'hello', { status: 201 })
      })
      await (await fetch(url)).text()
      await expect.poll(() => order).toEqual(['second', 'first'])
      expect(outcome).toMatchObject({ status: 201, bytes: 5, aborted: false })
      expect(outcome?.headers).toContainEqual(['content-type', 'text/plain; charset=utf-8'])
    })

    test('counts the bytes of an error, of a whole body and of none', async () => {
      const bytes: Record<string, number> = {}
      const { url } = await serving((environ, startResponse) => {
        environ['robaccia.server'].after((outcome) => {
          bytes[environ.REQUEST_METHOD + environ.PATH_INFO] = outcome.bytes
        })
        if (environ.PATH_INFO === '/error') throw createError(404, 'nothing')
        return text(environ, startResponse, 'hello')
      })
      for (const path of ['/error', '/whole']) {
        for (const method of ['GET', 'HEAD']) {
          await (await fetch(url + path, { method })).text()
        }
      }
      await expect
        .poll(() => bytes)
        .toEqual({ 'GET/error': 8, 'HEAD/error': 0, 'GET/whole': 5, 'HEAD/whole': 0 })
    })

    test("counts the bytes of a file's stream, and closes it", async () => {
      const file = createReadStream(import.meta.filename)
      const { size } = await stat(import.meta.filename)
      let outcome: Outcome | undefined
      const { url } = await serving((environ, startResponse) => {
        environ['robaccia.server'].after((each) => void (outcome = each))
        startResponse(200, [['content-type', 'text/plain; charset=utf-8']])
        return file
      })
      expect(await (await fetch(url)).text()).toBe(await readFile(file.path, 'utf8'))
      await expect.poll(() => outcome).toMatchObject({ status: 200, bytes: size, aborted: false })
      expect(file.closed).toBe(true)
    })

    test('answers 500 for a file that is not there, without a word of it', async () => {
      const server = await serving((_environ, startResponse) => {
        startResponse(200, [])
        return createReadStream('/swordfish')
      })
      const response = await fetch(server.url)
      expect(response.status).toBe(500)
      expect(await response.text()).not.toContain('swordfish')
      expect(server.errors().match(/ENOENT/g)).not.toBeNull()
    })

    test('runs the others when one throws, and reports it', async () => {
      let ran = false
      const server = await serving((environ, startResponse) => {
        environ['robaccia.server'].after(() => {
          ran = true
        })
        environ['robaccia.server'].after(() => {
          throw new Error('swordfish')
        })
        return text(environ, startResponse, 'hello')
      })
      await (await fetch(server.url)).text()
      await expect.poll(() => ran).toBe(true)
      expect(server.errors()).toContain('swordfish')
    })

    test('tells of a client that goes away, and closes the body', async () => {
      const body = stream(['a', can('left') ? 60_000 : 300, 'b', 10, 'c'])
      let signal: AbortSignal | undefined
      const gone = new Promise<Outcome>((resolve) => {
        void serving((environ, startResponse) => {
          signal = environ['robaccia.server'].signal
          environ['robaccia.server'].after(resolve)
          startResponse(200, [])
          return body
        }).then(async ({ url }) => {
          const leave = new AbortController()
          await fetch(url, { signal: leave.signal })
          leave.abort()
        })
      })
      expect(await gone).toMatchObject({ aborted: true, status: 200 })
      expect(signal?.aborted).toBe(true)
      await expect.poll(() => body.closes).toBe(1)
      expect(running?.errors()).toBe('')
    })

    test('does not abort a request that is finished', async () => {
      let signal: AbortSignal | undefined
      const { url } = await serving((environ, startResponse) => {
        signal = environ['robaccia.server'].signal
        return text(environ, startResponse, 'hello')
      })
      await (await fetch(url, { method: 'POST', body: 'x' })).text()
      await sleep(20)
      expect(signal?.aborted).toBe(false)
    })

    test(can('inform') ? 'sends early hints' : 'has no inform', async () => {
      const { port } = await serving((environ, startResponse) => {
        expect('inform' in environ['robaccia.server']).toBe(can('inform'))
        environ['robaccia.server'].inform?.(103, [['link', '</a.css>; rel=preload']])
        return text(environ, startResponse, 'hello')
      })
      expect(await request(port, 'GET /')).toMatch(
        can('inform')
          ? /^HTTP\/1.1 103 Early Hints\r\nlink: <\/a.css>; rel=preload\r\n\r\nHTTP\/1.1 200/i
          : /^HTTP\/1.1 200/,
      )
    })
  })

  test('answers pipelined requests in order', async () => {
    const { port } = await serving((environ, startResponse) =>
      text(environ, startResponse, `[${environ.PATH_INFO}]`),
    )
    const get = (path: string, ...more: string[]): string =>
      [`GET ${path} HTTP/1.1`, 'Host: a', ...more, '', ''].join('\r\n')
    const answer = await exchange(port, get('/1') + get('/2') + get('/3', 'Connection: close'))
    expect(answer.match(/\[\/\d\]/g)).toEqual(['[/1]', '[/2]', '[/3]'])
  })
})
