// The threats that the README lists, each against a whole site.
import {
  allow,
  basic,
  bearer,
  login,
  logout,
  memoryCounters,
  passwords,
  sessionOf,
  sessions,
  throttle,
  type Counters,
} from '@robaccia/auth'
import { cache, cached } from '@robaccia/cache'
import { compose, errors, mount, proxied, redirect, sameOrigin, text } from '@robaccia/core'
import type { App, HeaderList } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { log } from '@robaccia/log'
import createError from 'http-errors'
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { observed, secret } from './site.js'

const readme = readFileSync(new URL('../../packages/auth/README.md', import.meta.url), 'utf8')
const tested: string[] = []

const lines: string[] = []
const { hash, verify } = passwords({ memoryCost: 8, timeCost: 1 })
const kept = await hash('swordfish')

const cart: App = (environ, startResponse) => {
  const session = sessionOf(environ)
  if (environ.REQUEST_METHOD !== 'POST')
    return text(environ, startResponse, session.get('theme') ?? 'empty')
  session.set('theme', 'pear')
  return redirect(environ, startResponse, '/cart/')
}
const secrets: App = (environ, startResponse) =>
  text(environ, startResponse, `the secrets of ${environ['auth.user']?.name}`)

/** What throttles have counted by. */
const counted: string[] = []
const counters: Counters = (options) => {
  const counter = memoryCounters(options)
  const consume = counter.consume.bind(counter)
  counter.consume = (key, ...rest) => {
    counted.push(String(key))
    return consume(key, ...rest)
  }
  return counter
}

function site(store = observed()) {
  const app = compose(
    proxied({ trust: 'loopback' }),
    log({ format: 'json', to: { write: (line) => lines.push(line) }, headers: ['user-agent'] }),
    errors(),
    sessions({ secret, store, login: '/login/' }),
    sameOrigin(),
  )(
    mount({
      '/login': login({
        verify: async (name, password) =>
          (await verify(password, name === 'joe' ? kept : undefined)) ? { name } : undefined,
        throttle: throttle({ account: 3, address: 5, counters }),
      }),
      '/logout': logout(),
      '/cart': cart,
      '/missing': missing,
      '/': allow()(secrets),
    }),
  )
  return client(app)
}
const joe = { form: { name: 'joe', password: 'swordfish' } }

/** Its error may be cached, it says. */
const missing: App = () => {
  throw createError(404, { headers: { 'cache-control': 'max-age=60' } })
}

function threat(name: string, run: () => Promise<void>): void {
  tested.push(name)
  test(name, run)
}

