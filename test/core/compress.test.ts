import { describe, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { compose, compress, conditional, empty, errors, isWhole, notFound } from '@robaccia/core'
import type { App, Body, HeaderList } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import type { ClientResponse } from '@robaccia/core/testing'

const words = 'All work and no play makes Jack a dull boy. '.repeat(100)
const html: HeaderList = [['content-type', 'text/html; charset=utf-8']]

const answering =
  (headers: HeaderList = html, body: Body = [words], status = 200): App =>
  (_environ, startResponse) => {
    startResponse(status, headers)
    return body
  }

const page = answering()
const gzip = { headers: { 'accept-encoding': 'gzip' } }

/** What zlib has to decode with, by coding; zstd only from Node 22.15 on. */
const decoders: Record<string, ((bytes: Uint8Array) => Buffer) | undefined> = {
  br: zlib.brotliDecompressSync,
  gzip: zlib.gunzipSync,
  // The types for Node 20 don't know it.
  zstd: (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Buffer }).zstdDecompressSync,
}
const available = ['br', 'zstd', 'gzip'].filter((name) => decoders[name] !== undefined)

function decoded(response: ClientResponse): string {
  const decode = decoders[response.header('content-encoding') ?? '']
  return decode === undefined ? response.text : decode(response.bytes).toString()
}

function decoderStream(name: string): Transform {
  if (name === 'br') return zlib.createBrotliDecompress()
  if (name === 'gzip') return zlib.createGunzip()
  return (zlib as unknown as { createZstdDecompress(): Transform }).createZstdDecompress()
}

/** The coding that a client gets a page in. */
async function coding(accept: string | undefined, app: App = page): Promise<string> {
  const headers: Record<string, string> = accept === undefined ? {} : { 'accept-encoding': accept }
  const response = await client(compress()(app)).get('/', { headers })
  if (response.status !== 406) expect(decoded(response)).toBe(words)
  return response.status === 406 ? '406' : (response.header('content-encoding') ?? 'identity')
}

const stream = (chunks: readonly (string | Uint8Array)[]) => ({
  pulls: 0,
  closes: 0,
  async *[Symbol.asyncIterator]() {
    for (const chunk of chunks) {
      this.pulls += 1
      yield chunk
    }
  },
  close() {
    this.closes += 1
  },
})

