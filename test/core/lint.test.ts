import { describe, expect, test } from 'vitest'
import { readFile } from 'node:fs/promises'
import { callApp, isWhole, mapBody, readBody } from '@robaccia/core'
import type { App, Body, EnvironWith, StartResponse } from '@robaccia/core'
import { ContractViolation, lint, specification } from '@robaccia/core/lint'
import { client } from '@robaccia/core/testing'
import type { RequestInit } from '@robaccia/core/testing'

const plain = [['content-type', 'text/plain']] as const
const hello: App = (_environ, startResponse) => {
  startResponse(200, plain)
  return ['hello']
}

/** The id of the rule that a request to an app breaks. */
async function broken(app: App, init: RequestInit = {}): Promise<string> {
  try {
    await client(app).get('/', init)
  } catch (error) {
    if (error instanceof ContractViolation) return error.rule
    throw error
  }
  return 'none'
}

/** A value that breaks the types, as code in JavaScript may hand it over. */
// oxlint-disable-next-line typescript/no-explicit-any
const untyped = (value: unknown): any => value

const start =
  (...args: Parameters<StartResponse>): App =>
  (_environ, startResponse) => {
    startResponse(...args)
    return []
  }

const answering =
  (body: unknown): App =>
  (_environ, startResponse) => {
    startResponse(200, plain)
    return untyped(body)
  }

