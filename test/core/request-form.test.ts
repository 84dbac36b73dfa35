import { describe, expect, test } from 'vitest'
import { json, readForm } from '@robaccia/core'
import type { FormLimits } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { END, MULTIPART, part } from './multipart.js'

/** An app that answers with what is in a form: a File as its name, type and content. */
const form = (limits?: FormLimits) =>
  client(async (environ, startResponse) => {
    const sent = await readForm(environ, limits)
    const entries = [...sent].map(async ([name, value]) => [
      name,
      typeof value === 'string' ? value : [value.name, value.type, await value.text()],
    ])
    return json(environ, startResponse, await Promise.all(entries))
  })

const URLENCODED = 'application/x-www-form-urlencoded'
const post = (body: string | Uint8Array, type: string, limits?: FormLimits) =>
  form(limits).post('/', { body, headers: type === '' ? {} : { 'content-type': type } })

describe('readForm of a url-encoded form', () => {
  test('gives the fields in their order', async () => {
    const response = await post('a=1&b+c=%C3%A9+%26&a=&d&&e==', URLENCODED)
    expect(response.json()).toEqual([
      ['a', '1'],
      ['b c', 'é &'],
      ['a', ''],
      ['d', ''],
      ['e', '='],
    ])
  })

  test('gives no fields for an empty body', async () => {
    expect((await post('', URLENCODED)).json()).toEqual([])
  })

  test('keeps a field named __proto__ a field', async () => {
    expect((await post('__proto__=x', URLENCODED)).json()).toEqual([['__proto__', 'x']])
  })

  test.each(['a=%', 'a=%zz', 'a=%ff', '%c3=1', 'a=1&b=%e2%82'])(
    'answers 400 to the escape in %s',
    async (body) => {
      expect(await post(body, URLENCODED)).toMatchObject({
        status: 400,
        text: 'the form must be percent-encoded UTF-8, got a malformed escape\n',
      })
    },
  )

  test('answers 400 to raw bytes that are not UTF-8', async () => {
    expect((await post(Uint8Array.of(0x61, 0x3d, 0xe9), URLENCODED)).text).toBe(
      'the form must be UTF-8, got other bytes\n',
    )
  })

  test('takes 1,000 fields and no more', async () => {
    expect((await post('a=1&'.repeat(1000), URLENCODED)).json()).toHaveLength(1000)
    expect(await post('a=1&'.repeat(1001), URLENCODED)).toMatchObject({
      status: 413,
      text: 'the form must have at most 1000 fields, got more\n',
    })
  })

  test('takes its limits from the options', async () => {
    expect((await post('a&b', URLENCODED, { fields: 1 })).status).toBe(413)
    expect((await post('a&b', URLENCODED, { fields: 2 })).status).toBe(200)
    expect((await post('a=123', URLENCODED, { limit: 4 })).status).toBe(413)
    expect((await post('a=123', URLENCODED, { limit: 5 })).status).toBe(200)
  })
})

