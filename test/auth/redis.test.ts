// Redis when it is slow, or gone; and counters that several processes share.
import { rateLimit, sessionOf, sessions, throttle, type Throttle } from '@robaccia/auth'
import { type RedisClient, redisCounters, redisStore } from '@robaccia/auth/redis'
import { compose, errors, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { randomBytes } from 'node:crypto'
import { createClient } from 'redis'
import { afterAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { secret } from './site.js'

const { redis } = inject('services')
const prefix = `test:${randomBytes(6).toString('hex')}:`

const never = () => new Promise<never>(() => {})
const hanging: RedisClient = { isReady: true, eval: never, hGetAll: never, del: never }
const gone: RedisClient = { ...hanging, isReady: false }

const visits: App = (environ, startResponse) => {
  if (environ.PATH_INFO === '/plain') return text(environ, startResponse, 'plain')
  const session = sessionOf(environ)
  session.set('visits', (session.get('visits') ?? 0) + 1)
  return text(environ, startResponse, `${session.get('visits')}`)
}

async function attempts(throttled: Throttle, count: number): Promise<number> {
  let looks = 0
  const site = client(async (environ, startResponse) => {
    await throttled.attempt(environ, 'joe', () => {
      looks += 1
      return undefined
    })
    return text(environ, startResponse, '')
  })
  for (let round = 0; round < count; round++) await site.get('/')
  return looks
}

describe.each([
  ['slow', hanging, 'redis must answer within 50 ms, got nothing'],
  ['gone', gone, 'redis must be connected, got no connection'],
])('Redis that is %s', (_what, broken, message) => {
  test('makes pages that ask for the session a 503, and no others', async () => {
    const site = compose(
      errors(),
      sessions({ secret, store: redisStore(broken, { timeout: 50 }) }),
    )(visits)
    const { get } = client(site)
    const response = await get('/')
    expect(response.status).toBe(503)
    expect(response.text).toContain('sessions can’t be reached just now: try again in a moment')
    expect(response.header('retry-after')).toBe('5')
    expect(response.errors).toContain(message)
    expect((await get('/plain')).text).toBe('plain')
  })

  test('leaves each process to count for itself, which says so once', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    onTestFinished(() => stderr.mockRestore())
    const counters = redisCounters(broken, { timeout: 50 })
    expect(await attempts(throttle({ account: 2, counters }), 4)).toBe(2)
    const { get } = client(compose(errors(), rateLimit({ limit: 1, counters }))(visits))
    expect((await get('/plain')).status).toBe(200)
    expect((await get('/plain')).status).toBe(429)
    expect(stderr.mock.calls.map(([said]) => said)).toEqual([
      `redisCounters: this process counts for itself: Error: ${message}\n`,
    ])
  })
})

describe.runIf(redis)('Redis', () => {
  const connections: { close(): unknown }[] = []
  const connect = async () => {
    const one = createClient({ url: redis ?? '' })
    await one.connect()
    connections.push(one)
    return one
  }
  afterAll(async () => {
    await Promise.all(connections.map((each) => each.close()))
  })

  test('counts for several processes', async () => {
    const counters = await Promise.all(
      [1, 2].map(async () => redisCounters(await connect(), { prefix })),
    )
    let looks = 0
    for (const each of counters) {
      looks += await attempts(throttle({ account: 3, counters: each, window: 60_000 }), 2)
    }
    expect(looks).toBe(3)
    const limited = counters.map((each) =>
      client(compose(errors(), rateLimit({ limit: 3, counters: each, window: 60_000 }))(visits)),
    )
    const statuses: number[] = []
    for (const each of [...limited, ...limited]) statuses.push((await each.get('/plain')).status)
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  test('forgives an account whose user has come', async () => {
    const counters = redisCounters(await connect(), { prefix })
    const throttled = throttle({ account: 2, counters, name: 'forgiving', window: 60_000 })
    const site = client(async (environ, startResponse) => {
      const { user } = await throttled.attempt(environ, 'ann', () =>
        environ.PATH_INFO === '/right' ? { name: 'ann' } : undefined,
      )
      return text(environ, startResponse, user?.name ?? 'nobody')
    })
    const answers: string[] = []
    for (const path of ['/wrong', '/right', '/wrong', '/right', '/wrong', '/wrong', '/right']) {
      answers.push((await site.get(path)).text)
    }
    expect(answers).toEqual(['nobody', 'ann', 'nobody', 'ann', 'nobody', 'nobody', 'nobody'])
  })

  test('forgets sessions by itself', async () => {
    const connection = await connect()
    const store = redisStore(connection, { prefix })
    await store.create('x', { values: { a: '1' }, created: 1, expires: Date.now() + 60_000 })
    expect(await connection.pTTL(`${prefix}x`)).toBeGreaterThan(50_000)
    await store.update('x', { set: {}, deleted: [], expires: Date.now() + 90_000 })
    expect(await connection.pTTL(`${prefix}x`)).toBeGreaterThan(80_000)
    await store.delete('x')
    expect(await connection.exists(`${prefix}x`)).toBe(0)
  })

  test('refuses times that are none', async () => {
    expect(() => redisStore(gone, { timeout: 0 })).toThrow('redisStore: timeout must be')
    expect(() => redisCounters(gone, { timeout: -1 })).toThrow('redisCounters: timeout must be')
  })
})
