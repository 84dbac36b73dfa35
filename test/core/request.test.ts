import { describe, expect, test } from 'vitest'
import { cookies, empty, header, query } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import type { Environ } from '@robaccia/core'

/** What `look` sees of a request. */
async function seen<T>(
  look: (environ: Environ) => T,
  target: string,
  headers: Record<string, string> = {},
): Promise<T> {
  const results: T[] = []
  const { error } = await client((environ, startResponse) => {
    results.push(look(environ))
    return empty(environ, startResponse)
  }).get(target, { headers })
  if (results.length === 0) throw error
  return results[0] as T
}

describe('header', () => {
  test.each(['accept-language', 'Accept-Language', 'ACCEPT-LANGUAGE'])(
    'finds %s in any case',
    async (name) => {
      expect(await seen((environ) => header(environ, name), '/', { 'accept-language': 'it' })).toBe(
        'it',
      )
    },
  )

  test('finds content-type and content-length under their own keys', async () => {
    const sent = { 'content-type': 'text/plain', 'content-length': '0' }
    expect(await seen((environ) => header(environ, 'Content-Type'), '/', sent)).toBe('text/plain')
    expect(await seen((environ) => header(environ, 'content-length'), '/', sent)).toBe('0')
  })

  test.each(['accept', 'content-type', '', '__proto__', 'robaccia.input'])(
    'gives undefined for %j, which was not sent',
    async (name) => {
      expect(await seen((environ) => header(environ, name), '/')).toBeUndefined()
    },
  )
})

describe('query', () => {
  test('decodes the query', async () => {
    const parameters = await seen(query, '/?q=a+b%C3%A9&q=2&empty=&bare')
    expect([...parameters]).toEqual([
      ['q', 'a bé'],
      ['q', '2'],
      ['empty', ''],
      ['bare', ''],
    ])
  })

  test('puts up with what is malformed', async () => {
    expect((await seen(query, '/?a=%zz&=&&b=%ff')).get('a')).toBe('%zz')
  })

  test('is empty without a query', async () => {
    expect((await seen(query, '/')).size).toBe(0)
  })
})

describe('cookies', () => {
  const jar = (cookie: string) => seen(cookies, '/', { cookie })

  test('gives the cookies by name, decoded', async () => {
    expect(await jar('a=1; b=%C3%A9;c=x=y')).toEqual({ a: '1', b: 'é', c: 'x=y' })
  })

  test('gives the first of a name', async () => {
    expect(await jar('a=near; a=far')).toEqual({ a: 'near' })
  })

  test('is empty without cookies', async () => {
    expect(await seen(cookies, '/')).toEqual({})
  })

  test('inherits nothing', async () => {
    const sent = await jar('__proto__=x; constructor=y')
    expect(Object.entries(sent)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect('toString' in (await jar('a=1'))).toBe(false)
    expect(Object.keys(await jar('toString=1; valueOf=2'))).toEqual(['toString', 'valueOf'])
  })

  test.each([['novalue'], [';;;'], ['=x'], ['a=%E0%A4%A'], ['\u00ff=\u0001'], ['=;=;a']])(
    'does not throw for %j',
    async (cookie) => {
      expect(typeof (await jar(cookie))).toBe('object')
    },
  )

  test('leaves a value that is not well encoded as it came', async () => {
    expect(await jar('a=%E0%A4%A; b=2')).toEqual({ a: '%E0%A4%A', b: '2' })
  })
})
