// The servers of the bench answer rightly, so that what is compared is the same work. Nothing is timed here.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { download } from './download.js'
import { probe } from './load.js'
import { withPatternFile } from './pattern-file.js'
import { exchanges, servers, withEntries } from './scenarios/pages.js'
import { contenders } from './scenarios/route.js'
import { ServerProcess, type ServerSpec } from './server-process.js'

beforeAll(() => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const compiler = ['node_modules/typescript/bin/tsc', '-b', 'test/bench/servers']
  spawnSync(process.execPath, compiler, { cwd: root, stdio: 'inherit' })
}, 60_000)

const running: ServerProcess[] = []
async function start(spec: ServerSpec): Promise<ServerProcess> {
  const server = await ServerProcess.start(spec)
  running.push(server)
  return server
}
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())))

describe.each(contenders)('$name', ({ exchange, also, ...spec }) => {
  test('answers what the load asks', async () => {
    const { url } = await start(spec)
    const response = await probe(url, exchange)
    expect(also?.(response)).toBe(true)
  })

  test('decodes the variable', async () => {
    const { url } = await start(spec)
    const response = await fetch(`${url}/people/a%20b`, { headers: exchange.headers ?? {} })
    expect(await response.text()).toBe('a b is read by ada')
  })

  test('refuses who sends no Authorization', async () => {
    const { url } = await start(spec)
    const response = await fetch(`${url}/people/1`)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('does not know other paths', async () => {
    const { url } = await start(spec)
    const response = await fetch(`${url}/nobody/1`, { headers: exchange.headers ?? {} })
    expect(response.status).toBe(404)
  })
})

describe('the servers of pages', () => {
  const { betterSqlite3 } = inject('services')
  const hasDjango =
    spawnSync('/usr/bin/python3', ['-c', 'import django'], { stdio: 'ignore' }).status === 0
  const able = servers('').filter(({ name }) => {
    if (name.includes('better-sqlite3')) return betterSqlite3
    return name.includes('Django') ? hasDjango : true
  })

  test.each(able.map(({ name }) => name))('%s answers with the same pages', async (name) => {
    await withEntries(async (file) => {
      const spec = servers(file).find((each) => each.name === name)
      if (!spec) throw new Error(`${name} must be a server of pages`)
      const { url } = await start(spec)
      await probe(url, exchanges.list)
      await probe(url, exchanges.entry)
      expect((await fetch(`${url}/blog/none/`)).status).toBe(404)
    })
  })
})

describe('the other servers', () => {
  test.each([
    [
      { file: 'routes', args: ['node', '12'] },
      { path: '/section-12/#', body: '#' },
    ],
    [
      { file: 'deep', args: ['node', '50'] },
      { path: '/', body: 'hello' },
    ],
    [
      { file: 'deep', args: ['node', '50', 'async'] },
      { path: '/', body: 'hello' },
    ],
    [{ file: 'koa-bare' }, { path: '/', body: 'hello' }],
  ])('%o answers', async (spec, exchange) => {
    const { url } = await start(spec)
    await probe(url, exchange)
  })

  test.each([
    ['pipe', '', 'file'],
    ['pipe', '', 'generator'],
    ['stream', 'node', 'file'],
    ['stream', 'node', 'generator'],
    ['stream', 'koa', 'file'],
    ['stream', 'koa', 'generator'],
  ])('%s %s streams a %s', async (file, server, kind) => {
    await withPatternFile(2 ** 20, async (pattern) => {
      const { port } = await start({ file, args: [server, pattern.path, kind] })
      await download(port, pattern)
      const other = { ...pattern, block: Buffer.alloc(pattern.block.length) }
      await expect(download(port, other)).rejects.toThrow("must be the file's")
    })
  })
})

describe('probe', () => {
  test('refuses another body', async () => {
    const { url } = await start({ file: 'koa-bare' })
    await expect(probe(url, { path: '/', body: 'goodbye' })).rejects.toThrow(
      'must answer 200 text/plain; charset=utf-8 goodbye, got 200 text/plain; charset=utf-8 hello',
    )
  })
})
