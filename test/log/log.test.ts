import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compose, empty, errors, selector, text } from '@robaccia/core'
import type { App, Environ } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { log } from '@robaccia/log'
import type { LogOptions } from '@robaccia/log'
import createError from 'http-errors'
import { pino } from 'pino'
import { afterEach, describe, expect, test, vi } from 'vitest'

type Line = Readonly<Record<string, unknown>>

const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')

/** A log's lines as they were written. */
function written() {
  const lines: string[] = []
  const to = { write: (line: string) => void lines.push(line) }
  return { lines, to, json: () => lines.map((line) => JSON.parse(line) as Line) }
}

async function lineOf(
  target: string,
  options: LogOptions,
  {
    app = hello,
    ...init
  }: { app?: App; headers?: Record<string, string>; environ?: Partial<Environ> } = {},
): Promise<Line> {
  const { to, json } = written()
  await client(log({ format: 'json', to, ...options })(app)).get(target, init)
  const [line = {}, ...others] = json()
  expect(others).toEqual([])
  return line
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('log', () => {
  test('takes its level from the environment, unless it is told one', async () => {
    vi.stubEnv('LOG_LEVEL', 'error')
    const { to, json } = written()
    await client(log({ format: 'json', to })(hello)).get('/')
    expect(json()).toEqual([])
    expect(await lineOf('/', { level: 'info' })).toMatchObject({ status: 200 })
    vi.stubEnv('LOG_LEVEL', '')
    expect(await lineOf('/', {})).toMatchObject({ status: 200 })
    vi.stubEnv('LOG_LEVEL', 'loud')
    expect(() => log()).toThrow(/^log: level must be one of trace, .*, silent, got "loud"$/)
  })

  test('writes a line when the last byte is gone', async () => {
    const { lines, to, json } = written()
    const slow: App = (_environ, startResponse) => {
      startResponse(200, [['content-type', 'text/plain']])
      return (async function* () {
        yield 'one'
        await sleep(30)
        expect(lines).toEqual([])
        yield 'two'
      })()
    }
    await client(log({ format: 'json', to })(slow)).post('/a%20b', { body: 'x' })
    const [line = {}] = json()
    expect(line).toMatchObject({ level: 30, method: 'POST', path: '/a%20b', protocol: 'HTTP/1.1' })
    expect(line).toMatchObject({ status: 200, bytes: 6, remote: '127.0.0.1' })
    expect(line['ms']).toBeGreaterThanOrEqual(29)
    expect(line['ms']).toBeLessThan(3000)
    expect(Date.parse(String(line['time']))).toBeCloseTo(Date.now(), -4)
    expect(Object.keys(line)).not.toContain('aborted')
    expect(lines).toHaveLength(1)
  })

  test('has the route and the user that were noted further in, and the whole path', async () => {
    const member: App<{ id: string }> = (environ, startResponse) => {
      environ['robaccia.notes'].user = 'ada'
      return text(environ, startResponse, environ['router.params'].id)
    }
    const inner = selector().add('/{id}/', { GET: member })
    const urls = selector().add('/blog|', { GET: inner })
    expect(await lineOf('/blog/first/', {}, { app: urls })).toMatchObject({
      path: '/blog/first/',
      route: '/blog/{id}/',
      user: 'ada',
    })
  })

  test('hides queries, and secrets in headers that it is told to keep', async () => {
    const options = {
      headers: ['authorization', 'cookie', 'referer', 'user-agent', 'content-type', 'x-none'],
    }
    const headers = {
      authorization: 'Bearer swordfish',
      cookie: 'id=swordfish',
      referer: 'http://example.org/?token=swordfish#swordfish',
      'user-agent': 'curl',
    }
    const hidden = await lineOf('/?token=swordfish', options, { headers })
    expect(JSON.stringify(hidden)).not.toContain('swordfish')
    expect(hidden).toMatchObject({
      path: '/',
      query: '[redacted]',
      headers: {
        authorization: '[redacted]',
        cookie: '[redacted]',
        referer: 'http://example.org/?[redacted]',
        'user-agent': 'curl',
      },
    })
    const all = await lineOf(
      '/?a=1',
      { ...options, showQuery: true, showSecrets: true },
      { headers },
    )
    expect(all).toMatchObject({ query: 'a=1', headers })
  })

  test('has no headers unless it is told to', async () => {
    const line = await lineOf('/', {}, { headers: { 'user-agent': 'curl' } })
    expect(line).not.toHaveProperty('headers')
  })

  test('adds the fields that it is given, and skips requests unless they fail', async () => {
    const { to, json } = written()
    const app: App = (environ, startResponse) =>
      empty(environ, startResponse, environ.PATH_INFO === '/bad' ? 503 : 200)
    const { get } = client(
      log({
        format: 'json',
        to,
        fields: (environ, { headers }) => ({ tenant: environ.HTTP_HOST, sent: headers.length }),
        skip: ({ PATH_INFO }) => PATH_INFO.startsWith('/health') || PATH_INFO === '/bad',
      })(app),
    )
    await get('/health')
    await get('/bad')
    await get('/')
    expect(json()).toMatchObject([
      { path: '/bad', level: 50 },
      { path: '/', tenant: 'localhost', sent: 1 },
    ])
  })

  test('marks a client that leaves, and a body that breaks off', async () => {
    const { to, json } = written()
    const endless: App = (environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        yield 'tick'
        if (environ.PATH_INFO === '/break') throw new Error('out of ticks')
        for (;;) yield 'tick'
      })()
    }
    const site = client(log({ format: 'json', to })(endless))
    const response = await site.stream('GET', '/leave')
    for await (const _ of response.body) break
    await response.abort()
    await site.get('/break').catch(() => {})
    const [left, error, broken] = json()
    expect(left).toMatchObject({ path: '/leave', level: 40, aborted: true })
    expect(error).toMatchObject({ level: 50, msg: 'out of ticks', path: '/break' })
    expect(broken).toMatchObject({ path: '/break', aborted: true, failed: true })
  })
})

