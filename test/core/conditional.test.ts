import { describe, expect, test } from 'vitest'
import { conditional, empty, text } from '@robaccia/core'
import type { App, Body, HeaderList } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import type { ClientResponse } from '@robaccia/core/testing'

const page: App = (environ, startResponse) => text(environ, startResponse, 'hello')

const answering =
  (status: number, headers: HeaderList, body: Body = ['hello']): App =>
  (_environ, startResponse) => {
    startResponse(status, headers)
    return body
  }

/** What a request with these headers gets where the app answers 200 with those. */
function ask(
  sent: Record<string, string>,
  headers: HeaderList,
  method = 'GET',
): Promise<ClientResponse> {
  return client(conditional()(answering(200, headers))).request(method, '/', { headers: sent })
}

const modified = 'Sun, 06 Nov 1994 08:49:37 GMT'
const earlier = 'Sun, 06 Nov 1994 08:49:36 GMT'
const later = 'Sun, 06 Nov 1994 08:49:38 GMT'

describe('conditional', () => {
  test('makes a strong tag for a whole body, and answers 304 to whom has it', async () => {
    const { get } = client(conditional()(page))
    const first = await get('/')
    const etag = first.header('etag') ?? ''
    expect(etag).toMatch(/^"5-.{27}"$/)
    expect(first.text).toBe('hello')
    const again = await get('/', { headers: { 'if-none-match': etag } })
    expect(again).toMatchObject({ status: 304, text: '', headers: [['etag', etag]] })
  })

  test('makes the same tag of the same bytes, and another of others', async () => {
    const tag = async (...body: (string | Uint8Array)[]) =>
      (await client(conditional()(answering(200, [], body))).get('/')).header('etag')
    expect(await tag('hé', 'llo')).toBe(await tag(Buffer.from('héllo')))
    expect(await tag('hello')).not.toBe(await tag('hallo'))
    expect(await tag()).toMatch(/^"0-/)
  })

  test('makes weak tags on request', async () => {
    const { get } = client(conditional({ weak: true })(page))
    const etag = (await get('/')).header('etag') ?? ''
    expect(etag).toMatch(/^W\/"5-/)
    expect((await get('/', { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  test('answers HEAD as GET', async () => {
    const { get, head } = client(conditional()(page))
    const etag = (await get('/')).header('etag') ?? ''
    expect((await head('/')).header('etag')).toBe(etag)
    expect((await head('/', { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  test('makes no tag of what an app leaves out for HEAD', async () => {
    const response = await client(conditional()(answering(200, [], []))).head('/')
    expect(response.header('etag')).toBeUndefined()
  })

  test('makes no tag for a stream, and reads nothing of it for a 304', async () => {
    let pulls = 0
    let closes = 0
    const stream = () => ({
      async *[Symbol.asyncIterator]() {
        pulls += 1
        yield 'hello'
      },
      close: () => void (closes += 1),
    })
    const app: App = (_environ, startResponse) => {
      startResponse(200, [['last-modified', modified]])
      return stream()
    }
    const { get } = client(conditional()(app))
    expect((await get('/')).header('etag')).toBeUndefined()
    expect((await get('/', { headers: { 'if-modified-since': modified } })).status).toBe(304)
    expect([pulls, closes]).toEqual([1, 2])
  })

  test('keeps the app’s own tag', async () => {
    const response = await ask({}, [['etag', 'W/"mine"']])
    expect(response.header('etag')).toBe('W/"mine"')
  })

  const tags: [status: number, noneMatch: string, etag: string][] = [
    [304, '"a"', '"a"'],
    [304, 'W/"a"', '"a"'],
    [304, '"a"', 'W/"a"'],
    [304, 'W/"a"', 'W/"a"'],
    [304, '*', '"a"'],
    [304, ' * ', '"a"'],
    [304, '"x","a"', '"a"'],
    [304, '"x" ,\t W/"a" , "y"', '"a"'],
    [304, '"x",, "a",', '"a"'],
    [304, '"a,b"', '"a,b"'],
    [304, '"x, *", "a"', '"a"'],
    [304, '""', '""'],
    [304, '"é"', '"é"'],
    [200, '"b"', '"a"'],
    [200, '"A"', '"a"'],
    [200, 'a', '"a"'],
    [200, '"a', '"a"'],
    [200, 'w/"b", a', '"a"'],
    [200, '"x, *"', '"a"'],
    [200, '"a,b"', '"a"'],
    [200, '"a,b"', '"b"'],
    [200, '', '"a"'],
  ]
  test.each(tags)('answers %i to if-none-match %s for %s', async (status, noneMatch, etag) => {
    expect((await ask({ 'if-none-match': noneMatch }, [['etag', etag]])).status).toBe(status)
    expect((await ask({ 'if-none-match': noneMatch }, [['etag', etag]], 'HEAD')).status).toBe(
      status,
    )
  })

  const dates: [status: number, since: string, modified: string][] = [
    [304, modified, modified],
    [304, later, modified],
    [200, earlier, modified],
    [304, 'Sunday, 06-Nov-94 08:49:37 GMT', modified],
    [304, 'Sun Nov  6 08:49:37 1994', modified],
    [200, 'Sun Nov  6 08:49:36 1994', modified],
    [200, '2030', modified],
    [200, '2030-01-01T00:00:00Z', modified],
    [200, 'Sun, 06 Nov 2030 08:49:37', modified],
    [200, 'yesterday', modified],
    [200, '', modified],
    [200, later, 'yesterday'],
  ]
  test.each(dates)('answers %i to if-modified-since %s for %s', async (status, since, last) => {
    const response = await ask({ 'if-modified-since': since }, [['last-modified', last]])
    expect(response.status).toBe(status)
  })

  test('answers 200 to if-modified-since where the app says no date', async () => {
    expect((await ask({ 'if-modified-since': later }, [])).status).toBe(200)
  })

  test('believes if-none-match before if-modified-since, both ways', async () => {
    const headers: HeaderList = [
      ['etag', '"a"'],
      ['last-modified', modified],
    ]
    const other = { 'if-none-match': '"b"', 'if-modified-since': later }
    expect((await ask(other, headers)).status).toBe(200)
    const same = { 'if-none-match': '"a"', 'if-modified-since': earlier }
    expect((await ask(same, headers)).status).toBe(304)
  })

  const required: [status: number, sent: Record<string, string>][] = [
    [412, { 'if-match': '"b"' }],
    [412, { 'if-match': 'W/"a"' }],
    [412, { 'if-match': '"b"', 'if-none-match': '"a"' }],
    [200, { 'if-match': '"b", "a"' }],
    [200, { 'if-match': '*' }],
    [200, { 'if-match': '"a"', 'if-unmodified-since': earlier }],
    [304, { 'if-match': '"a"', 'if-none-match': '"a"' }],
    [412, { 'if-unmodified-since': earlier }],
    [412, { 'if-unmodified-since': earlier, 'if-none-match': '"a"' }],
    [200, { 'if-unmodified-since': modified }],
    [200, { 'if-unmodified-since': 'never' }],
  ]
  test.each(required)('answers %i to %o', async (status, sent) => {
    const headers: HeaderList = [
      ['etag', '"a"'],
      ['last-modified', modified],
    ]
    expect((await ask(sent, headers)).status).toBe(status)
  })

  test('has in a 304 what guides caches and people’s browsers, and nothing about a body', async () => {
    const kept: HeaderList = [
      ['cache-control', 'max-age=60'],
      ['content-location', '/page.en'],
      ['content-security-policy', "default-src 'self'"],
      ['expires', later],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['vary', 'accept-language'],
      ['etag', '"a"'],
    ]
    const response = await ask({ 'if-none-match': '"a"' }, [
      ['content-type', 'text/plain'],
      ['content-language', 'en'],
      ['content-length', '5'],
      ['last-modified', modified],
      ...kept,
    ])
    expect(response.headers).toEqual(kept)
  })

  test('has last-modified in a 304 that has no tag', async () => {
    const stream: App = (_environ, startResponse) => {
      startResponse(200, [['last-modified', modified]])
      return (async function* () {
        yield 'hello'
      })()
    }
    const response = await client(conditional()(stream)).get('/', {
      headers: { 'if-modified-since': modified },
    })
    expect(response.headers).toEqual([['last-modified', modified]])
  })

  test('closes the body that is not sent, once', async () => {
    let closes = 0
    const app: App = (_environ, startResponse) => {
      startResponse(200, [['etag', '"a"']])
      return Object.assign(['hello'], { close: () => void (closes += 1) })
    }
    const { get } = client(conditional()(app))
    await get('/', { headers: { 'if-none-match': '"a"' } })
    expect(closes).toBe(1)
    await get('/', { headers: { 'if-match': '"b"' } })
    expect(closes).toBe(2)
  })

  test.each(['no-store', 'private, No-Store'])('leaves cache-control %s alone', async (value) => {
    const headers: HeaderList = [['cache-control', value]]
    expect((await ask({}, headers)).header('etag')).toBeUndefined()
    const sent = { 'if-none-match': '"a"' }
    expect((await ask(sent, [...headers, ['etag', '"a"']])).status).toBe(200)
  })

  test.each([201, 206, 301, 404, 500])('leaves %i alone', async (status) => {
    const app = answering(status, [
      ['etag', '"a"'],
      ['last-modified', modified],
    ])
    const headers = { 'if-none-match': '*', 'if-modified-since': later }
    expect((await client(conditional()(app)).get('/', { headers })).status).toBe(status)
    const untagged = client(conditional()(answering(status, [])))
    expect((await untagged.get('/')).header('etag')).toBeUndefined()
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('leaves %s alone', async (method) => {
    const response = await ask({ 'if-none-match': '*', 'if-match': '"b"' }, [], method)
    expect(response).toMatchObject({ status: 200, headers: [] })
  })

  test('leaves a body without bytes to its status', async () => {
    const response = await client(
      conditional()((environ, startResponse) => empty(environ, startResponse)),
    ).get('/')
    expect(response).toMatchObject({ status: 204, headers: [] })
  })

  test('hands on what a stream says late', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        startResponse(503, [], new Error('later'))
        yield 'sorry'
      })()
    }
    expect((await client(conditional()(app)).get('/')).status).toBe(503)
  })
})