describe('lint', () => {
  test('lets an app pass that keeps the contract', async () => {
    const response = await client(hello).get('/')
    expect(response.text).toBe('hello')
  })

  const environs: [rule: string, what: string, keys: Record<string, unknown>][] = [
    ['E2', 'a method that is no token', { REQUEST_METHOD: 'GET /' }],
    ['E3', 'a script name with a slash at the end', { SCRIPT_NAME: '/blog/' }],
    ['E3', 'a script name without a slash in front', { SCRIPT_NAME: 'blog' }],
    ['E4', 'a path with a space', { PATH_INFO: '/a b' }],
    ['E4', 'a path with a query', { PATH_INFO: '/a?b' }],
    ['E4', 'a decoded path', { PATH_INFO: '/café' }],
    ['E5', 'a missing query string', { QUERY_STRING: undefined }],
    ['E6', 'a port that is a number', { SERVER_PORT: 80 }],
    ['E6', 'an empty server name', { SERVER_NAME: '' }],
    ['E7', 'HTTP_CONTENT_TYPE', { HTTP_CONTENT_TYPE: 'text/plain' }],
    ['E7', 'a length that is no number', { CONTENT_LENGTH: '-1' }],
    ['E8', 'HTTP_PROXY', { HTTP_PROXY: 'http://evil.example' }],
    ['E8', 'a header in lower case', { HTTP_accept: '*/*' }],
    ['E8', 'a header with a line break', { HTTP_ACCEPT: 'a\r\nb' }],
    ['E9', 'another version', { 'robaccia.version': '2.0' }],
    ['E9', 'another scheme', { 'robaccia.url_scheme': 'ftp' }],
    ['E10', 'an input that is a string', { 'robaccia.input': 'body' }],
    ['E11', 'errors that cannot be written to', { 'robaccia.errors': {} }],
    ['E12', 'a server without after', { 'robaccia.server': { signal: undefined } }],
    ['E13', 'notes that are no object', { 'robaccia.notes': null }],
    ['E14', 'a variable that is a number', { 'router.params': { id: 1 } }],
    ['E15', 'a key without a dot', { user: 'joe' }],
    ['E15', 'a key in upper case', { 'auth.User': 'joe' }],
  ]
  test.each(environs)('reports by %s %s', async (rule, _what, keys) => {
    expect(await broken(hello, { environ: untyped(keys) })).toBe(rule)
  })

  test('reports by E1 an environ that is no ordinary object', async () => {
    const inherits: App = (environ, startResponse) =>
      lint(hello)(Object.assign(Object.create(environ), environ), startResponse)
    expect(await broken(inherits)).toBe('E1')
  })

  test('reports by E16 another server, or other notes, further in', async () => {
    const replacing =
      (keys: object): App =>
      (environ, startResponse) =>
        lint(hello)({ ...environ, ...keys }, startResponse)
    expect(await broken(replacing({ 'robaccia.notes': {} }))).toBe('E16')
    const server = { signal: new AbortController().signal, after: () => {} }
    expect(await broken(replacing({ 'robaccia.server': server }))).toBe('E16')
    expect(await broken(replacing({ 'auth.user': 'joe' }))).toBe('none')
  })

  const additions: [rule: string, what: string, keys: Record<string, unknown>][] = [
    ['E4', 'a decoded path', { PATH_INFO: '/café' }],
    ['E5', 'no query string', { QUERY_STRING: undefined }],
    ['E14', 'a variable that is a number', { 'router.params': { id: 1 } }],
    ['E15', 'a key without a dot', { user: 'joe' }],
    ['E16', 'other notes', { 'robaccia.notes': {} }],
    ['none', 'a key of its own', { 'auth.user': 'joe' }],
  ]
  test.each(additions)('reports by %s an app that leaves %s', async (rule, _what, keys) => {
    const adds: App = (environ, startResponse) => hello(Object.assign(environ, keys), startResponse)
    expect(await broken(adds)).toBe(rule)
  })

  test('closes the body of an app that leaves a wrong environ', async () => {
    let closes = 0
    const adds: App = (environ, startResponse) => {
      Object.assign(environ, { user: 'joe' })
      startResponse(200, plain)
      return Object.assign(['hello'], { close: () => void (closes += 1) })
    }
    expect(await broken(adds)).toBe('E15')
    expect(closes).toBe(1)
  })

  test('reports by I1 an input that gives strings', async () => {
    const reads: App = async (environ, startResponse) => {
      for await (const _chunk of environ['robaccia.input']);
      return hello(environ, startResponse)
    }
    const input = untyped({
      async *[Symbol.asyncIterator]() {
        yield 'hello'
      },
    })
    expect(await broken(reads, { environ: { 'robaccia.input': input } })).toBe('I1')
  })

  test('lets an app further in read what was read before', async () => {
    const reads: App = async (environ, startResponse) => {
      startResponse(200, plain)
      return [await readBody(environ)]
    }
    const outer: App = async (environ, startResponse) => {
      await readBody(environ)
      return lint(reads)(environ, startResponse)
    }
    expect((await client(outer).post('/', { body: 'hello' })).text).toBe('hello')
  })

  const starts: [rule: string, what: string, ...Parameters<StartResponse>][] = [
    ['S3', 'a status under 200', 103, []],
    ['S3', 'a status over 599', 600, []],
    ['S3', 'a status with a phrase', untyped('200 OK'), []],
    ['S4', 'headers that are an object', 200, untyped({ a: 'b' })],
    ['S4', 'a value that is a number', 200, untyped([['content-length', 1]])],
    ['S5', 'a name in upper case', 200, [['X-Colour', 'red']]],
    ['S5', 'a name with a space', 200, [['x colour', 'red']]],
    ['S6', 'a value with a line break', 200, [['x-colour', 'red\r\nset-cookie: a=b']]],
    ['S6', 'a value with a control character', 200, [['x-colour', 'red\u0007']]],
    ['S6', 'a value with a DEL', 200, [['x-colour', 'red\u007f']]],
    ['none', 'a value with a tab and Latin-1', 200, [['x-colour', 'r\tö']]],
    ['S6', 'a value over U+00FF', 200, [['x-colour', 'ρ']]],
    ['S7', 'a hop-by-hop header', 200, [['transfer-encoding', 'chunked']]],
    ['S8', 'two content types', 200, [...plain, ...plain]],
    ['S9', 'a length with 204', 204, [['content-length', '0']]],
    ['S9', 'a length that is no number', 200, [['content-length', 'many']]],
  ]
  test.each(starts)('reports by %s %s', async (rule, _what, ...args) => {
    expect(await broken(start(...args))).toBe(rule)
  })

  test('reports by S1 a second call without an error', async () => {
    const twice: App = (_environ, startResponse) => {
      startResponse(200, [])
      startResponse(201, [])
      return []
    }
    expect(await broken(twice)).toBe('S1')
  })

  test('lets a second call with an error pass', async () => {
    const sorry: App = (_environ, startResponse) => {
      startResponse(200, plain)
      startResponse(503, plain, new Error('later'))
      return ['later']
    }
    const response = await client(sorry).get('/')
    expect(response.status).toBe(503)
  })

  test('reports by S2 a first call after the answer', async () => {
    const late: App = (_environ, startResponse) => ({
      async *[Symbol.asyncIterator]() {
        startResponse(200, [])
        yield 'x'
      },
    })
    const caller: App = async (environ, startResponse) => {
      try {
        return await lint(late)(environ, startResponse)
      } catch {
        startResponse(200, plain)
        return []
      }
    }
    expect(await broken(caller)).toBe('A1')
    let call = (): void => {}
    const never: App = (_environ, startResponse) => {
      call = () => startResponse(200, [])
      return []
    }
    const afterwards: App = async (environ, startResponse) => {
      await Promise.resolve(lint(never)(environ, startResponse)).catch(() => undefined)
      environ['lint.violations']?.splice(0)
      call()
      return []
    }
    expect(await broken(afterwards)).toBe('S2')
  })

  test('reports by A1 an async generator used as an app', async () => {
    const generator = async function* (_environ: unknown, startResponse: StartResponse) {
      startResponse(200, [])
      yield 'hello'
    }
    expect(await broken(generator)).toBe('A1')
  })

  test('reports by A2 a body that is a bare string', async () => {
    expect(await broken(answering('hello'))).toBe('A2')
  })

  test('reports by A3 a close that is no function', async () => {
    expect(await broken(answering(Object.assign(['x'], { close: true })))).toBe('A3')
  })

  test('reports by C1 a chunk that is a number, whole or streamed', async () => {
    const stream = async function* () {
      yield 1
    }
    expect(await broken(answering([1]))).toBe('C1')
    expect(await broken(answering(stream()))).toBe('C1')
  })

  test('reports by D1 a content-length that is not the length', async () => {
    const short: App = (_environ, startResponse) => {
      startResponse(200, [['content-length', '4']])
      return ['hello']
    }
    expect(await broken(short)).toBe('D1')
  })

  test('reports by D2 a body that is iterated twice', async () => {
    const stream = answering({
      async *[Symbol.asyncIterator]() {
        yield 'x'
      },
    })
    const twice: App = async (environ, startResponse) => {
      const body = await lint(stream)(environ, startResponse)
      if (isWhole(body)) throw new TypeError('the body must be a stream')
      const chunks = []
      for await (const chunk of body) chunks.push(chunk)
      for await (const chunk of body) chunks.push(chunk)
      await body.close?.()
      return chunks
    }
    expect(await broken(twice)).toBe('D2')
  })

  test('reports by D3 a body that a middleware discards without closing it', async () => {
    const discards: App = async (environ, startResponse) => {
      await callApp(lint(hello), environ)
      startResponse(200, plain)
      return ['something else']
    }
    expect(await broken(discards)).toBe('D3')
  })

  test('reports by D3 a body that is closed twice', async () => {
    const closesTwice: App = async (environ, startResponse) => {
      const body: Body = await lint(hello)(environ, startResponse)
      await body.close?.()
      return body
    }
    expect(await broken(closesTwice)).toBe('D3')
  })

  test('reports by D4 a body that is read after it was closed', async () => {
    const stream = answering({
      async *[Symbol.asyncIterator]() {
        yield 'x'
      },
    })
    const reads: App = async (environ, startResponse) => {
      const body = await lint(stream)(environ, startResponse)
      if (isWhole(body)) throw new TypeError('the body must be a stream')
      await body.close?.()
      const chunks = []
      for await (const chunk of body) chunks.push(chunk)
      return chunks
    }
    expect(await broken(reads)).toBe('D4')
  })

  test('lets a chunk come that was asked for before the body was closed', async () => {
    let arrive = (): void => {}
    const stream = answering({
      async *[Symbol.asyncIterator]() {
        await new Promise<void>((arrived) => (arrive = arrived))
        yield 'x'
      },
    })
    const drops: App = async (environ, startResponse) => {
      const body = await lint(stream)(environ, startResponse)
      if (isWhole(body)) throw new TypeError('the body must be a stream')
      const iterator = body[Symbol.asyncIterator]()
      const first = iterator.next()
      const returned = iterator.return?.()
      await body.close?.()
      arrive()
      await Promise.all([first, returned])
      return ['dropped']
    }
    expect((await client(drops).get('/')).text).toBe('dropped')
  })

  test('blames nobody for a chunk that was on its way when the client left', async () => {
    let go = (): void => {}
    const slow = answering({
      async *[Symbol.asyncIterator]() {
        yield 'x'
        await new Promise<void>((resolve) => (go = resolve))
        yield 'y'
      },
      close: () => setImmediate(go),
    })
    const outer: App = async (environ, startResponse) => {
      const { status, headers, body } = await callApp(lint(slow), environ, startResponse)
      startResponse(status, headers)
      return mapBody(body, (chunk) => chunk)
    }
    const response = await client(outer).stream('GET', '/')
    const reading = (async () => {
      for await (const _chunk of response.body);
    })()
    await new Promise(setImmediate)
    await response.abort()
    await reading
  })

  test('reports by D5 a stream that is left without a word', async () => {
    const stream = answering({
      async *[Symbol.asyncIterator]() {
        yield 'x'
        yield 'y'
      },
    })
    const leaves: App = async (environ, startResponse) => {
      const body = await lint(stream)(environ, startResponse)
      if (isWhole(body)) throw new TypeError('the body must be a stream')
      const { value } = await body[Symbol.asyncIterator]().next()
      await body.close?.()
      return [value]
    }
    expect(await broken(leaves)).toBe('D5')
  })

  const changes: [what: string, change: (body: unknown[]) => void][] = [
    ['gets a close', (body) => Object.assign(body, { close: () => {} })],
    ['gets a chunk', (body) => body.push('!')],
    ['gets another chunk', (body) => (body[0] = 'hallo')],
  ]
  test.each(changes)(
    'reports by D6 an array that %s from whom it was given',
    async (_what, change) => {
      const changing: App = async (environ, startResponse) => {
        const body = await lint(hello)(environ, startResponse)
        const close = body.close?.bind(body)
        change(untyped(body))
        await close?.()
        return ['other']
      }
      expect(await broken(changing)).toBe('D6')
    },
  )

  test('reports by D7 a header list that is changed later', async () => {
    const headers: [string, string][] = [['content-type', 'text/plain']]
    const changing: App = (_environ, startResponse) => {
      startResponse(200, headers)
      headers.push(['x-late', '1'])
      return []
    }
    expect(await broken(changing)).toBe('D7')
  })

  test('reports by D8 a server that says nothing to after functions', async () => {
    const mute: App = (environ, startResponse) => {
      const { after } = environ['robaccia.server']
      const server = {
        signal: undefined,
        after: (fn: (outcome: unknown) => void) => {
          after.call(environ['robaccia.server'], () => fn({ status: 200 }))
        },
      }
      const alone = { ...environ, 'robaccia.server': server }
      delete alone['lint.request']
      return lint(hello)(untyped(alone), startResponse)
    }
    expect(await broken(mute)).toBe('D8')
  })

  test('reports by L1 a head that is replaced after it was sent', async () => {
    const late: App = (_environ, startResponse) => {
      startResponse(200, [])
      return {
        async *[Symbol.asyncIterator]() {
          yield 'x'
          startResponse(500, [], new Error('late'))
        },
      }
    }
    const deaf: App = (environ, startResponse) =>
      lint(late)(environ, (status, headers, error) => {
        if (error === undefined) startResponse(status, headers)
      })
    expect(await broken(deaf)).toBe('L1')
  })

  test('fails the call although a middleware swallowed the exception', async () => {
    const swallows: App = async (environ, startResponse) => {
      try {
        return await lint(start(99, []))(environ, startResponse)
      } catch {
        startResponse(200, plain)
        return ['all is well']
      }
    }
    expect(await broken(swallows)).toBe('S3')
  })

  test('names the rule, the app and what it got', async () => {
    const shouting: App = (_environ, startResponse) => {
      startResponse(200, [['X-Colour', 'red']])
      return []
    }
    await expect(callApp(lint(shouting), await environOf())).rejects.toThrow(
      'shouting breaks rule S5 of the contract: A header name is a token in lower case ' +
        '(RFC 9110 §5.1). Got "X-Colour": "red".',
    )
  })

  test('hands on a copy of the environ', async () => {
    const adds: App = (environ, startResponse) => {
      environ['router.params'] = { id: '1' }
      startResponse(200, plain)
      return []
    }
    const environ = await environOf()
    await callApp(lint(adds), environ)
    expect(environ['router.params']).toEqual({})
  })
})