describe('errors in the log', () => {
  const failing: App = () => {
    throw Object.assign(new Error('no such host', { cause: new Error('ENOTFOUND') }), {
      code: 'E1',
      config: { headers: { authorization: 'swordfish' } },
    })
  }

  test.each([
    ['without errors', failing],
    ['inside errors', errors()(failing)],
    ['inside errors that report elsewhere', errors({}, { report: () => {} })(failing)],
    ['inside errors twice', compose(errors(), errors())(failing)],
  ])('stand there once, with stack, causes and the request’s id: %s', async (_where, app) => {
    const { to, json } = written()
    const response = await client(log({ format: 'json', to })(app)).get('/?q=1')
    expect([response.status, response.errors]).toEqual([500, ''])
    const [error = {}, line = {}, ...others] = json()
    expect(others).toEqual([])
    expect(error).toMatchObject({
      level: 50,
      msg: 'no such host',
      id: line['id'],
      method: 'GET',
      path: '/',
      err: { type: 'Error', message: 'no such host', code: 'E1' },
    })
    expect((error['err'] as Line)['stack']).toMatch(
      /^Error: no such host\n[^]*log\.test\.ts[^]*\ncaused by Error: ENOTFOUND\n/,
    )
    expect(JSON.stringify(error)).not.toContain('swordfish')
    expect(line).toMatchObject({ level: 50, status: 500 })
  })

  test('are not a client’s mistakes', async () => {
    const { to, json } = written()
    const app: App = () => {
      throw createError(404, 'no such entry')
    }
    await client(log({ format: 'json', to })(errors()(app))).get('/')
    await client(log({ format: 'json', to })(app)).get('/')
    expect(json().map(({ level, status }) => [level, status])).toEqual([
      [30, 404],
      [40, 404],
    ])
  })

  test('need not be errors, and may lead back to themselves', async () => {
    const { to, json } = written()
    const { get } = client(
      log({ format: 'json', to })(
        errors()(({ PATH_INFO }) => {
          const round = new Error('round')
          round.cause = round
          throw PATH_INFO === '/round' ? round : PATH_INFO === '/word' ? 'a word' : { a: 1 }
        }),
      ),
    )
    for (const path of ['/round', '/word', '/object']) await get(path)
    const told = json().filter(({ status }) => status === undefined)
    expect(told.map(({ err }) => (typeof err === 'string' ? err : (err as Line)['type']))).toEqual([
      'Error',
      'a word',
      'object',
    ])
  })
})