describe('readForm of a multipart form', () => {
  test('gives fields and files in their order', async () => {
    const body = [
      part('a', '1'),
      part('file', 'data', 'notes.txt', 'Text/Plain; charset=utf-8'),
      part('a', 'é\r\n'),
      END,
    ].join('')
    expect((await post(body, MULTIPART)).json()).toEqual([
      ['a', '1'],
      ['file', ['notes.txt', 'text/plain', 'data']],
      ['a', 'é\r\n'],
    ])
  })

  test('reads what the platform’s own FormData sends', async () => {
    const sent = new FormData()
    sent.append('title', 'perché "no"')
    sent.append('file', new File(['<svg/>'], 'à "b".svg', { type: 'image/svg+xml' }))
    expect((await form().post('/', { form: sent })).json()).toEqual([
      ['title', 'perché "no"'],
      ['file', ['à %22b%22.svg', 'image/svg+xml', '<svg/>']],
    ])
  })

  test('gives an empty File without a name for a file input left open', async () => {
    const body = part('file', '', '', 'application/octet-stream') + END
    expect((await post(body, MULTIPART)).json()).toEqual([
      ['file', ['', 'application/octet-stream', '']],
    ])
  })

  test('gives a part without a filename as a field, whatever its type', async () => {
    const body = part('a', 'x', undefined, 'application/octet-stream') + END
    expect((await post(body, MULTIPART)).json()).toEqual([['a', 'x']])
  })

  test('drops the folders of a filename', async () => {
    const body = part('a', '', '../../etc/passwd') + part('b', '', 'C:\\x\\y.txt') + END
    const names = (await post(body, MULTIPART)).json() as [string, [string]][]
    expect(names.map(([, [name]]) => name)).toEqual(['passwd', 'y.txt'])
  })

  test('answers 400 to a field that is not UTF-8', async () => {
    const [head = '', tail = ''] = (part('a', 'HERE') + END).split('HERE')
    const body = Buffer.concat([Buffer.from(head), Uint8Array.of(0xff), Buffer.from(tail)])
    expect(await post(body, MULTIPART)).toMatchObject({
      status: 400,
      text: 'the field "a" must be UTF-8, got other bytes\n',
    })
  })

  test.each([
    ['nothing', ''],
    ['no boundary', 'hello'],
    ['a part cut off', part('a', '1').slice(0, -3)],
    ['no end', part('a', '1') + part('b', '2')],
    ['a head cut off', '--X\r\ncontent-disp'],
  ])('answers 400 to a body of %s', async (_, body) => {
    const response = await post(body, MULTIPART)
    expect(response.status).toBe(400)
    expect(response.text).toMatch(/^the body must be multipart\/form-data, got an error: /)
    expect(response.errors).toBe('')
  })

  test('answers 400 to a part without a name', async () => {
    const body = `--X\r\ncontent-disposition: form-data\r\n\r\nx\r\n${END}`
    expect(await post(body, MULTIPART)).toMatchObject({
      status: 400,
      text: 'every part of the form must have a name, got one without\n',
    })
  })

  test('answers 400 to a content type without a boundary', async () => {
    expect((await post(END, 'multipart/form-data')).status).toBe(400)
  })

  test('takes 100 parts and no more', async () => {
    expect((await post(part('a', '1').repeat(100) + END, MULTIPART)).json()).toHaveLength(100)
    expect(await post(part('a', '1').repeat(101) + END, MULTIPART)).toMatchObject({
      status: 413,
      text: 'the form must have at most 100 parts, got more\n',
    })
  })

  test('takes its limits from the options', async () => {
    const body = part('a', '1') + part('b', '2') + part('f', '', 'f') + END
    expect((await post(body, MULTIPART, { parts: 2 })).status).toBe(413)
    expect((await post(body, MULTIPART, { fields: 1 })).status).toBe(413)
    expect((await post(body, MULTIPART, { fields: 2, parts: 3 })).status).toBe(200)
    expect((await post(body, MULTIPART, { limit: body.length - 1 })).status).toBe(413)
  })
})

describe('readForm', () => {
  test.each([
    ['', 'none'],
    ['text/plain', 'text/plain'],
    ['application/json', 'application/json'],
    ['multipart/mixed; boundary=X', 'multipart/mixed; boundary=X'],
  ])('answers 415 to the content type %j', async (type, got) => {
    expect(await post('a=1', type)).toMatchObject({
      status: 415,
      text: `the content type must be application/x-www-form-urlencoded or multipart/form-data, got ${got}\n`,
    })
  })

  test('answers 415 to another charset', async () => {
    expect((await post('a=1', `${URLENCODED}; charset=latin1`)).status).toBe(415)
    expect((await post('a=1', `${URLENCODED}; charset=UTF-8`)).status).toBe(200)
  })

  test.each(['fields', 'parts', 'limit'])('refuses a negative %s', async (limit) => {
    const { error } = await post('a=1', URLENCODED, { [limit]: -1 })
    expect(error).toEqual(new TypeError(`${limit} must be a number of at least 0, got -1`))
  })
})
