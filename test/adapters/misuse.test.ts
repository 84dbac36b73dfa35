import { describe, expect, onTestFinished, test } from 'vitest'
import { text } from '@robaccia/core'
import type { App, Body, HeaderList } from '@robaccia/core'
import { servers } from './servers.js'
import type { TestServer } from './servers.js'
import { request } from './socket.js'

// What lint would find in a test must not harm a server that runs without it.
describe.each(servers)('an app that breaks the contract on $name', ({ serveBare }) => {
  async function serving(app: App): Promise<TestServer> {
    const server = await serveBare(app)
    onTestFinished(() => server.close())
    return server
  }

  test.each([
    ['array', ['hello']],
    [
      'stream',
      {
        async *[Symbol.asyncIterator]() {
          yield 'hello'
        },
      },
    ],
  ])('and never calls startResponse has its %s closed', async (_kind, body) => {
    let closes = 0
    const server = await serving(() => Object.assign(body, { close: () => void (closes += 1) }))
    expect((await fetch(server.url)).status).toBe(500)
    expect(closes).toBe(1)
    expect(server.errors()).toContain('an app must call startResponse before it settles')
  })

  test('by a chunk that is none has its array closed', async () => {
    let closes = 0
    const { url } = await serving((_environ, startResponse) => {
      startResponse(200, [])
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types refuse it
      return Object.assign([5], { close: () => void (closes += 1) }) as unknown as Body
    })
    expect((await fetch(url)).status).toBe(500)
    expect(closes).toBe(1)
  })

  test.each([['hello'], [undefined], [null], [{}]])('by the body %j is told so', async (body) => {
    const server = await serving((_environ, startResponse) => {
      startResponse(200, [])
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types refuse it
      return body as unknown as Body
    })
    expect((await fetch(server.url)).status).toBe(500)
    expect((await fetch(server.url, { method: 'HEAD' })).status).toBe(500)
    expect(server.errors()).toContain('an app must return an array or an async iterable, got')
  })

  test.each([100, 101, 199, 600, 200.5])('by the status %d answers with 500', async (status) => {
    const { port, errors } = await serving((environ, startResponse) =>
      text(environ, startResponse, 'hello', { status }),
    )
    expect(await request(port, 'GET /')).toMatch(/^HTTP\/1.1 500 /)
    expect(errors()).toContain(`status must be an integer from 200 to 599, got ${status}`)
  })

  test('by a header that cannot be sent has none of its other headers on the 500', async () => {
    const headers: HeaderList = [
      ['cache-control', 'public'],
      ['content-encoding', 'gzip'],
      ['set-cookie', 'a=1'],
      ['x-bad', 'a\nb'],
    ]
    const { url } = await serving((environ, startResponse) =>
      text(environ, startResponse, 'hello', { headers }),
    )
    const response = await fetch(url)
    expect(response.status).toBe(500)
    expect([...response.headers.keys()].toSorted()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'date',
      'keep-alive',
    ])
  })

  test('by what an after function throws is reported, whatever that is', async () => {
    const server = await serving((environ, startResponse) => {
      for (const thrown of ['swordfish', undefined]) {
        environ['robaccia.server'].after(() => {
          // oxlint-disable-next-line typescript/only-throw-error
          throw thrown
        })
      }
      return text(environ, startResponse, 'hello')
    })
    await (await fetch(server.url)).text()
    await expect.poll(() => server.errors().match(/an after function failed/g)).toHaveLength(2)
    expect(server.errors()).toContain('swordfish')
  })
})
