import createError from 'http-errors'
import { describe, expect, test } from 'vitest'
import { json, readBody, readForm, readJson, readParts, text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import type { App, BodyLimits, EnvironWith } from '@robaccia/core'
import { chunked } from './chunked.js'

const echo =
  (limits?: BodyLimits): App =>
  async (environ, startResponse) =>
    text(environ, startResponse, Buffer.from(await readBody(environ, limits)).toString())

describe('readBody', () => {
  test('gives the bytes', async () => {
    expect((await client(echo()).post('/', { body: 'ciao è' })).text).toBe('ciao è')
  })

  test('gives no bytes where there is no body', async () => {
    expect((await client(echo()).post('/')).text).toBe('')
  })

  test('puts chunks together', async () => {
    const { environ } = chunked(['ci', '', 'ao'])
    expect((await client(echo()).post('/', { environ })).text).toBe('ciao')
  })

  test('takes a body of exactly the limit', async () => {
    expect((await client(echo({ limit: 4 })).post('/', { body: 'ciao' })).text).toBe('ciao')
    expect((await client(echo({ limit: 0 })).post('/')).status).toBe(200)
  })

  test('answers 413 by content-length, before reading', async () => {
    const { asked, environ } = chunked(['ciao!'])
    const headers = { 'content-length': '5' }
    const response = await client(echo({ limit: 4 })).post('/', { headers, environ })
    expect(response).toMatchObject({
      status: 413,
      text: 'the body must be at most 4 bytes, got 5\n',
    })
    expect(asked.chunks).toBe(0)
  })

  test('answers 413 to a chunked body once it is too long, and reads no further', async () => {
    const { asked, environ } = chunked(Array.from({ length: 100 }, () => 'xx'))
    const response = await client(echo({ limit: 5 })).post('/', { environ })
    expect(response).toMatchObject({
      status: 413,
      text: 'the body must be at most 5 bytes, got more\n',
    })
    expect(asked).toEqual({ chunks: 3, closed: true })
  })

  test('has a limit of 1 MiB', async () => {
    const body = Buffer.alloc(1024 * 1024)
    expect((await client(echo()).post('/', { body })).status).toBe(200)
    expect((await client(echo()).post('/', { body: Buffer.alloc(body.length + 1) })).status).toBe(
      413,
    )
  })

  test('answers 400 when the connection breaks off', async () => {
    const cause = Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
    const response = await client(echo()).post('/', { environ: chunked(['ci', cause]).environ })
    expect(response).toMatchObject({
      status: 400,
      text: 'the body must be complete, got only a part of it\n',
    })
    expect(response.error).toMatchObject({ cause })
  })

  test('answers 400 when the body ends before its length', async () => {
    const response = await client(echo()).post('/', {
      body: 'ciao',
      headers: { 'content-length': '5' },
    })
    expect(response.status).toBe(400)
  })

  test('lets an error with a status through', async () => {
    const { environ } = chunked([createError(408, 'too slow')])
    expect(await client(echo()).post('/', { environ })).toMatchObject({
      status: 408,
      text: 'too slow\n',
    })
  })

  test.each(['gzip', 'br', 'identity, gzip'])(
    'answers 415 to the content encoding %s',
    async (coding) => {
      const response = await client(echo()).post('/', {
        body: 'x',
        headers: { 'content-encoding': coding },
      })
      expect(response).toMatchObject({
        status: 415,
        text: `the content encoding must be identity, got ${coding}\n`,
      })
      expect(response.header('accept-encoding')).toBe('identity')
    },
  )

  test('takes the content encoding identity', async () => {
    const headers = { 'content-encoding': 'Identity' }
    expect((await client(echo()).post('/', { body: 'x', headers })).status).toBe(200)
  })

  test.each([
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    ['5', "'5'"],
  ])('refuses the limit %j', async (limit, shown) => {
    // The type forbids a string; JavaScript does not.
    const { error } = await client(echo({ limit: limit as number })).post('/', { body: 'x' })
    expect(error).toEqual(new TypeError(`limit must be a number of at least 0, got ${shown}`))
  })
})

describe('robaccia.body', () => {
  type Reading = (environ: EnvironWith<object>) => Promise<unknown>
  const post = (reading: Reading, body = '{"a":1}') =>
    client(async (environ, startResponse) =>
      json(environ, startResponse, (await reading(environ)) ?? null),
    ).post('/', { body, headers: { 'content-type': 'application/json' } })

  test('gives every reader the same body', async () => {
    const response = await post(async (environ) => {
      const bytes = await readBody(environ)
      expect(await readBody(environ)).toBe(bytes)
      return [await readJson(environ), await readJson(environ)]
    })
    expect(response.json()).toEqual([{ a: 1 }, { a: 1 }])
  })

  test('gives readers at the same time the same body', async () => {
    const response = await post((environ) => Promise.all([readJson(environ), readJson(environ)]))
    expect(response.json()).toEqual([{ a: 1 }, { a: 1 }])
  })

  test('gives a form that was read before, also as a stream', async () => {
    const form = new FormData()
    form.append('a', '1')
    const response = await client(async (environ, startResponse) => {
      await readForm(environ)
      const names: string[] = []
      for await (const { name } of readParts(environ)) names.push(name)
      names.push(...(await readForm(environ)).keys())
      return json(environ, startResponse, names)
    }).post('/', { form })
    expect(response.json()).toEqual(['a', 'a'])
  })

  test('is seen by a copy made after the first read', async () => {
    const response = await post(async (environ) => {
      await readBody(environ)
      return readJson({ ...environ })
    })
    expect(response.json()).toEqual({ a: 1 })
  })

  test('is not seen by a copy made before the first read, which names the first reader', async () => {
    const { error } = await post(async (environ) => {
      const copy = { ...environ }
      await readBody(environ)
      return readJson(copy)
    })
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toMatch(
      /robaccia\.input must be read once, got a second reader after .*request-body/,
    )
  })

  test('is forgotten when the input is replaced', async () => {
    const response = await post(async (environ) => {
      await readBody(environ)
      const { CONTENT_LENGTH: _, ...rest } = environ
      return readJson({ ...rest, ...chunked(['{"b":2}']).environ })
    })
    expect(response.json()).toEqual({ b: 2 })
  })

  test('holds a later reader to its smaller limit', async () => {
    const response = await post(async (environ) => {
      await readBody(environ)
      return readJson(environ, { limit: 3 })
    })
    expect(response).toMatchObject({
      status: 413,
      text: 'the body must be at most 3 bytes, got 7\n',
    })
  })

  test('holds a later reader to an earlier one’s smaller limit', async () => {
    const response = await post(async (environ) => {
      await readBody(environ, { limit: 3 }).catch(() => undefined)
      return readJson(environ)
    })
    expect(response.status).toBe(413)
  })

  test('is gone once it was streamed, which the error says', async () => {
    const { error } = await client(async (environ, startResponse) => {
      for await (const part of readParts(environ)) void part
      await readForm(environ)
      return text(environ, startResponse, '')
    }).post('/', { form: new FormData() })
    expect(error).toEqual(
      new TypeError(
        'readForm must come before the body is streamed, got one that readParts has read',
      ),
    )
  })
})
