// The threats that the README lists, each as an attack.
import { basic } from '@robaccia/auth'
import { compose, errors, mount, selector, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { log, metrics, type LogOptions } from '@robaccia/log'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text as whole } from 'node:stream/consumers'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'

const readme = readFileSync(new URL('../../packages/log/README.md', import.meta.url), 'utf8')
const tested: string[] = []

function threat(name: string, run: () => Promise<void>): void {
  tested.push(name)
  test(name, run)
}

/** What an attacker sends, wherever the site lets it through. */
const forged = '\u001b[2J\u009b2J\u0085\r\n{"level":50}\u2028" 200 - "-'

/** An app that says what it was sent: as a user, in a line and in an error. */
const careless: App = (environ, startResponse) => {
  const logger = environ['log.logger']
  environ['robaccia.notes'].user = forged
  logger?.info({ tried: forged, [forged]: forged }, forged)
  if (environ.PATH_INFO !== '/fail') return text(environ, startResponse, 'hello')
  throw Object.assign(new Error(forged, { cause: new Error(forged) }), { code: forged })
}

function site(options: LogOptions, app: App = careless) {
  const lines: string[] = []
  const to = { write: (line: string) => void lines.push(line) }
  return { lines, ...client(compose(log({ to, ...options }), errors())(app)) }
}

// oxlint-disable-next-line no-control-regex -- they are what must not be written
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/

describe('the threats that the README lists', () => {
  threat('Log injection', async () => {
    const headers = { 'user-agent': 'a" 200 "b\\', referer: '/"\u009b', 'x-request-id': 'a\u0085b' }
    for (const format of ['json', 'combined', 'pretty'] as const) {
      // Errors stand elsewhere in Apache's logs, and so do they here.
      const level = format === 'combined' ? 'silent' : 'info'
      const { get, lines } = site({
        format,
        level,
        headers: ['user-agent', 'referer'],
        trustId: true,
      })
      const answer = await get('/', { headers })
      await get('/fail', { headers })
      expect(answer.header('x-request-id')).toMatch(/^[\da-f-]{36}$/)
      if (format === 'combined') {
        expect(lines).toHaveLength(2)
        for (const line of lines) {
          expect(line).toMatch(
            /^[\d.]+ - \S+ \[[^\]]+\] "GET \S+ HTTP\/1\.1" \d+ \S+ "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"\n$/,
          )
        }
      }
      if (format === 'json') {
        for (const line of lines) {
          expect(line.indexOf('\n')).toBe(line.length - 1)
          expect(JSON.parse(line)).toHaveProperty('id')
        }
      } else {
        for (const line of lines) expect(line).not.toMatch(CONTROL)
        expect(lines.join('')).not.toMatch(/^\{"level":50\}/m)
      }
    }
  })

  threat('Secrets in logs', async () => {
    const headers = {
      authorization: 'Bearer swordfish',
      'proxy-authorization': 'Basic swordfish',
      cookie: 'session=swordfish',
      referer: 'http://localhost/reset?token=swordfish#swordfish',
    }
    const failing: App = () => {
      const config = { headers: { authorization: 'swordfish' } }
      const cause = Object.assign(new Error('refused'), { config })
      throw Object.assign(new AggregateError([cause], 'failed', { cause }), { config })
    }
    for (const format of ['json', 'pretty', 'combined'] as const) {
      const level = format === 'combined' ? 'silent' : 'info'
      const { get, lines } = site({ format, level, headers: Object.keys(headers) }, failing)
      await get('/reset?token=swordfish', { headers })
      expect(lines.join('')).toContain('/reset')
      expect(lines.join('')).not.toContain('swordfish')
    }
  })

  threat('A full disk, a slow reader', async () => {
    // Writes 24 MB where nobody reads, and goes on.
    const program = `
      import { client } from '@robaccia/core/testing'
      import { log } from '@robaccia/log'
      const { get } = client(log({ to: 1, format: 'json' })((environ, startResponse) => {
        for (let line = 0; line < 1000; line++) environ['log.logger'].info('x'.repeat(1000))
        startResponse(200, [])
        return []
      }))
      for (let round = 0; round < 24; round++) console.error((await get('/')).status)
      console.error('done')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    await expect.poll(() => said, { timeout: 10_000 }).toContain('done\n')
    expect(said.match(/^200$/gm)).toHaveLength(24)
    const [written] = await Promise.all([whole(child.stdout), once(child, 'exit')])
    expect(written.length).toBeLessThan(6 * 1024 * 1024)
    for (const line of written.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  })

  threat('Metrics without end', async () => {
    const counted = metrics({
      process: false,
      path: '/metrics',
      guard: basic({ realm: 'Metrics', verify: (name) => ({ name }) }),
    })
    const people = selector().add('/{id}', {
      GET: (environ, startResponse) => text(environ, startResponse, 'hello'),
    })
    const { request, get } = client(counted(mount({ '/people': people })))
    for (let index = 0; index < 100; index++) {
      await get(`/people/${index}?${index}`)
      await get(`/${index}`)
      await request(`BREW${index}`, `/people/${index}`)
    }
    const page = await counted.registry.metrics()
    expect(page.match(/^http_requests_total\{/gm)?.length).toBeLessThan(6)
    expect((await get('/metrics')).status).toBe(401)
  })

  afterAll(() => {
    // What is listed is tested, and what is tested is listed.
    const list = readme.slice(readme.indexOf('## Threats'))
    expect([...list.matchAll(/\*\*([^*]+)\*\*/g)].map(([, name]) => name)).toEqual(tested)
  })
})
