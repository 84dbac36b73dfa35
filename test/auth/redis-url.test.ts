// Redis by its URL: found when it is there, done without when it is not, and never what keeps a process.
import { rateLimit, sessionOf, sessions, throttle } from '@robaccia/auth'
import { cache } from '@robaccia/cache'
import { compose, errors, text, type App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { secret } from './site.js'

const { redis } = inject('services')
const unique = () => `test-${randomBytes(6).toString('hex')}`

/** A way to Redis that can be closed, opened again, and stopped up. */
async function wayTo(url: string) {
  const { hostname, port, username, password, pathname } = new URL(url)
  const sockets = new Set<Socket>()
  let isStopped = false
  let count = 0
  const listener = createServer((near) => {
    count += 1
    const far = connect(Number(port || 6379), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('data', (data) => {
        if (!isStopped) other.write(data)
      })
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  const open = async (at = 0) => {
    listener.listen(at, '127.0.0.1')
    await once(listener, 'listening')
    return (listener.address() as AddressInfo).port
  }
  const close = async () => {
    if (!listener.listening) return
    const closed = once(listener, 'close')
    listener.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  onTestFinished(close)
  const here = await open()
  const login = username === '' && password === '' ? '' : `${username}:${password}@`
  return {
    url: `redis://${login}127.0.0.1:${here}${pathname}`,
    close,
    reopen: () => open(here),
    stop: (isNow: boolean) => {
      isStopped = isNow
    },
    connections: () => count,
  }
}

/** A URL where nobody listens. */
async function nowhere(): Promise<string> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return `redis://127.0.0.1:${port}`
}

const pages: App = (environ, startResponse) => {
  if (environ.PATH_INFO === '/plain') return text(environ, startResponse, 'plain')
  const session = sessionOf(environ)
  session.set('visits', (session.get('visits') ?? 0) + 1)
  return text(environ, startResponse, `${session.get('visits')}`)
}

const siteAt = (url: string) => client(compose(errors(), sessions({ secret, store: url }))(pages))

/** Lets nothing out on standard error. */
function quiet() {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => stderr.mockRestore())
  return stderr
}

/** A process with a server that asks itself for a line's path, until its input ends. */
const script = `
  import { rateLimit, sessionOf, sessions } from '@robaccia/auth'
  import { compose, errors, serve, text } from '@robaccia/core'
  import { createInterface } from 'node:readline'
  const { REDIS: store, SECRET: secret, NAME: name } = process.env
  const site = compose(errors(), rateLimit({ limit: 100, name, counters: store }), sessions({ secret, store }))
  const server = await serve(site((environ, startResponse) => {
    const session = sessionOf(environ)
    if (environ.PATH_INFO === '/login') session.login({ name: 'joe' })
    return text(environ, startResponse, session.user?.name ?? 'nobody')
  }), { port: 0 })
  let cookie = ''
  for await (const path of createInterface({ input: process.stdin })) {
    const response = await fetch(server.url + path, { headers: { cookie, connection: 'close' } })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    console.log(JSON.stringify({ status: response.status, text: await response.text(), cookie }))
  }
  await server.close()
  console.log('closed')`

function start(url: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    env: { ...process.env, REDIS: url, SECRET: secret, NAME: unique() },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await lines.next()).value)
  return {
    async ask(path: string): Promise<Record<'status' | 'text' | 'cookie', unknown>> {
      child.stdin.write(`${path}\n`)
      return JSON.parse(await next())
    },
    /** Milliseconds between the end of the server and that of the process. */
    async end(): Promise<number> {
      const exit = once(child, 'exit')
      child.stdin.end()
      expect(await next()).toBe('closed')
      const closed = performance.now()
      expect(await exit).toEqual([0, null])
      return performance.now() - closed
    },
  }
}

describe.runIf(redis)('the URL of a Redis', { timeout: 20_000 }, () => {
  const url = redis ?? ''

  test('keeps sessions for all processes, none of which it keeps from ending', async () => {
    const one = start(url)
    const { cookie } = await one.ask('/login')
    const { get } = client(
      sessions({ secret, store: url })((environ, startResponse) =>
        text(environ, startResponse, environ['auth.user']?.name ?? 'nobody'),
      ),
    )
    expect((await get('/', { headers: { cookie: String(cookie) } })).text).toBe('joe')
    expect(await one.end()).toBeLessThan(1000)
  })

  test('lets a process end for which it has gone', async () => {
    const way = await wayTo(url)
    const child = start(way.url)
    expect(await child.ask('/login')).toMatchObject({ status: 200, text: 'joe' })
    await way.close()
    expect(await child.ask('/')).toMatchObject({ status: 503 })
    expect(await child.end()).toBeLessThan(1000)
  })

  test('is one connection for sessions and all that counts', async () => {
    const way = await wayTo(url)
    const throttled = throttle({ counters: way.url, name: unique() })
    const { get } = client(
      compose(
        rateLimit({ limit: 9, counters: way.url, name: unique() }),
        sessions({ secret, store: way.url }),
      )(async (environ, startResponse) => {
        await throttled.attempt(environ, 'joe', () => undefined)
        return pages(environ, startResponse)
      }),
    )
    await Promise.all([get('/'), get('/'), get('/')])
    expect((await get('/')).status).toBe(200)
    expect(way.connections()).toBe(1)
  })

  test('is asked again once it is back', async () => {
    const way = await wayTo(url)
    const { get } = siteAt(way.url)
    const name = unique()
    // Two processes, of which one has another way.
    const limited = (counters: string) =>
      client(compose(errors(), rateLimit({ limit: 2, counters, name }))(pages))
    const [one, other] = [limited(way.url), limited(url)]
    expect((await get('/')).text).toBe('1')
    expect((await one.get('/plain')).status).toBe(200)
    const stderr = quiet()
    await way.close()
    for (let round = 0; round < 3; round++) {
      expect((await get('/')).status).toBe(503)
      expect((await get('/plain')).text).toBe('plain')
    }
    // In this process alone.
    const statuses = []
    for (let round = 0; round < 3; round++) statuses.push((await one.get('/plain')).status)
    expect(statuses).toEqual([200, 200, 429])
    await way.reopen()
    await vi.waitFor(async () => expect((await get('/')).text).toBe('2'), {
      timeout: 3000,
      interval: 100,
    })
    expect((await one.get('/plain')).status).toBe(200)
    expect((await other.get('/plain')).status).toBe(429)
    expect(stderr).toHaveBeenCalledOnce()
  })

  test('is waited for a second at most, and connected to anew', async () => {
    const way = await wayTo(url)
    const { get } = siteAt(way.url)
    expect((await get('/')).text).toBe('1')
    way.stop(true)
    const began = performance.now()
    const late = await get('/')
    expect(late).toMatchObject({ status: 503 })
    expect(late.errors).toContain('redis must answer within 1000 ms, got nothing')
    // Who comes soon after does not wait.
    expect((await get('/')).errors).toContain('got no connection a moment ago')
    expect(performance.now() - began).toBeLessThan(1500)
    // Connecting takes no longer: nobody answers there either.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect((await get('/')).status).toBe(503)
    way.stop(false)
    await vi.waitFor(async () => expect((await get('/')).text).toBe('2'), {
      timeout: 3000,
      interval: 100,
    })
    expect(way.connections()).toBe(3)
  })
})

describe('a URL of Redis where nobody listens', { timeout: 20_000 }, () => {
  test('is a 503 for pages that ask for the session, and counts in this process', async () => {
    quiet()
    const url = await nowhere()
    const { get } = siteAt(url)
    expect((await get('/')).status).toBe(503)
    expect((await get('/plain')).text).toBe('plain')
    const limited = client(
      compose(errors(), rateLimit({ limit: 1, counters: url, name: unique() }))(pages),
    )
    expect((await limited.get('/plain')).status).toBe(200)
    expect((await limited.get('/plain')).status).toBe(429)
  })

  test('lets the process end', async () => {
    const child = start(await nowhere())
    expect(await child.ask('/login')).toMatchObject({ status: 503 })
    expect(await child.end()).toBeLessThan(1000)
  })
})

describe('a URL that is none of Redis', () => {
  const places: [string, string, (url: string) => unknown][] = [
    ['sessions: store', 'a store', (store) => sessions({ secret, store })],
    ['throttle: counters', 'counters', (counters) => throttle({ counters })],
    ['rateLimit: counters', 'counters', (counters) => rateLimit({ limit: 1, counters })],
    // The other package that takes one says the same.
    ['cache: store', 'a store', (store) => cache({ store })],
  ]
  const wrong = ['', 'localhost', 'http://u:s3cret@h', 'redis:h', null as never, 7 as never]

  test.each(places)('is refused at once as %s', (subject, kind, make) => {
    for (const url of wrong) {
      expect(() => make(url)).toThrow(
        new TypeError(
          `${subject} must be ${kind} or a URL that begins with redis:// or rediss://, got another`,
        ),
      )
    }
    for (const url of [
      'redis://h/s3cret',
      'redis://u:s3%cret@h',
      'redis://u:s3%ffcret@h',
      'redis://h:s3cret',
      'redis:///0',
    ]) {
      expect(() => make(url)).toThrow(
        new TypeError(
          `${subject} must be a URL of the form redis://user:password@host:port/database, percent-encoded, got another`,
        ),
      )
    }
  })

  test('needs a secret as any store does', () => {
    expect(() => sessions({ store: 'redis://localhost' })).toThrow('sessions: secret must be given')
  })

  test('says which package to install', () => {
    // A loader under which it is not found.
    const missing = `
      import Module from 'node:module'
      const resolve = Module._resolveFilename
      Module._resolveFilename = function (request, ...rest) {
        if (request === 'redis') throw Object.assign(new Error('not found'), { code: 'MODULE_NOT_FOUND' })
        return resolve.call(this, request, ...rest)
      }
      const { rateLimit, sessions, throttle } = await import('@robaccia/auth')
      const { cache } = await import('@robaccia/cache')
      const url = 'redis://u:s3cret@h'
      const secret = 'x'.repeat(32)
      for (const make of [
        () => sessions({ secret, store: url }),
        () => throttle({ counters: url }),
        () => rateLimit({ limit: 1, counters: url }),
        () => cache({ store: url }),
      ]) try { make() } catch (error) { console.log(String(error)) }`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', missing], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const said = 'TypeError: the package redis must be installed for'
    expect(stdout.trim().split('\n')).toEqual(
      places.map(([subject]) => `${said} ${subject} by a URL: npm install redis`),
    )
  })
})

test.each(['redis-connection.ts', 'redis-url.ts'])(
  '%s is the same in auth and in cache',
  (name) => {
    const [own, other] = ['auth', 'cache'].map((folder) =>
      readFileSync(new URL(`../../packages/${folder}/src/${name}`, import.meta.url), 'utf8'),
    )
    expect(own).toBe(other)
  },
)