/** An environ as the client makes it, without what collects violations. */
async function environOf(): Promise<EnvironWith<object>> {
  const environs: EnvironWith<object>[] = []
  await client((environ, startResponse) => {
    environs.push(environ)
    startResponse(204, [])
    return []
  }).get('/')
  const [environ] = environs
  if (environ === undefined) throw new TypeError('the app must be called')
  delete environ['lint.violations']
  delete environ['lint.request']
  const server = { signal: new AbortController().signal, after: () => {} }
  return { ...environ, 'robaccia.server': server }
}

describe('lint of what is no app', () => {
  test('is refused when it is made', () => {
    expect(() => lint(untyped('hello'))).toThrow(
      new TypeError('what lint is given must be an app, got string'),
    )
  })
})

describe('specification', () => {
  test('is what SPEC.md says', async () => {
    const file = new URL('../../packages/core/SPEC.md', import.meta.url)
    expect(await readFile(file, 'utf8')).toBe(specification())
  })

  test('leaves a key alone that is an accessor', async () => {
    let reads = 0
    const outer =
      (app: App): App =>
      (environ, startResponse) => {
        Object.defineProperty(environ, 'test.key', {
          get: () => (reads += 1),
          enumerable: true,
          configurable: true,
        })
        return app(environ, startResponse)
      }
    await client(outer(lint(hello))).get('/')
    expect(reads).toBe(0)
    const reading: App = (environ, startResponse) => {
      Reflect.get(environ, 'test.key')
      return hello({ ...environ, 'router.params': {} }, startResponse)
    }
    await client(outer(lint(reading))).get('/')
    expect(reads).toBe(2)
  })

  test('has every rule once', () => {
    const ids = [...specification().matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(30)
  })
})
