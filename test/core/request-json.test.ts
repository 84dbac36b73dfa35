import { describe, expect, test } from 'vitest'
import { json, readJson } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const echo = client(async (environ, startResponse) =>
  json(environ, startResponse, await readJson(environ)),
)
const post = (body: string | Uint8Array, type = 'application/json') =>
  echo.post('/', { body, headers: type === '' ? {} : { 'content-type': type } })

describe('readJson', () => {
  test.each([['{"a":[1,"è",null]}'], ['null'], ['0'], ['"\\u00e9"'], [' [] \n']])(
    'parses %s',
    async (body) => {
      expect((await post(body)).json()).toEqual(JSON.parse(body))
    },
  )

  test('drops a byte order mark', async () => {
    expect((await post('\ufeff{}')).json()).toEqual({})
  })

  test.each([
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/problem+json',
  ])('takes the content type %s', async (type) => {
    expect((await post('{}', type)).status).toBe(200)
  })

  test.each([
    ['', 'none'],
    ['text/plain', 'text/plain'],
    ['application/x-json', 'application/x-json'],
    ['json', 'json'],
    ['application/json, text/plain', 'application/json, text/plain'],
  ])('answers 415 to the content type %j', async (type, got) => {
    expect(await post('{}', type)).toMatchObject({
      status: 415,
      text: `the content type must be application/json or …+json, got ${got}\n`,
    })
  })

  test('answers 415 to another charset', async () => {
    expect(await post('{}', 'application/json; charset=iso-8859-1')).toMatchObject({
      status: 415,
      text: 'the charset must be utf-8, got iso-8859-1\n',
    })
  })

  test('answers 400 to an empty body', async () => {
    expect(await post('')).toMatchObject({
      status: 400,
      text: 'the body must be JSON, got an empty one\n',
    })
  })

  test.each([['{'], ["{'a':1}"], ['undefined'], ['[1,]'], ['{}{}'], ['['.repeat(100_000)]])(
    'answers 400 to what is not JSON',
    async (body) => {
      const response = await post(body)
      expect(response.status).toBe(400)
      expect(response.text).toMatch(/^the body must be JSON, got an error: /)
      expect(response.errors).toBe('')
    },
  )

  test('answers 400 to nesting deeper than the stack', async () => {
    expect((await post(`${'['.repeat(100_000)}"\\u0041"${']'.repeat(100_000)}`)).status).toBe(400)
  })

  test('answers 400 to what is not UTF-8', async () => {
    expect(await post(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({
      status: 400,
      text: 'the body must be UTF-8, got other bytes\n',
    })
  })

  test.each([
    ['{"__proto__":{"admin":true}}'],
    ['[{"a":{"__proto__":1}}]'],
    ['{"\\u005f_proto__":1}'],
    ['{"__\\u0070roto__":1}'],
  ])('answers 400 to a key __proto__ as in %s', async (body) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      text: 'the body must be JSON without a key "__proto__", got one\n',
    })
  })

  test('takes __proto__ as a value', async () => {
    expect((await post('{"a":"__proto__"}')).json()).toEqual({ a: '__proto__' })
  })
})