describe('the threats that the README lists', () => {
  threat('Fixation', async () => {
    const attacker = site()
    await attacker.post('/cart/')
    const cookie = `session=${attacker.cookies.get('session')}`
    // The victim logs in with the cookie that the attacker has planted.
    const entered = await attacker.post('/login/', { ...joe, headers: { cookie } })
    expect(entered.status).toBe(303)
    attacker.cookies.clear()
    expect((await attacker.get('/', { headers: { cookie } })).status).toBe(401)
    expect((await attacker.get('/cart/', { headers: { cookie } })).text).toBe('empty')
    // Nor is an id taken that is known, but not signed by us.
    await attacker.post('/cart/')
    const [id] = attacker.cookies.get('session')?.split('.') ?? []
    attacker.cookies.clear()
    const forged = { headers: { cookie: `session=${id}.${'A'.repeat(43)}` } }
    expect((await attacker.get('/cart/', forged)).text).toBe('empty')
  })

  threat('Theft by scripts', async () => {
    const response = await site().post('/login/', joe)
    expect(response.header('set-cookie')).toContain('; HttpOnly')
  })

  threat('Theft by the network', async () => {
    const { get, post, cookies } = site()
    const https = { headers: { 'x-forwarded-proto': 'https' } }
    const response = await post('/login/', { ...joe, ...https })
    expect(response.header('set-cookie')).toMatch(/^__Host-session=.*; Secure/)
    const plain = await post('/login/', joe)
    expect(plain.header('set-cookie')).toMatch(/^session=/)
    const cookie = `__Host-session=${cookies.get('session')}; session=${cookies.get('session')}`
    cookies.clear()
    const stolen = await get('/', { headers: { cookie, 'x-forwarded-proto': 'https' } })
    expect(stolen.status).toBe(401)
  })

  threat('Theft from the store', async () => {
    const store = observed()
    const { get, post, cookies } = site(store)
    await post('/login/', joe)
    const [id = ''] = cookies.get('session')?.split('.') ?? []
    expect(store.calls.join('\n')).not.toContain(id)
    const known = /^create (\S+)/m.exec(store.calls.join('\n'))?.[1] ?? ''
    cookies.clear()
    for (const value of [known, `${known}.${known}`]) {
      expect((await get('/', { headers: { cookie: `session=${value}` } })).status).toBe(401)
    }
  })

  threat('Forged requests (CSRF)', async () => {
    const { get, post } = site()
    const foreign = { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } }
    expect((await post('/login/', { ...joe, ...foreign })).status).toBe(403)
    const entered = await post('/login/', joe)
    expect(entered.header('set-cookie')).toContain('; SameSite=Lax')
    expect((await post('/cart/', foreign)).status).toBe(403)
    expect((await post('/logout/', foreign)).status).toBe(403)
    // A GET of another site changes nothing.
    await get('/logout/', foreign)
    expect((await get('/')).text).toBe('the secrets of joe')
    // Logging in and out needs no guard further out.
    const verifyJoe = (name: string) => ({ name })
    const bare = client(
      compose(
        errors(),
        sessions(),
      )(
        mount({
          '/login': login({ verify: verifyJoe }),
          '/logout': logout(),
          '/': allow()(secrets),
        }),
      ),
    )
    expect((await bare.post('/login/', { ...joe, ...foreign })).status).toBe(403)
    await bare.post('/login/', joe)
    expect((await bare.post('/logout/', foreign)).status).toBe(403)
    expect((await bare.get('/')).text).toBe('the secrets of joe')
  })

  threat('Brute force', async () => {
    const { post } = site()
    const statuses: number[] = []
    for (let round = 0; round < 5; round++) {
      // The header is the attacker's own: only the last hop's word counts.
      const headers = { 'x-forwarded-for': `10.0.0.${round}, 198.51.100.${round}` }
      const form = { name: 'joe', password: `guess ${round}` }
      statuses.push((await post('/login/', { form, headers })).status)
    }
    expect(statuses).toEqual([422, 422, 422, 429, 429])
    expect((await post('/login/', joe)).status).toBe(429)
    // One password for many accounts.
    const sprayed: number[] = []
    const other = site()
    for (let round = 0; round < 6; round++) {
      const form = { name: `user ${round}`, password: '123456' }
      sprayed.push((await other.post('/login/', { form })).status)
    }
    expect(sprayed).toEqual([422, 422, 422, 422, 422, 429])
    // Who is over the limit has no password looked at, be it right.
    const looked = vi.fn((name: string, password: string) =>
      password === 'swordfish' ? { name } : undefined,
    )
    const options = { verify: looked, throttle: throttle({ account: 2 }) }
    const guarded = client(compose(errors(), basic({ realm: 'staff', ...options }))(secrets))
    const guesses: number[] = []
    for (const password of ['one', 'two', 'three', 'swordfish']) {
      const headers = { authorization: `Basic ${btoa(`joe:${password}`)}` }
      guesses.push((await guarded.get('/', { headers })).status)
    }
    expect(guesses).toEqual([401, 401, 429, 429])
    expect(looked).toHaveBeenCalledTimes(2)
  })

  threat('Enumeration', async () => {
    const answers: unknown[] = []
    for (const name of ['joe', 'nobody']) {
      const { post } = site()
      const own: unknown[] = []
      for (let round = 0; round < 5; round++) {
        const { status, text: page } = await post('/login/', { form: { name, password: 'wrong' } })
        own.push(status, page.replaceAll(name, ''))
      }
      answers.push(own)
    }
    expect(answers[0]).toEqual(answers[1])
  })

  threat('Open redirects', async () => {
    const { get, post } = site()
    // The path of a request may look like another host.
    const browser = { headers: { accept: 'text/html' } }
    const location = (await get('//evil.example/', browser)).header('location') ?? ''
    expect(location).toMatch(/^\/login\/\?next=/)
    const response = await post(location, joe)
    expect(response.header('location')).toBe('/')
    for (const next of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example/',
      '\\\\evil.example/',
      '/\t/evil.example/',
      '/\n/evil.example/',
      'javascript:alert(1)',
      '/'.padEnd(3000, 'x'),
    ]) {
      const asked = site()
      const form = { ...joe.form, next }
      expect((await asked.post('/login/', { form })).header('location')).toBe('/')
      const query = `/login/?next=${encodeURIComponent(next)}`
      expect((await asked.post(query, joe)).header('location')).toBe('/')
    }
    const inside = { form: { ...joe.form, next: '/cart/?a=b' } }
    expect((await site().post('/login/', inside)).header('location')).toBe('/cart/?a=b')
  })

  threat('Caches', async () => {
    const { get, post } = site()
    for (const ask of [
      () => get('/'),
      () => post('/login/', joe),
      () => get('/'),
      () => get('/x'),
      () => get('/missing/'),
    ]) {
      expect((await ask()).header('cache-control')).toMatch(/\bprivate\b/)
    }
    expect((await get('/login/')).header('cache-control')).toBe('no-store')
    const authorization = `Basic ${btoa('joe:swordfish')}`
    const byPassword = basic({ realm: 'staff', verify: (name) => ({ name }) })
    for (const guard of [byPassword, bearer({ verify: (name) => ({ name }) })]) {
      const guarded = client(compose(cache(), guard, cached(60))(secrets))
      for (const headers of [{ authorization }, { authorization: 'Bearer joe' }]) {
        await guarded.get('/', { headers })
      }
      expect((await guarded.get('/')).status).toBe(401)
      const open: App = (environ, startResponse) => {
        const headers: HeaderList = [
          ['cache-control', 'public, s-maxage=60'],
          ['cdn-cache-control', 'public, max-age=60'],
        ]
        return text(environ, startResponse, 'hello', { headers })
      }
      const answer = await client(guard(open)).get('/', {
        headers: { authorization: guard === byPassword ? authorization : 'Bearer joe' },
      })
      expect(answer.headers).toContainEqual(['cache-control', 'private'])
      expect(answer.header('cdn-cache-control')).toBeUndefined()
    }
    // Where strangers are let in too, their copy is not given to users.
    const greeting = cached(60)((environ, startResponse) =>
      text(environ, startResponse, environ['auth.user']?.name ?? 'a stranger'),
    )
    const verifyAll = (name: string) => ({ name })
    for (const [guard, credentials] of [
      [basic({ realm: 'staff', verify: verifyAll, optional: true }), authorization],
      [bearer({ verify: verifyAll, optional: true }), 'Bearer joe'],
    ] as const) {
      for (const app of [greeting, missing]) {
        const open = client(compose(cache(), errors(), guard)(app))
        const answers = []
        for (const headers of [{}, { authorization: credentials }, {}]) {
          answers.push((await open.get('/', { headers })).header('cache-status'))
        }
        expect(answers).toEqual([
          expect.stringMatching(/fwd=uri-miss; .* stored$/),
          expect.stringMatching(/fwd=vary-miss; fwd-status=\d+$/),
          expect.stringMatching(/; hit;/),
        ])
      }
    }
  })

  threat('Secrets in logs', async () => {
    lines.length = 0
    counted.length = 0
    const store = observed()
    const { get, post, cookies } = site(store)
    await post('/login/?password=swordfish', { form: { name: 'swordfish', password: 'swordfish' } })
    await post('/login/', joe)
    await get('/')
    const broken = { ...store, read: () => Promise.reject(new Error('nobody answers')) }
    const value = cookies.get('session') ?? ''
    await site(broken).get('/', { headers: { cookie: `session=${value}` } })
    const all = [...lines, ...counted].join('\n')
    expect(counted.length).toBeGreaterThan(2)
    expect(all).toContain('nobody answers')
    expect(all).toContain('"user":"joe"')
    for (const each of ['swordfish', secret, kept, ...value.split('.')]) {
      expect(all).not.toContain(each)
    }
    expect(() => sessions({ secret: 'swordfish' })).not.toThrow(/swordfish/)
    const guarded = client(basic({ realm: 'staff', verify: () => undefined })(secrets))
    const authorization = `Basic ${btoa('joe:swordfish')}`
    expect((await guarded.get('/', { headers: { authorization } })).errors).toBe('')
  })

  afterAll(() => {
    // What is listed is tested, and what is tested is listed.
    const list = readme.slice(readme.indexOf('## Threats'))
    const listed = [...list.matchAll(/\*\*([^*]+)\*\*/g)].map(([, name]) => name)
    expect(listed).toEqual(tested)
  })
})
