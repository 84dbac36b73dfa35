import { describe, expect, test } from 'vitest'
import { json, readParts } from '@robaccia/core'
import type { Part, PartLimits } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { chunked } from './chunked.js'
import { END, MULTIPART, part } from './multipart.js'

type Chunk = string | Uint8Array | Error

/** Posts chunks to an app that does something with each part, and answers with what came of it. */
async function post(
  chunks: Iterable<Chunk>,
  each: (part: Part) => unknown,
  limits: PartLimits = {},
  type = MULTIPART,
) {
  const { asked, environ: input } = chunked(chunks)
  const seen: unknown[] = []
  const response = await client(async (environ, startResponse) => {
    for await (const sent of readParts(environ, limits)) seen.push(await each(sent))
    return json(environ, startResponse, seen)
  }).post('/', {
    headers: type === '' ? {} : { 'content-type': type },
    environ: input,
  })
  return { response, seen, asked }
}

async function size({ body }: Part): Promise<number> {
  let bytes = 0
  for await (const chunk of body) bytes += chunk.byteLength
  return bytes
}

const chunk = Buffer.alloc(50_000, 'a')
const MANY = 100
/** A file of 5 MB in many chunks, then a field. */
const large: readonly Chunk[] = [
  part('file', '', 'f.bin').slice(0, -2),
  ...Array.from({ length: MANY }, () => chunk),
  `\r\n${part('after', 'xy')}${END}`,
]
const roomy = { limit: 10_000_000 }

describe('readParts', () => {
  test('gives the parts in their order', async () => {
    const body = part('a', 'é') + part('f', 'data', 'x/f.txt', 'Text/Plain; charset=utf-8') + END
    const { seen } = await post([body], async ({ body: content, ...rest }) => {
      const chunks: Uint8Array[] = []
      for await (const each of content) chunks.push(each)
      return { ...rest, content: Buffer.concat(chunks).toString() }
    })
    expect(seen).toEqual([
      { name: 'a', filename: undefined, type: 'text/plain', content: 'é' },
      { name: 'f', filename: 'f.txt', type: 'text/plain', content: 'data' },
    ])
  })

  test('puts parts together that come byte by byte', async () => {
    const { seen } = await post(part('a', '123') + part('b', '', 'f') + END, size)
    expect(seen).toEqual([3, 0])
  })

  test('gives a body that is larger than its buffers', async () => {
    const { seen } = await post(large, size, roomy)
    expect(seen).toEqual([MANY * chunk.length, 2])
  })

  test('reads on only as its reader does', async () => {
    let held = 0
    function* counted() {
      for (const each of large) {
        held++
        yield each
      }
    }
    const ahead: number[] = []
    const look = async (sent: Part) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      ahead.push(held)
      return size(sent)
    }
    await post(counted(), look, roomy)
    expect(ahead[0]).toBeLessThan(5)
    expect(held).toBe(large.length)
  })

  test('drops a part that is not read', async () => {
    const { seen } = await post(large, ({ name }) => name, roomy)
    expect(seen).toEqual(['file', 'after'])
  })

  test('drops what is left of a part that is read in part', async () => {
    const { seen } = await post(
      large,
      async ({ body }) => {
        for await (const first of body) return first.byteLength > 0
        return false
      },
      roomy,
    )
    expect(seen).toEqual([true, true])
  })

  test('lets go of the input when its reader leaves', async () => {
    const { response, asked } = await post(large, () => Promise.reject(new Error('enough')), roomy)
    expect(response.error).toEqual(new Error('enough'))
    await new Promise(setImmediate)
    expect(asked.closed).toBe(true)
    expect(asked.chunks).toBeLessThan(10)
  })

  test.each([
    ['read', size],
    ['not read', ({ name }: Part) => name],
  ])('answers 413 to a body that is too large, its parts %s', async (_, each) => {
    const { response, asked } = await post(large, each)
    expect(response).toMatchObject({
      status: 413,
      text: 'the body must be at most 1048576 bytes, got more\n',
    })
    expect(asked.chunks).toBeLessThan(MANY)
    expect(asked.closed).toBe(true)
  })

  test('answers 413 to too many parts', async () => {
    const { response } = await post([part('a', '1').repeat(4) + END], size, { parts: 3 })
    expect(response).toMatchObject({
      status: 413,
      text: 'the form must have at most 3 parts, got more\n',
    })
  })

  test.each([
    ['read', size],
    ['not read', ({ name }: Part) => name],
  ])('answers 400 when the connection breaks off, the part %s', async (_, each) => {
    const { response } = await post([...large.slice(0, 9), new Error('aborted')], each, roomy)
    expect(response).toMatchObject({
      status: 400,
      text: 'the body must be complete, got only a part of it\n',
    })
  })

  test.each([
    ['read', size],
    ['not read', ({ name }: Part) => name],
  ])('answers 400 to a body without its end, the part %s', async (_, each) => {
    const { response } = await post(large.slice(0, 9), each, roomy)
    expect(response.status).toBe(400)
    expect(response.text).toMatch(/unexpected end of multipart data/i)
  })

  test('ignores what comes after the end', async () => {
    const { seen } = await post([part('a', '1') + END, 'an epilogue', 'of two chunks'], size)
    expect(seen).toEqual([1])
  })

  test.each(['', 'application/x-www-form-urlencoded', 'multipart/mixed; boundary=X'])(
    'answers 415 to the content type %j',
    async (type) => {
      const { response, asked } = await post([END], size, {}, type)
      expect(response.status).toBe(415)
      expect(asked.chunks).toBe(0)
    },
  )

  test.each(['limit', 'parts'])('refuses a negative %s', async (limit) => {
    const { response } = await post([END], size, { [limit]: -1 })
    expect(response.error).toEqual(new TypeError(`${limit} must be a number of at least 0, got -1`))
  })
})
