// Redis holds everything up for a second: sessions, counters and cache on one site.
import { rateLimit, sessionOf, sessions } from '@robaccia/auth'
import { cache, cached } from '@robaccia/cache'
import { redisStore } from '@robaccia/cache/redis'
import { compose, errors, mount, text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text as whole } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { url, wire } from '../cache/redis.js'
import { secret } from './site.js'

const unique = () => `test-${randomBytes(6).toString('hex')}`

/** Serves a page of the session's, and tells where. */
const program = `
  import { rateLimit, sessionOf, sessions } from '@robaccia/auth'
  import { cache } from '@robaccia/cache'
  import { compose, errors, serve, text } from '@robaccia/core'
  const { REDIS: store, SECRET: secret, NAME: name } = process.env
  const site = compose(errors(), cache({ store }), rateLimit({ limit: 100, name, counters: store }), sessions({ secret, store }))
  const server = await serve(site((environ, startResponse) => {
    const session = sessionOf(environ)
    session.set('visits', (session.get('visits') ?? 0) + 1)
    return text(environ, startResponse, String(session.get('visits')))
  }), { port: 0, host: '127.0.0.1' })
  console.log(server.url)`

describe.skipIf(url === undefined)('a Redis that stalls', { timeout: 20_000 }, () => {
  test('holds up no page for longer than it may, and the operator is told once by each', async () => {
    const line = await wire()
    onTestFinished(() => line.close())
    const kept = redisStore({ url: line.url, prefix: `${unique()}:` })
    onTestFinished(() => kept.close())
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    onTestFinished(() => stderr.mockRestore())
    const { get } = client(
      compose(
        errors(),
        cache({ store: kept }),
      )(
        mount({
          '/cached': cached(60)((environ, startResponse) => text(environ, startResponse, 'kept')),
          '/counted': rateLimit({ limit: 1000, name: unique(), counters: line.url })(
            (environ, startResponse) => text(environ, startResponse, 'counted'),
          ),
          '/': sessions({ secret, store: line.url })((environ, startResponse) => {
            const session = sessionOf(environ)
            session.set('visits', (session.get('visits') ?? 0) + 1)
            return text(environ, startResponse, 'visited')
          }),
        }),
      ),
    )
    const paths = ['/cached/', '/counted/', '/visited']
    const good = async (): Promise<void> => {
      const answers = await Promise.all(paths.map((path) => get(path)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(answers[0]?.header('cache-status')).toContain('; hit;')
    }
    await vi.waitFor(good, { timeout: 3000, interval: 20 })

    const goOn = line.stall()
    const asked = []
    for (let round = 0; round < 12; round++) {
      for (const path of paths) {
        const began = performance.now()
        asked.push(get(path).then((it) => ({ path, ...it, took: performance.now() - began })))
      }
      await sleep(100)
      if (round === 9) goOn()
    }
    const answers = await Promise.all(asked)
    const of = (which: string) => answers.filter(({ path }) => path === which)
    for (const { took } of answers) expect(took).toBeLessThan(2500)
    expect(
      of('/cached/').every(({ status, text: body }) => status === 200 && body === 'kept'),
    ).toBe(true)
    expect(of('/counted/').every(({ status }) => status === 200)).toBe(true)
    for (const { status, errors: told } of of('/visited')) {
      expect([200, 503]).toContain(status)
      // Each that fails is an error of its own.
      expect(told.includes('sessions can’t be reached just now')).toBe(status === 503)
    }
    const all = answers.map(({ errors: told }) => told).join('')
    expect(all.match(/the cache’s store failed/g)).toHaveLength(1)
    const lines = stderr.mock.calls.map(([said]) => String(said))
    expect(lines.filter((said) => said.startsWith('redisCounters: '))).toHaveLength(lines.length)
    expect(lines.length).toBeLessThanOrEqual(1)
    await vi.waitFor(good, { timeout: 5000, interval: 50 })
  })

  test.each(['stall', 'silence'] as const)(
    'lets a process end that is asked to: %s',
    async (how) => {
      const line = await wire()
      onTestFinished(() => line.close())
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        cwd: import.meta.dirname,
        env: { ...process.env, REDIS: line.url, SECRET: secret, NAME: unique() },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      const told = whole(child.stderr)
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const { value: site } = await lines.next()
      expect((await fetch(`${site}/`)).status).toBe(200)
      line[how]()
      const held = fetch(`${site}/`, { headers: { connection: 'close' } })
      await sleep(100)
      const began = performance.now()
      child.kill('SIGTERM')
      expect(await once(child, 'exit')).toEqual([0, null])
      expect(performance.now() - began).toBeLessThan(4000)
      expect((await held).status).toBe(503)
      const said = await told
      expect(said.match(/the cache’s store failed/g)).toHaveLength(1)
      expect(said.match(/^redisCounters: this process counts for itself: /gm)).toHaveLength(1)
      expect(said.match(/sessions can’t be reached just now/g)).toHaveLength(1)
    },
  )
})