describe('compress', () => {
  test.each(available)('encodes a whole body in %s, and says its length anew', async (name) => {
    const app = answering([...html, ['content-length', String(words.length)]])
    const { get } = client(compress()(app))
    const response = await get('/', { headers: { 'accept-encoding': name } })
    expect(decoded(response)).toBe(words)
    expect(response.bytes.length).toBeLessThan(words.length / 10)
    expect(response.headers).toEqual([
      ...html,
      ['content-encoding', name],
      ['vary', 'accept-encoding'],
    ])
  })

  const accepted: [coding: string, accept: string | undefined][] = [
    ['identity', undefined],
    ['identity', ''],
    ['gzip', 'gzip'],
    ['gzip', 'GZIP'],
    ['br', 'gzip, deflate, br'],
    ['br', 'br, gzip'],
    ['br', '*'],
    ['gzip', 'gzip;q=1.0, br;q=0.9'],
    ['gzip', 'br;q=0.001, gzip;q=0.002'],
    ['br', 'gzip;q=0.5, *'],
    [available[1] ?? 'none', 'br;q=0, *'],
    ['gzip', 'br;q=0, zstd;q=0, *'],
    ['gzip', 'gzip;q=0.1'],
    ['identity', 'gzip;q=0'],
    ['identity', '*;q=0, identity'],
    ['identity', 'identity, gzip;q=0.5'],
    ['gzip', 'identity;q=0.5, gzip;q=0.8'],
    ['gzip', 'identity;q=0, gzip;q=0.1'],
    ['identity', 'deflate'],
    ['identity', 'nonsense'],
    ['gzip', ' , gzip ;q=0.5 , '],
    ['406', 'identity;q=0'],
    ['406', '*;q=0'],
    ['406', 'identity;q=0, *;q=0'],
    ['406', 'identity;q=0, deflate'],
  ]
  test.each(accepted)('answers in %s to accept-encoding %j', async (name, accept) => {
    expect(await coding(accept)).toBe(name)
  })

  test('says 406 before the app does anything, and what it could send', async () => {
    let calls = 0
    const app: App = (environ, startResponse) => {
      calls += 1
      return page(environ, startResponse)
    }
    const response = await client(compress({ encodings: ['gzip'] })(app)).post('/', {
      headers: { 'accept-encoding': '*;q=0' },
    })
    expect(response).toMatchObject({
      status: 406,
      text: 'the request must accept gzip, identity, got none\n',
      error: { headers: { vary: 'accept-encoding' } },
    })
    expect(calls).toBe(0)
  })

  test('encodes whatever it may where the client refuses what is not encoded', async () => {
    const { get } = client(compress()(answering([['content-type', 'image/png']], ['tiny'])))
    const response = await get('/', { headers: { 'accept-encoding': 'gzip, identity;q=0' } })
    expect(response.header('content-encoding')).toBe('gzip')
    expect(decoded(response)).toBe('tiny')
  })

  test('uses the codings that it is given, in their order', async () => {
    const { get } = client(compress({ encodings: ['gzip', 'br'] })(page))
    const header = async (accept: string) =>
      (await get('/', { headers: { 'accept-encoding': accept } })).header('content-encoding')
    expect(await header('br, gzip, zstd')).toBe('gzip')
    expect(await header('br')).toBe('br')
    expect(await header('zstd')).toBeUndefined()
  })

  test('tries as hard as it is told', async () => {
    const noise = Array.from({ length: 5000 }, (_, index) => `${index * 7919} `).join('')
    const size = async (level: number) => {
      const app = compress({ levels: { gzip: level } })(answering(html, [noise]))
      return (await client(app).get('/', gzip)).bytes.length
    }
    expect(await size(9)).toBeLessThan(await size(1))
  })

  describe('vary', () => {
    test('is there for whoever gets the same uncompressed', async () => {
      const response = await client(compress()(page)).get('/')
      expect(response.headers).toEqual([...html, ['vary', 'accept-encoding']])
    })

    test('is added to others, and not twice', async () => {
      const vary = async (value: string) => {
        const { get } = client(compress()(answering([...html, ['vary', value]])))
        return (await get('/', gzip)).header('vary')
      }
      expect(await vary('cookie')).toBe('cookie, accept-encoding')
      expect(await vary('cookie, Accept-Encoding')).toBe('cookie, Accept-Encoding')
      expect(await vary('*')).toBe('*')
      expect(await vary('x-accept-encoding')).toBe('x-accept-encoding, accept-encoding')
    })
  })

  describe('an ETag', () => {
    const tagged = (etag: string) => compress()(answering([...html, ['etag', etag]]))
    test('is weak on what is compressed', async () => {
      expect((await client(tagged('"a"')).get('/', gzip)).header('etag')).toBe('W/"a"')
      expect((await client(tagged('W/"a"')).get('/', gzip)).header('etag')).toBe('W/"a"')
    })

    test('stays as it is on what is not', async () => {
      expect((await client(tagged('"a"')).get('/')).header('etag')).toBe('"a"')
    })
  })

  describe('with conditional further in', () => {
    const { get, head } = client(compose(compress(), conditional())(page))

    test('answers 304 with the headers of the 200, compressed or not', async () => {
      for (const accept of ['gzip', 'identity']) {
        const headers = { 'accept-encoding': accept }
        const first = await get('/', { headers })
        const etag = first.header('etag') ?? ''
        expect(etag).toMatch(accept === 'gzip' ? /^W\/"/ : /^"/)
        for (const known of [etag, '*']) {
          const again = await get('/', { headers: { ...headers, 'if-none-match': known } })
          expect(again.headers).toEqual([
            ['etag', etag],
            ['vary', 'accept-encoding'],
          ])
          expect(again.status).toBe(304)
        }
        expect((await head('/', { headers })).header('etag')).toBe(etag)
      }
    })

    test('leaves the 304 of what must not be transformed as its 200', async () => {
      const own: HeaderList = [
        ['cache-control', 'no-transform'],
        ['etag', '"a"'],
      ]
      const site = client(compose(compress(), conditional())(answering([...html, ...own])))
      expect((await site.get('/', gzip)).headers).toEqual([...html, ...own])
      const headers = { ...gzip.headers, 'if-none-match': '*' }
      expect(await site.get('/', { headers })).toMatchObject({ status: 304, headers: own })
    })

    test('keeps the strong tag of a picture', async () => {
      const picture = answering([['content-type', 'image/png']])
      const site = client(compose(compress(), conditional())(picture))
      const first = await site.get('/', gzip)
      const etag = first.header('etag') ?? ''
      expect(first.headers).toEqual([
        ['content-type', 'image/png'],
        ['etag', etag],
      ])
      const headers = { ...gzip.headers, 'if-none-match': etag }
      expect((await site.get('/', { headers })).header('etag')).toBe(etag)
    })
  })

  test('answers HEAD with the headers of GET, but for the length, and reads nothing', async () => {
    const headers: HeaderList = [...html, ['content-length', String(words.length)], ['etag', '"a"']]
    const expected = [
      ...html,
      ['etag', 'W/"a"'],
      ['content-encoding', 'gzip'],
      ['vary', 'accept-encoding'],
    ]
    for (const body of [[words], stream([words]), []]) {
      const response = await client(compress()(answering(headers, body))).head('/', gzip)
      expect(response).toMatchObject({ headers: expected, text: '' })
    }
    const streamed = stream([words])
    await client(compress()(answering(html, streamed))).head('/', gzip)
    expect(streamed).toMatchObject({ pulls: 0, closes: 1 })
  })

  const alone: [what: string, headers: HeaderList, status?: number][] = [
    ['a part of a body', [...html, ['content-range', 'bytes 0-9/100']], 206],
    ['no-transform', [...html, ['cache-control', 'public, No-Transform']]],
    ['a coding of the app’s own', [...html, ['content-encoding', 'br']]],
    ['a picture', [['content-type', 'image/png']]],
    ['an archive', [['content-type', 'application/zip']]],
    ['an unknown type', [['content-type', 'application/x-unheard-of']]],
    ['what has no type', []],
  ]
  test.each(alone)('leaves %s alone', async (_what, headers, status = 200) => {
    const own: HeaderList = [...headers, ['etag', '"a"']]
    const response = await client(compress()(answering(own, [words], status))).get('/', gzip)
    expect(response).toMatchObject({ status, headers: own, text: words })
  })

  test.each([
    'text/css',
    'application/json',
    'application/problem+json',
    'image/svg+xml',
    'text/event-stream',
    'text/x-unheard-of',
  ])('encodes %s', async (type) => {
    expect(await coding('gzip', answering([['content-type', type]]))).toBe('gzip')
  })

  test('leaves what is below the threshold alone', async () => {
    const at = async (length: number, options?: Parameters<typeof compress>[0]) => {
      const { get } = client(compress(options)(answering(html, ['a'.repeat(length)])))
      return (await get('/', gzip)).headers.length
    }
    expect(await at(1023)).toBe(1)
    expect(await at(1024)).toBe(3)
    expect(await at(9, { threshold: 10 })).toBe(1)
    expect(await at(10, { threshold: 10 })).toBe(3)
    expect(await at(1, { threshold: 0 })).toBe(3)
    expect(await at(0, { threshold: 0 })).toBe(1)
    const short: App = answering([...html, ['content-length', '5']], stream(['hello']))
    expect((await client(compress()(short)).get('/', gzip)).text).toBe('hello')
  })

  test('encodes errors that have a body, and leaves those without to errors', async () => {
    const sorry = client(compress()(answering(html, [words], 404)))
    expect((await sorry.get('/', gzip)).header('content-encoding')).toBe('gzip')
    const bare = client(compose(errors(), compress({ threshold: 0 }))(notFound))
    const headers = { 'accept-encoding': 'gzip, identity;q=0' }
    expect((await bare.get('/', { headers })).text).toBe('404 Not Found\n')
  })

  test.each([204, 205, 304])('has no coding for %i, which has no body', async (status) => {
    const app: App = (environ, startResponse) => empty(environ, startResponse, status, html)
    const response = await client(compress({ threshold: 0 })(app)).get('/', gzip)
    expect(response.header('content-encoding')).toBeUndefined()
  })

  test('drops what was said of other bytes', async () => {
    const said: HeaderList = [
      ['accept-ranges', 'bytes'],
      ['content-digest', 'sha-256=:a:'],
      ['content-encoding', 'identity'],
      ['repr-digest', 'sha-256=:a:'],
    ]
    const response = await client(compress()(answering([...html, ...said]))).get('/', gzip)
    expect(response.headers).toEqual([
      ...html,
      ['content-encoding', 'gzip'],
      ['vary', 'accept-encoding'],
    ])
  })

  describe('a stream', () => {
    test.each(available)('is encoded in %s as it comes', async (name) => {
      const noise = new Uint8Array(300_000).map((_, index) => (index * 7919 * index) % 251)
      const body = stream(['hello', '', noise, 'é'])
      const app = compress()(answering(html, body))
      const { bytes } = await client(app).get('/', { headers: { 'accept-encoding': name } })
      const whole = Buffer.concat([Buffer.from('hello'), noise, Buffer.from('é')])
      expect(decoders[name]?.(bytes).equals(whole)).toBe(true)
      expect(body).toMatchObject({ closes: 1 })
    })

    test.each(available)('is flushed in %s with each chunk', async (name) => {
      let read = (_text: string): void => {}
      const events: Body = (async function* () {
        for (const chunk of ['', 'one', 'two', 'three']) {
          yield chunk
          // The next is not written before this one was read.
          if (chunk !== '') expect(await new Promise((resolve) => (read = resolve))).toBe(chunk)
        }
      })()
      const app = answering([['content-type', 'text/event-stream']], events)
      const headers = { 'accept-encoding': name }
      const { body } = await client(compress()(app)).stream('GET', '/', { headers })
      const decoder = decoderStream(name)
      decoder.on('data', (piece: Buffer) => read(piece.toString()))
      for await (const chunk of body) decoder.write(chunk)
    })

    test('is pulled from no faster than it is read', async () => {
      const body = stream(Array.from({ length: 100 }, () => 'x'.repeat(1000)))
      const app: App = async (environ, startResponse) => {
        const made = await compress()(answering(html, body))(environ, startResponse)
        if (isWhole(made)) throw new TypeError('the body must be a stream')
        const iterator = made[Symbol.asyncIterator]()
        await iterator.next()
        await sleep(20)
        expect(body.pulls).toBeLessThan(3)
        await iterator.return?.()
        await made.close?.()
        return []
      }
      expect((await client(app).get('/', gzip)).error).toBeUndefined()
      expect(body.closes).toBe(1)
    })

    test('that fails fails as it would', async () => {
      const error = new Error('swordfish')
      const failing: Body = (async function* () {
        yield words
        throw error
      })()
      const response = await client(compress()(answering(html, failing))).get('/', gzip)
      expect(response).toMatchObject({ status: 200, error })
    })

    test('that starts anew with an error is encoded all the same', async () => {
      const app: App = (_environ, startResponse) => {
        startResponse(200, html)
        return (async function* () {
          startResponse(503, html, new Error('later'))
          yield words
        })()
      }
      const response = await client(compress()(app)).get('/', gzip)
      expect(response.status).toBe(503)
      expect(decoded(response)).toBe(words)
    })
  })

  const wrong: [options: object, message: string][] = [
    [{ encodings: ['deflate'] }, 'compress: an encoding must be one of br, '],
    [
      { levels: { gzip: 10 } },
      'compress: the level of gzip must be an integer from 0 to 9, got 10',
    ],
    [{ levels: { br: 1.5 } }, 'compress: the level of br must be an integer from 0 to 11, got 1.5'],
    [{ threshold: -1 }, 'compress: threshold must be a number of at least 0, got -1'],
    [{ threshold: Number.NaN }, 'compress: threshold must be a number of at least 0, got NaN'],
  ]
  test('refuses levels of zstd with too large a window, where there is zstd', () => {
    expect(() => compress({ levels: { zstd: 19 } })).not.toThrow()
    const tooLarge = (): unknown => compress({ levels: { zstd: 20 } })
    if (available.includes('zstd')) expect(tooLarge).toThrow('an integer from 1 to 19, got 20')
    else expect(tooLarge).not.toThrow()
  })

  test.each(wrong)('refuses %o when it is made', (options, message) => {
    expect(() => compress(options)).toThrow(TypeError)
    expect(() => compress(options)).toThrow(message)
  })
})