describe('log.id and log.logger', () => {
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  async function idOf(trustId: boolean, headers: Record<string, string>): Promise<string> {
    const { to, json } = written()
    let inside: string | undefined
    const app: App = (environ, startResponse) => {
      inside = environ['log.id']
      environ['log.logger']?.info({ entry: 7 }, 'saved')
      return text(environ, startResponse, 'hello')
    }
    const response = await client(log({ format: 'json', to, trustId })(app)).get('/', { headers })
    const [own = {}, line = {}] = json()
    expect(own).toMatchObject({ msg: 'saved', entry: 7, id: inside })
    expect(line['id']).toBe(inside)
    expect(response.header('x-request-id')).toBe(inside)
    return inside ?? ''
  }

  const made = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

  test('are one in the environ, the response and the lines', async () => {
    expect(await idOf(false, {})).toMatch(made)
    expect(await idOf(false, {})).not.toBe(await idOf(false, {}))
  })

  test('come from a proxy only if it is trusted', async () => {
    const headers = { 'x-request-id': 'edge-7', traceparent: trace }
    expect(await idOf(true, headers)).toBe('edge-7')
    expect(await idOf(true, { traceparent: trace })).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
    expect(await idOf(false, headers)).toMatch(made)
  })

  test.each([
    { 'x-request-id': 'a"b' },
    { 'x-request-id': 'a b' },
    { 'x-request-id': 'é' },
    { 'x-request-id': 'x'.repeat(129) },
    { traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01' },
    { traceparent: 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    { traceparent: '00-4bf9-00f067aa0ba902b7-01' },
  ])('are made anew for %j', async (headers) => {
    expect(await idOf(true, headers)).toMatch(made)
  })

  test('leave an app’s own x-request-id alone', async () => {
    const app: App = (environ, startResponse) =>
      text(environ, startResponse, '', { headers: [['x-request-id', 'own']] })
    const response = await client(log({ format: 'json', to: written().to })(app)).get('/')
    expect(response.headers.filter(([name]) => name === 'x-request-id')).toEqual([
      ['x-request-id', 'own'],
    ])
  })
})

describe('format', () => {
  test('combined is Apache’s, and nothing breaks out of its quotes', async () => {
    const { lines, to } = written()
    const app: App = (environ, startResponse) => {
      environ['robaccia.notes'].user = 'ada "root"\n127.0.0.1'
      return empty(environ, startResponse, environ.PATH_INFO === '/none' ? 204 : 200)
    }
    const { get } = client(log({ format: 'combined', to })(app))
    await get('/none', { headers: { 'user-agent': 'a"b\\c', referer: 'http://x/?q=1' } })
    expect(lines[0]).toMatch(
      /^127\.0\.0\.1 - ada\\x20\\"root\\"\\n127\.0\.0\.1 \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/none HTTP\/1\.1" 204 - "http:\/\/x\/\?\[redacted\]" "a\\"b\\\\c"\n$/,
    )
    await get('/?token=swordfish')
    expect(lines[1]).toContain('"GET /?[redacted] HTTP/1.1" 200 - "-" "-"\n')
  })

  test('pretty is for people, without what moves a terminal’s cursor', async () => {
    const { lines, to } = written()
    const app: App = (environ, startResponse) => {
      environ['robaccia.notes'].user = 'ada\u001b[2J\nGET /forged 200'
      environ['log.logger']?.info('saved\u001b[31m')
      if (environ.PATH_INFO === '/fail') throw new Error('out of ink')
      return text(environ, startResponse, 'x'.repeat(1500))
    }
    const { get } = client(log({ format: 'pretty', to })(errors()(app)))
    await get('/blog/')
    await get('/fail')
    const all = lines.join('')
    expect(all).not.toContain('\u001b')
    expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: saved\\u001b\[31m\n$/)
    expect(lines[1]).toMatch(
      /INFO: GET \/blog\/ 200 \d+\.\d ms 1\.5 kB ada\\u001b\[2J\\u000aGET \/forged 200\n$/,
    )
    expect(all).toMatch(/ERROR: out of ink\n[^]*Error: out of ink\n[^]*log\.test\.ts/)
  })

  test('is JSON where standard output is no terminal', () => {
    expect(() => log({})).not.toThrow()
  })

  test.each([
    [{ format: 'xml' }, /^log: format must be one of json, combined, pretty, got "xml"$/],
    [{ level: 'loud' }, /^log: level must be one of trace, .*, silent, got "loud"$/],
    [{ headers: ['User-Agent'] }, /^log: a header must be a lower-case name, got "User-Agent"$/],
    [
      { to: '/no/such/folder/log' },
      /^log: a file must be one that can be written, got .* \(ENOENT\)$/,
    ],
    [
      { logger: pino({}, written().to), level: 'info' },
      /^log: level must not be given beside logger/,
    ],
  ])('and its neighbours are checked: %#', (options, message) => {
    expect(() => log({ to: written().to, ...options } as LogOptions)).toThrow(TypeError)
    expect(() => log(options as LogOptions)).toThrow(message)
  })

  test('is the logger’s own, where there is one', async () => {
    const { to, json } = written()
    await client(log({ logger: pino({ base: { app: 'blog' } }, to) })(hello)).get('/')
    expect(json()).toMatchObject([{ app: 'blog', path: '/', status: 200 }])
  })
})

describe('to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'robaccia-log-'))

  test('a file gets all lines in their order, soon', async () => {
    const file = join(folder, 'access.log')
    const { get } = client(log({ to: file, format: 'json' })(hello))
    for (let at = 0; at < 100; at++) await get(`/${at}`)
    await vi.waitFor(() => {
      const paths = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Line)['path'])
      expect(paths).toEqual(Array.from({ length: 100 }, (_, at) => `/${at}`))
    }, 5000)
    rmSync(folder, { recursive: true })
  })

  test.runIf(process.platform === 'linux')(
    'a full disk is told once, and requests go on',
    async () => {
      const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
      const { get } = client(log({ to: '/dev/full', format: 'json' })(hello))
      for (let at = 0; at < 300; at++) expect((await get('/')).status).toBe(200)
      await vi.waitFor(() => expect(told).toHaveBeenCalled(), 5000)
      for (let at = 0; at < 300; at++) expect((await get('/')).status).toBe(200)
      await sleep(1200)
      const lines = told.mock.calls.map(([line]) => line)
      told.mockRestore()
      expect(lines).toEqual([
        'log: /dev/full must take what is written, got ENOSPC: requests go on, their lines are lost\n',
      ])
    },
  )
})
