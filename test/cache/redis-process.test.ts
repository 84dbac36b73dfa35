// A store that is named by a URL is closed by nobody: a process that used one has to end by itself.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { url, wire } from './redis.js'

/** Asks through a cache until it says this and that, then closes its server and leaves the rest to Node. */
const program = `
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { cache } from '@robaccia/cache'
import { toNode } from '@robaccia/core/node'

const app = (environ, startResponse) => {
  startResponse(200, [['cache-control', 'max-age=60, must-revalidate']])
  return [environ.PATH_INFO]
}
const server = createServer(toNode(cache({ store: process.argv[1] })(app))).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = 'http://127.0.0.1:' + server.address().port + '/' + randomUUID()
for (const wanted of process.argv.slice(2)) {
  for (;;) {
    const response = await fetch(url)
    await response.text()
    if (response.headers.get('cache-status').includes(wanted)) break
    await sleep(50)
  }
  console.log(wanted)
}
server.close()
console.log('closed')
`

interface Ended {
  readonly code: number | null
  readonly lines: readonly string[]
  readonly errors: string
  /** Milliseconds from the server's end to that of the process. */
  readonly took: number
}

async function run(store: string, wanted: readonly string[], said?: () => void): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', program, store, ...wanted],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const errors = text(child.stderr)
  let output = ''
  let closed = Infinity
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (output.endsWith('closed\n')) closed = performance.now()
    else said?.()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  const took = performance.now() - closed
  return { code, lines: output.trimEnd().split('\n'), errors: await errors, took }
}

/** A port where nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `redis://127.0.0.1:${port}`
}

describe('a process with a cache in Redis, by its URL, ends by itself', { timeout: 30_000 }, () => {
  const lost = 'fwd=bypass; fwd-status=200; detail=store'

  test.skipIf(url === undefined)('when Redis is there', async () => {
    const { code, lines, took } = await run(url ?? '', ['; hit;'])
    expect({ code, lines }).toEqual({ code: 0, lines: ['; hit;', 'closed'] })
    expect(took).toBeLessThan(1500)
  })

  test('when nobody listens there', async () => {
    const { code, lines, errors, took } = await run(await nobody(), [lost])
    expect({ code, lines }).toEqual({ code: 0, lines: [lost, 'closed'] })
    expect(errors).toMatch(/the cache’s store failed/)
    expect(took).toBeLessThan(1500)
  })

  test.skipIf(url === undefined).each(['cut', 'silence'] as const)(
    'when Redis goes away: %s',
    async (how) => {
      const line = await wire()
      onTestFinished(() => line.close())
      const { code, lines, took } = await run(line.url, ['; hit;', lost], () => line[how]())
      expect({ code, lines }).toEqual({ code: 0, lines: ['; hit;', lost, 'closed'] })
      expect(took).toBeLessThan(1500)
    },
  )
})

describe('cache', () => {
  test('says which package a URL of Redis needs, when it is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'robaccia-cache-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const from = fileURLToPath(new URL('../../packages/cache', import.meta.url))
    const modules = join(folder, 'node_modules')
    const to = join(modules, '@robaccia/cache')
    mkdirSync(to, { recursive: true })
    for (const each of ['dist', 'package.json']) {
      cpSync(join(from, each), join(to, each), { recursive: true })
    }
    for (const name of ['@robaccia/core', 'lru-cache', 'structured-headers']) {
      symlinkSync(join(from, 'node_modules', name), join(modules, name))
    }
    const script = `
      import { cache } from '@robaccia/cache'
      cache()
      try { cache({ store: 'redis://127.0.0.1' }) } catch (error) { console.log(String(error)) }`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: folder,
      // pnpm's own shell script names all packages in it.
      env: { ...process.env, NODE_PATH: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    expect(await text(child.stdout)).toBe(
      'TypeError: the package redis must be installed for cache: store by a URL: npm install redis\n',
    )
  })
})
