import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { text } from '@robaccia/core'
import type { App, Body, HeaderList, Outcome } from '@robaccia/core'
import { capabilities } from '@robaccia/core/lint'
import createError from 'http-errors'
import { servers } from './servers.js'
import type { TestServer } from './servers.js'
import { exchange, request } from './socket.js'

/** A streamed body of chunks and of milliseconds to wait. */
function stream(chunks: readonly unknown[]): AsyncIterable<string> {
  return {
    async *[Symbol.asyncIterator]() {
      for (const chunk of chunks) {
        if (typeof chunk === 'number') await sleep(chunk)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types refuse what is no chunk
        else yield chunk as string
      }
    },
  }
}

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

  test.each([
    ['at once', [{}], /^HTTP\/1.1 500 /],
    ['later', ['a', 20, {}], /\r\n1\r\na\r\n$/],
  ])('by a chunk that is none, streamed %s, is told so', async (_when, chunks, answer) => {
    let outcome: Outcome | undefined
    const { port, errors } = await serving((environ, startResponse) => {
      environ['robaccia.server'].after((each) => void (outcome = each))
      startResponse(200, [])
      return stream(chunks)
    })
    expect(await request(port, 'GET /')).toMatch(answer)
    expect(errors()).toContain('a chunk must be a string or a Uint8Array, got object')
    await expect.poll(() => Number.isInteger(outcome?.bytes)).toBe(true)
  })

  test.each([[{}], [42], [[1, 2, 3]]])(
    'by an array with %j for a chunk is a 500',
    async (chunk) => {
      const { url } = await serving((_environ, startResponse) => {
        startResponse(200, [])
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types refuse what is no chunk
        return [chunk] as unknown as Body
      })
      expect((await fetch(url)).status).toBe(500)
    },
  )

  // What a client has not been told the length of it takes for the next response (RFC 9112 §6.3).
  describe('by a stream that its content-length is not the length of', () => {
    test.each([
      ['shorter', ['hello', 20], '5 bytes fewer', 'hello'],
      ['longer', ['hello, wor', 20, 'ld'], '2 bytes more', 'hello, wor'],
      ['longer, in bytes', ['hello, w\u00f6', 20, 'r'], '1 bytes more', 'hello, w\u00c3\u00b6'],
    ])('and %s is cut, and never sends what is over', async (_kind, chunks, got, sent) => {
      let outcome: Outcome | undefined
      let closes = 0
      const { port, errors } = await serving((environ, startResponse) => {
        environ['robaccia.server'].after((each) => void (outcome = each))
        startResponse(200, [['content-length', '10']])
        return Object.assign(stream(chunks), { close: () => void (closes += 1) })
      })
      const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(sent)
      expect(errors()).toContain(`content-length must be the body's length, got ${got}`)
      await expect.poll(() => outcome).toMatchObject({ aborted: true, bytes: sent.length })
      expect(closes).toBe(1)
    })

    test.each([
      ['shorter', 1, '100000 bytes fewer'],
      ['longer', -1, '100000 bytes more'],
    ])(
      "and %s is cut, and never sends what is over, if it is a file's",
      async (_kind, sign, got) => {
        const size = 300_000
        const folder = await mkdtemp(join(tmpdir(), 'robaccia-'))
        const path = join(folder, 'file')
        await writeFile(path, 'x'.repeat(size))
        let outcome: Outcome | undefined
        const { port, errors } = await serving((environ, startResponse) => {
          environ['robaccia.server'].after((each) => void (outcome = each))
          startResponse(200, [['content-length', String(size + sign * 100_000)]])
          return createReadStream(path)
        })
        const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        const sent = answer.length - answer.indexOf('\r\n\r\n') - 4
        expect(sent).toBeLessThanOrEqual(Math.min(size, size + sign * 100_000))
        expect(errors()).toMatch(/content-length must be the body's length, got \d+ bytes/)
        if (sign > 0) expect(errors()).toContain(got)
        await expect.poll(() => outcome).toMatchObject({ aborted: true })
        await rm(folder, { recursive: true })
      },
    )

    test.each([
      ['shorter', []],
      ['longer', ['hello, world']],
    ])('and %s at once is a 500', async (_kind, chunks) => {
      const { url } = await serving((_environ, startResponse) => {
        startResponse(200, [['content-length', '10']])
        return stream(chunks)
      })
      expect((await fetch(url)).status).toBe(500)
    })
  })

  describe.each([
    ['array', () => ['hello']],
    ['stream', () => stream(['hello'])],
  ])('by headers that frame its %s wrongly', (_kind, body) => {
    test.each<HeaderList>([
      [['content-length', '0x5']],
      [['content-length', '']],
      [['Content-Length', '4']],
      [
        ['content-length', '5'],
        ['content-length', '5'],
      ],
      [['transfer-encoding', 'chunked']],
      [['Transfer-Encoding', 'identity']],
    ])('answers with 500 alone: %j', async (...headers) => {
      const { port, errors } = await serving((_environ, startResponse) => {
        startResponse(200, headers)
        return body()
      })
      expect(await request(port, 'GET /')).toMatch(
        /^HTTP\/1.1 500 .*\r\n\r\nInternal Server Error\n$/s,
      )
      expect(errors()).toMatch(/content-length must|transfer-encoding must/)
    })
  })

  test('by an error whose headers cannot be sent is answered without these', async () => {
    const headers = {
      'x-good': 'a',
      'x-bad': 'a\r\nb: c',
      'x bad': 'a',
      'transfer-encoding': 'chunked',
      connection: 'close',
    }
    const { url } = await serving(() => {
      throw createError(503, 'later', { headers })
    })
    const response = await fetch(url)
    expect(response.status).toBe(503)
    expect(response.headers.get('x-good')).toBe('a')
    expect(response.headers.has('x-bad')).toBe(false)
    expect(response.headers.get('connection')).toBe('keep-alive')
    expect(await response.text()).toBe('Service Unavailable\n')
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

const informing = servers.filter(({ name }) => capabilities.inform.instead[name] === undefined)

describe.each(informing)('inform on $name', ({ serveBare }) => {
  test.each([
    ['x-bad', 'a\r\nset-cookie: a=1'],
    ['x-bad', 'a\u010d\u010aset-cookie: a=1'],
    ['x bad', 'a'],
  ])('refuses a header that cannot be sent: %j', async (bad, value) => {
    const { port, errors, close } = await serveBare((environ, startResponse) => {
      environ['robaccia.server'].inform?.(103, [
        ['link', '</a.css>; rel=preload'],
        [bad, value],
      ])
      return text(environ, startResponse, 'hello')
    })
    onTestFinished(close)
    expect(await request(port, 'GET /')).toMatch(/^HTTP\/1.1 500 /)
    expect(errors()).toContain("inform's headers must be sendable, got")
  })
})
