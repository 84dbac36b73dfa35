import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { byteLength, callApp, closeBody, mapBody, readAll, text } from '@robaccia/core'
import type { App, Body, Chunk, Middleware } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

function stream(chunks: readonly Chunk[]): Body & AsyncIterable<Chunk> & { closes: number } {
  return {
    closes: 0,
    close() {
      this.closes += 1
    },
    async *[Symbol.asyncIterator]() {
      yield* chunks
    },
  }
}

const upper = (chunk: Chunk): Chunk => String(chunk).toUpperCase()

describe('byteLength', () => {
  test('counts bytes, not characters', () => {
    expect(byteLength(['é', Buffer.from('abc')])).toBe(5)
  })
})

describe('readAll', () => {
  test('reads a whole body and closes it', async () => {
    let closes = 0
    const body = Object.assign(['a', Buffer.from('b')], { close: () => void (closes += 1) })
    expect(String(await readAll(body))).toBe('ab')
    expect(closes).toBe(1)
  })

  test('closes a stream that fails', async () => {
    const body = {
      ...stream([]),
      async *[Symbol.asyncIterator]() {
        yield 'a'
        throw new Error('broken')
      },
    }
    await expect(readAll(body)).rejects.toThrow('broken')
    expect(body.closes).toBe(1)
  })
})

describe('closeBody', () => {
  test('destroys a Readable that was never read', async () => {
    const body = Readable.from(['a'])
    await closeBody(body)
    expect(body.destroyed).toBe(true)
  })

  test('leaves an array alone that has no close', async () => {
    await expect(closeBody(['a'])).resolves.toBeUndefined()
  })
})

describe('mapBody', () => {
  test('keeps a whole body whole', () => {
    const body = mapBody(['a', 'b'], upper, () => '!')
    expect(body).toEqual(['A', 'B', '!'])
    expect(body.close).toBeUndefined()
  })

  test('changes a stream chunk by chunk, and closes it', async () => {
    const inner = stream(['a', 'b'])
    expect(String(await readAll(mapBody(inner, upper, () => '!')))).toBe('AB!')
    expect(inner.closes).toBe(1)
  })

  test('ends the iteration of a stream that is left early', async () => {
    let ended = false
    const inner = {
      async *[Symbol.asyncIterator]() {
        try {
          yield 'a'
          yield 'b'
        } finally {
          ended = true
        }
      },
    }
    const body = mapBody(inner, upper)
    if (Array.isArray(body)) throw new TypeError('the body must be a stream')
    for await (const chunk of body) {
      expect(chunk).toBe('A')
      break
    }
    expect(ended).toBe(true)
  })

  test('makes a middleware that keeps the contract, for arrays and streams', async () => {
    const shout: Middleware = (app) => async (environ, startResponse) => {
      const { status, headers, body } = await callApp(app, environ)
      startResponse(
        status,
        headers.filter(([name]) => name !== 'content-length'),
      )
      return mapBody(body, upper)
    }
    const whole: App = (environ, startResponse) =>
      text(environ, startResponse, 'hello', { headers: [['content-length', '5']] })
    const streamed: App = (_environ, startResponse) => {
      startResponse(200, [])
      return stream(['hel', 'lo'])
    }
    expect((await client(shout(whole)).get('/')).text).toBe('HELLO')
    expect((await client(shout(streamed)).get('/')).text).toBe('HELLO')
  })
})

describe('callApp', () => {
  test('gives the head that the app said last', async () => {
    const app: App = async (environ, startResponse) => {
      const { status, headers, body } = await callApp((_environ, start) => {
        start(200, [])
        start(503, [['retry-after', '5']], new Error('later'))
        return ['later']
      }, environ)
      startResponse(status, headers)
      return body
    }
    expect(await client(app).get('/')).toMatchObject({ status: 503, text: 'later' })
  })

  test('hands on what a body says late, or throws it', async () => {
    const sorry: App = (_environ, startResponse) => {
      startResponse(200, [])
      return {
        async *[Symbol.asyncIterator]() {
          startResponse(503, [], new Error('too late'))
          yield 'sorry'
        },
      }
    }
    const handsOn: Middleware = (app) => async (environ, startResponse) => {
      const { status, headers, body } = await callApp(app, environ, startResponse)
      startResponse(status, headers)
      return body
    }
    const keeps: Middleware = (app) => async (environ, startResponse) => {
      const { status, headers, body } = await callApp(app, environ)
      startResponse(status, headers)
      return body
    }
    expect(await client(handsOn(sorry)).get('/')).toMatchObject({ status: 503, text: 'sorry' })
    const { status, error } = await client(keeps(sorry)).get('/')
    expect({ status, error }).toMatchObject({ status: 500, error: { message: 'too late' } })
  })

  test('refuses an app that does not call startResponse', async () => {
    const app: App = async (environ) => (await callApp(() => [], environ)).body
    const { error } = await client(app).get('/')
    expect(error).toMatchObject({ message: 'the app must call startResponse before it settles' })
  })
})
