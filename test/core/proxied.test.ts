import { describe, expect, test } from 'vitest'
import { json, proxied } from '@robaccia/core'
import type { Environ, ProxiedOptions } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

type Headers = Readonly<Record<string, string>>

/** What an app sees behind a proxy of that address. */
async function seen(
  options: ProxiedOptions,
  headers: Headers,
  environ: Partial<Environ> = {},
): Promise<unknown> {
  const app = proxied(options)((inner, startResponse) =>
    json(inner, startResponse, {
      address: inner.REMOTE_ADDR,
      scheme: inner['robaccia.url_scheme'],
      host: inner.HTTP_HOST,
      server: `${inner.SERVER_NAME}:${inner.SERVER_PORT}`,
    }),
  )
  const { get } = client(app)
  return (await get('/', { headers: { host: 'inside:8080', ...headers }, environ })).json()
}

const inside = {
  address: '127.0.0.1',
  scheme: 'http',
  host: 'inside:8080',
  server: 'localhost:80',
}
const all = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'example.org',
}

describe('proxied', () => {
  test('takes address, scheme and host from a trusted proxy', async () => {
    expect(await seen({ trust: 'loopback' }, all)).toEqual({
      address: '203.0.113.7',
      scheme: 'https',
      host: 'example.org',
      server: 'example.org:443',
    })
  })

  test.each([
    ['x-forwarded-port', { ...all, 'x-forwarded-port': '8443' }, 'example.org:8443'],
    ['the host', { ...all, 'x-forwarded-host': 'example.org:8443' }, 'example.org:8443'],
    ['the Host header', { 'x-forwarded-proto': 'https', host: 'example.org:81' }, 'example.org:81'],
    ['the scheme', { 'x-forwarded-proto': 'https', host: '[::1]' }, '[::1]:443'],
  ])('takes the port from %s', async (_what, headers, server) => {
    expect(await seen({ trust: 'loopback' }, headers)).toMatchObject({ server })
  })

  test.each([
    ['an address', '127.0.0.1'],
    ['a range', ['10.0.0.0/8', '127.0.0.0/8']],
    ['a number of hops', 1],
    ['a function', (address: string, hop: number) => address === '127.0.0.1' && hop === 0],
  ])('trusts %s', async (_what, trust) => {
    expect(await seen({ trust }, all)).toMatchObject({ address: '203.0.113.7', scheme: 'https' })
  })

  test('leaves the environ of whoever is not trusted as it is', async () => {
    expect(await seen({ trust: '10.0.0.0/8' }, all)).toEqual(inside)
  })

  test('leaves alone what a trusted proxy does not say', async () => {
    expect(await seen({ trust: 'loopback' }, {})).toEqual(inside)
  })

  test('follows the hops only as far as they are trusted', async () => {
    const trust = ['loopback', '10.0.0.0/8']
    const chain = '198.51.100.1, 203.0.113.7, 10.0.0.2'
    expect(await seen({ trust }, { 'x-forwarded-for': chain })).toMatchObject({
      address: '203.0.113.7',
    })
    expect(await seen({ trust: 'loopback' }, { 'x-forwarded-for': chain })).toMatchObject({
      address: '10.0.0.2',
    })
    expect(await seen({ trust: 2 }, { 'x-forwarded-for': chain })).toMatchObject({
      address: '203.0.113.7',
    })
  })

  test('believes the farthest proxy when all are trusted', async () => {
    const headers = { 'x-forwarded-for': '10.0.0.1, 10.0.0.2' }
    expect(await seen({ trust: ['loopback', '10.0.0.0/8'] }, headers)).toMatchObject({
      address: '10.0.0.1',
    })
  })

  test('takes nothing that the client wrote itself, where its proxy adds to the lists', async () => {
    expect(
      await seen(
        { trust: 'loopback' },
        {
          'x-forwarded-for': '127.0.0.1, 203.0.113.7',
          'x-forwarded-proto': 'https, http',
          'x-forwarded-host': 'bank.example, example.org',
          'x-forwarded-port': '443, 80',
        },
      ),
    ).toEqual({
      address: '203.0.113.7',
      scheme: 'http',
      host: 'example.org',
      server: 'example.org:80',
    })
  })

  test.each([
    [{ 'x-forwarded-for': 'unknown' }],
    [{ 'x-forwarded-for': '<script>' }],
    [{ 'x-forwarded-for': '203.0.113.7, 999.1.1.1' }],
    [{ 'x-forwarded-for': ', ,' }],
    [{ 'x-forwarded-proto': 'javascript' }],
    [{ 'x-forwarded-host': 'example.org/path' }],
    [{ 'x-forwarded-host': 'user@example.org' }],
    [{ 'x-forwarded-host': 'example.org:http' }],
    [{ 'x-forwarded-port': '0' }],
    [{ 'x-forwarded-port': '65536' }],
    [{ 'x-forwarded-port': '8o' }],
  ])('leaves out what is malformed: %j', async (headers: Headers) => {
    expect(await seen({ trust: 'loopback' }, headers)).toEqual(inside)
  })

  test.each([
    ['203.0.113.7:5555', '203.0.113.7'],
    ['[2001:db8::1]:5555', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
  ])('reads the address %s without its port', async (written, address) => {
    expect(await seen({ trust: 'loopback' }, { 'x-forwarded-for': written })).toMatchObject({
      address,
    })
  })

  test('trusts an IPv4 proxy that is seen by IPv6', async () => {
    expect(
      await seen({ trust: '127.0.0.1' }, all, { REMOTE_ADDR: '::ffff:127.0.0.1' }),
    ).toMatchObject({ address: '203.0.113.7' })
  })

  describe('with Forwarded', () => {
    const options: ProxiedOptions = { trust: 'loopback', header: 'forwarded' }

    test('takes address, scheme and host', async () => {
      const forwarded = 'For="[2001:db8::1]:4711";proto=HTTPS;host="example.org:8443";by=x'
      expect(await seen(options, { forwarded })).toEqual({
        address: '2001:db8::1',
        scheme: 'https',
        host: 'example.org:8443',
        server: 'example.org:8443',
      })
    })

    test('takes nothing that the client wrote itself', async () => {
      const forwarded = 'for=127.0.0.1;proto=https;host="a,b", for=203.0.113.7;proto=http'
      expect(await seen(options, { forwarded })).toMatchObject({
        address: '203.0.113.7',
        scheme: 'http',
        host: 'inside:8080',
      })
    })

    test.each(['for=_hidden', 'for=unknown', 'for', ';;;', '"', 'proto="ftp"'])(
      'leaves out %s',
      async (forwarded) => {
        expect(await seen(options, { forwarded })).toEqual(inside)
      },
    )

    test('ignores the header that the proxies do not write', async () => {
      expect(await seen(options, all)).toEqual(inside)
      expect(await seen({ trust: 'loopback' }, { forwarded: 'for=203.0.113.7' })).toEqual(inside)
    })
  })

  test('hides what it changes from what is further out', async () => {
    let outer: Partial<Environ> = {}
    const app = proxied({ trust: 'loopback' })((environ, startResponse) =>
      json(environ, startResponse, environ.REMOTE_ADDR),
    )
    await client((environ, startResponse) => {
      outer = environ
      return app(environ, startResponse)
    }).get('/', { headers: all })
    expect(outer.REMOTE_ADDR).toBe('127.0.0.1')
  })

  test.each([
    [undefined],
    [0],
    [1.5],
    [true],
    ['10.0.0.0/33'],
    ['proxy.example'],
    [['loopback', 5]],
  ])('refuses to trust %j', (trust) => {
    // @ts-expect-error: most of these are refused by the types
    expect(() => proxied({ trust })).toThrow(
      new TypeError(
        `proxied's trust must be addresses or ranges, a number of hops, or a function, got ${JSON.stringify(trust)}`,
      ),
    )
  })
})
