import { describe, expect, test } from 'vitest'
import type { HeaderList } from '@robaccia/core'
import { deferred, type Deferred } from './deferred.js'
import { site } from './site.js'

const fresh: HeaderList = [['cache-control', 'max-age=60']]

interface Source {
  readonly body: AsyncIterable<string> & { close(): void }
  closed: number
}

/** A stream of these chunks, that waits where a promise stands, and throws where an error does. */
function source(...parts: readonly (string | Promise<void> | Error)[]): Source {
  const made: Source = {
    closed: 0,
    body: {
      async *[Symbol.asyncIterator]() {
        for (const part of parts) {
          if (part instanceof Error) throw part
          if (typeof part === 'string') yield part
          else await part
        }
      },
      close: () => void (made.closed += 1),
    },
  }
  return made
}

/** A site that answers with one source after the other. */
function streaming(sources: readonly Source[], headers: HeaderList = fresh, maxBody = 100) {
  return site(
    (_environ, startResponse, count) => {
      startResponse(200, headers)
      // The test has as many as it asks for.
      return sources[count - 1]?.body ?? []
    },
    { maxBody },
  )
}

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('cache', () => {
  test('hands a stream on as it comes, stores it, and closes it once', async () => {
    const more = deferred()
    const one = source('first ', more.promise, 'second')
    const { stream, get, asked } = streaming([one])
    const response = await stream('GET', '/')
    const iterator = response.body[Symbol.asyncIterator]()
    expect(String((await iterator.next()).value)).toBe('102,105,114,115,116,32')
    more.resolve()
    expect((await iterator.next()).done).toBe(false)
    expect((await iterator.next()).done).toBe(true)
    expect(one.closed).toBe(1)
    expect((await get('/')).text).toBe('first second')
    expect(asked).toHaveLength(1)
  })

  test('lets others wait until it is whole', async () => {
    const more = deferred()
    const { stream, get, asked } = streaming([source('first ', more.promise, 'second')])
    const first = await stream('GET', '/')
    const second = get('/')
    more.resolve()
    expect(await read(first.body)).toBe('first second')
    expect((await second).text).toBe('first second')
    expect(asked).toHaveLength(1)
  })

  test('does not make others wait for a slow client', async () => {
    const { stream, get, asked } = streaming([source('first ', 'second')])
    const slow = await stream('GET', '/')
    expect((await get('/')).text).toBe('first second')
    expect(asked).toHaveLength(1)
    await slow.abort()
  })

  test('passes on unstored what turns out too large, at the client’s pace', async () => {
    let given = 0
    const { stream, get, asked } = site(
      (_environ, startResponse) => {
        startResponse(200, fresh)
        return {
          async *[Symbol.asyncIterator]() {
            for (; given < 100; given++) yield 'x'.repeat(10_000)
          },
        }
      },
      { maxBody: 50_000 },
    )
    const response = await stream('GET', '/')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(given).toBeLessThan(20)
    expect(await read(response.body)).toHaveLength(1_000_000)
    given = 99
    await get('/')
    expect(asked).toHaveLength(2)
  })

  test.each<[string, Source, HeaderList]>([
    ['breaks off', source('first', new Error('the disk is gone')), fresh],
    ['is shorter than it says', source('first'), [...fresh, ['content-length', '10']]],
    ['is longer than it says', source('first'), [...fresh, ['content-length', '2']]],
  ])('does not store a body that %s', async (_what, one, headers) => {
    const { app } = streaming([one, source('second')], headers)
    const { client } = await import('@robaccia/core/testing')
    await client(app)
      .get('/')
      .catch(() => {})
    const again = await client(app)
      .get('/')
      .catch((error: unknown) => error)
    expect(JSON.stringify(again)).not.toContain('first')
    expect(one.closed).toBe(1)
  })

  test('tells a client of an error before the first chunk as a server does', async () => {
    const { get } = streaming([source(new Error('the disk is gone')), source('second')])
    const response = await get('/')
    expect(response.status).toBe(500)
    expect(response.errors).toMatch(/the disk is gone/)
    expect((await get('/')).text).toBe('second')
  })

  test('lets a stream begin anew with an error', async () => {
    const { get } = site((_environ, startResponse, count) => {
      startResponse(200, fresh)
      return {
        async *[Symbol.asyncIterator]() {
          if (count === 1) startResponse(503, [], new Error('busy'))
          yield `${count}`
        },
      }
    })
    expect(await get('/')).toMatchObject({ status: 503, text: '1' })
    expect(await get('/')).toMatchObject({ status: 200, text: '2' })
  })

  test.each<[string, HeaderList]>([
    ['stored', fresh],
    ['not to be stored', [['cache-control', 'private']]],
  ])('closes what is %s when the only client leaves', async (_what, headers) => {
    const never: Deferred = deferred()
    const one = source('first', never.promise)
    const { stream, asked } = streaming([one], headers)
    const response = await stream('GET', '/')
    await response.abort()
    await expect.poll(() => one.closed).toBe(1)
    expect(asked[0]?.['robaccia.server'].signal.aborted).toBe(true)
    never.resolve()
  })

  test('reads on for those who wait when the first client leaves', async () => {
    const more = deferred()
    const one = source('first ', more.promise, 'second')
    const { stream, get, asked } = streaming([one])
    const response = await stream('GET', '/')
    const waiting = get('/')
    await new Promise((resolve) => setTimeout(resolve, 10))
    await response.abort()
    more.resolve()
    expect((await waiting).text).toBe('first second')
    expect(asked).toHaveLength(1)
    expect(one.closed).toBe(1)
  })

  test('hands on informational responses, and runs what is to run afterwards', async () => {
    const informed: unknown[] = []
    const ended: unknown[] = []
    const { app } = site(async (environ, startResponse) => {
      environ['robaccia.server'].inform?.(103, [['link', '</a.css>; rel=preload']])
      environ['robaccia.server'].after(({ status, bytes, aborted }) => {
        ended.push({ status, bytes, aborted })
      })
      await Promise.resolve()
      startResponse(200, fresh)
      return source('first ', 'second').body
    })
    const { client } = await import('@robaccia/core/testing')
    const { get } = client((environ, startResponse) => {
      const server = environ['robaccia.server']
      server.inform = (status, headers) => void informed.push([status, headers])
      return app(environ, startResponse)
    })
    await get('/')
    await get('/')
    expect(informed).toEqual([[103, [['link', '</a.css>; rel=preload']]]])
    expect(ended).toEqual([{ status: 200, bytes: 12, aborted: false }])
  })
})
