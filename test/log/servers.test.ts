// What the log says is the same on every server, and each error is told once, whoever sees it.
import { setTimeout as sleep } from 'node:timers/promises'
import { errors, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { log, metrics } from '@robaccia/log'
import { describe, expect, test, vi } from 'vitest'
import { servers } from '../adapters/servers.js'

const app: App = (environ, startResponse) => {
  switch (environ.PATH_INFO) {
    case '/throw':
      throw new Error('thrown at once')
    case '/break':
      startResponse(200, [['content-type', 'text/plain']])
      return (async function* () {
        yield 'some'
        await sleep(5)
        throw new Error('thrown in the middle')
      })()
    default:
      return text(environ, startResponse, 'hello')
  }
}

describe.each(servers)('log on $name', ({ start }) => {
  async function lines(site: (app: App) => App, path: string, expected: number) {
    const written: Record<string, unknown>[] = []
    const write = (line: string) => void written.push(JSON.parse(line) as Record<string, unknown>)
    const server = await start(log({ format: 'json', to: { write } })(site(app)))
    try {
      await fetch(server.url + path)
        .then((response) => response.text())
        .catch(() => {})
      await vi.waitFor(() => expect(written).toHaveLength(expected), 5000)
      await sleep(20)
      expect(server.errors()).toBe('')
      return written
    } finally {
      await server.close()
    }
  }

  test('has a line for each request', async () => {
    expect(await lines((inner) => inner, '/', 1)).toMatchObject([
      { method: 'GET', path: '/', status: 200, bytes: 5, level: 30 },
    ])
  })

  test.each([
    ['alone', (inner: App) => inner],
    ['inside errors', errors()],
  ])('tells once what is thrown at once, %s', async (_where, site) => {
    const written = await lines(site, '/throw', 2)
    expect(written.filter(({ err }) => err !== undefined)).toMatchObject([
      { msg: 'thrown at once' },
    ])
    expect(written.find(({ status }) => status !== undefined)).toMatchObject({
      status: 500,
      level: 50,
    })
  })

  test('tells once what is thrown in the middle', async () => {
    const written = await lines(errors(), '/break', 2)
    expect(written.filter(({ err }) => err !== undefined)).toMatchObject([
      { msg: 'thrown in the middle' },
    ])
    expect(written.find(({ status }) => status !== undefined)).toMatchObject({ failed: true })
  })

  test('counts what it says', async () => {
    const counted = metrics({ process: false })
    const server = await start(counted(app))
    await (await fetch(server.url)).text()
    await vi.waitFor(async () => {
      expect(await counted.registry.metrics()).toContain(
        'http_requests_total{method="GET",route="",status="200"} 1',
      )
    }, 5000)
    await server.close()
  })
})
