// What newer versions of the public suite ask of a shared cache beyond the copy on npm, in words of our own.
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { cache, memoryStore, type CacheOptions } from '@robaccia/cache'
import { lint } from '@robaccia/core/lint'
import { serve, type App, type HeaderList } from '@robaccia/core'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { processes, url } from './redis.js'
import { counted, site } from './site.js'

const now = Date.UTC(2026, 0, 1)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now })
})
afterEach(() => {
  vi.useRealTimers()
})

const inSeconds = (seconds: number): string => new Date(now + seconds * 1000).toUTCString()
const date = ['date', inSeconds(0)] as const
const control = (value: string) => ['cache-control', value] as const
const targeted = (value: string) => ['cdn-cache-control', value] as const
const expires = (value: string) => ['expires', value] as const
const ages = (...values: string[]): HeaderList => [
  date,
  control('max-age=3600'),
  ...values.map((value) => ['age', value] as const),
]

const stores: [string, () => NonNullable<CacheOptions['store']>][] = [['memory', memoryStore]]
if (url !== undefined) {
  stores.push([
    'Redis',
    () => {
      const [store] = processes(1)
      onTestFinished(() => store?.close())
      return store ?? memoryStore()
    },
  ])
}

describe.each(stores)('cache in %s', (_where, storeOf) => {
  /** The bodies of two requests, three seconds apart: which time the app was asked. */
  async function twice(headers: HeaderList, status = 200): Promise<readonly string[]> {
    const { get } = site(counted(headers, status), { store: storeOf() })
    const first = await get('/')
    vi.setSystemTime(now + 3000)
    return [first.text, (await get('/')).text]
  }

  test.each<[HeaderList]>([
    // An Age that is none is not there, and of several the first counts (RFC 9111 §5.1).
    [ages('abc')],
    [ages('-7200')],
    [ages('7200.0')],
    [ages('0, 7200')],
    [ages('0', '7200')],
    [ages('0, 0')],
    [ages('0', '0')],
    [[date, control('max-age=10000'), ['age', '3600'], ['age', '3600']]],
    // Dates in any of three forms, in any case (§4.2).
    [[date, expires('Tue, 19 Jan 2038 14:14:08 GMT')]],
    [[date, expires('Sun, 21 Nov 2286 04:46:39 GMT')]],
    [[date, expires('Thursday, 18-Aug-50 02:01:18 GMT')]],
    [[date, expires('Thu Aug 18 02:01:18 2050')]],
    [[date, expires('THU, 18 Aug 2050 02:01:18 GMT')]],
    [[date, expires('Thu, 18 AUG 2050 02:01:18 GMT')]],
    [[date, expires('Thu, 18 Aug 2050 02:01:18 gMT')]],
    [[['date', 'foo'], expires(inSeconds(10))]],
    [[control('max-age=3600, no-store, must-understand')]],
    // RFC 9213 §2.2.
    [[targeted('max-age=3600')]],
    [[targeted('max-age=2147483648')]],
    [[targeted('max-age=99999999999')]],
    [[targeted('foobar, max-age=3600')]],
    [[date, targeted('max-age=3600'), expires(inSeconds(-10_000))]],
    [[date, targeted('max-age=3600'), expires('0')]],
    [[control('max-age=1'), targeted('max-age=3600')]],
    [[control('no-store'), targeted('max-age=10000')]],
  ])('uses again %j', async (headers) => {
    expect(await twice(headers)).toEqual(['1', '1'])
  })

  test.each<[HeaderList, number?]>([
    [ages('2147483647')],
    [ages('2147483648')],
    [ages('2147483649')],
    [ages('7200, 0')],
    [ages('7200', '0')],
    [[date, expires(inSeconds(0))]],
    [[['date', inSeconds(400)], expires(inSeconds(300))]],
    [[['date', inSeconds(-10)], expires(inSeconds(10)), ['age', '25']]],
    [[['date', inSeconds(10)], expires(inSeconds(20)), ['age', '15']]],
    // What is no date is past (RFC 9111 §5.3).
    [[date, expires('Thu, 18 Aug 2050 02:01:18 UTC')]],
    [[date, expires('Thu, 18 Aug 2050 02:01:18 AEST')]],
    [[date, expires('Thu, 18 Aug 50 02:01:18 GMT')]],
    [[date, expires('Thu 18 Aug 2050 02:01:18 GMT')]],
    [[date, expires('Thu, 18  Aug  2050 02:01:18 GMT')]],
    [[date, expires('Thu, 18-Aug-2050 02:01:18 GMT')]],
    [[date, expires('Thu, 18 Aug 2050 02.01.18 GMT')]],
    [[date, expires('Thu, 18 Aug 2050 2:01:18 GMT')]],
    [[date, expires('Thu, 18 Aug 2050 02:01:18 GMT'), expires('Thu, 18 Aug 2050 02:01:19 GMT')]],
    [[control('max-age=2')]],
    [[control('max-age=3600, no-store, must-understand')], 599],
    [[date, targeted('max-age=3600'), ['age', '7200']]],
    [[targeted('max-age=0')]],
    [[date, targeted('max-age=0'), expires(inSeconds(10_000))]],
    [[control('max-age=3600'), targeted('max-age=1')]],
    [[control('max-age=3600'), targeted('private')]],
    [[control('max-age=3600'), targeted('no-cache')]],
    [[control('max-age=3600'), targeted('no-store')]],
    // A structured field that is none is not there (RFC 9213 §2.1).
    [[control('no-store'), targeted('max-age=10000, &&&&&')]],
    [[control('no-store'), targeted('max-age="10000"')]],
  ])('does not use again %j', async (headers, status) => {
    expect(await twice(headers, status)).toEqual(['1', '2'])
  })

  test('leaves Date, Expires and CDN-Cache-Control as they were', async () => {
    const headers: HeaderList = [date, expires(inSeconds(3600)), targeted('max-age=3600')]
    const { get } = site(counted(headers), { store: storeOf() })
    for (const seconds of [0, 3]) {
      vi.setSystemTime(now + seconds * 1000)
      const response = await get('/')
      expect(response.text).toBe('1')
      for (const [name, value] of headers) expect(response.header(name)).toBe(value)
    }
  })

  test('uses nothing stale when it may no longer be used while it is made anew', async () => {
    const headers = [control('max-age=1, stale-while-revalidate=4'), ['etag', '"1"']] as const
    const { get } = site(counted(headers), { store: storeOf() })
    await get('/')
    vi.setSystemTime(now + 5000)
    expect((await get('/')).text).toBe('2')
  })

  test('has a part’s headers from what is stored', async () => {
    const { get } = site(counted([control('max-age=3600'), ['a', '1']]), { store: storeOf() })
    // The second waits until it is stored, which who asks for a part does not.
    await get('/')
    await get('/')
    const part = await get('/', { headers: { range: 'bytes=0-0' } })
    expect(part).toMatchObject({ status: 206, text: '1' })
    expect(part.header('a')).toBe('1')
  })
})

describe('cache on a socket', () => {
  test('hands on informational responses, and stores nothing of them', async () => {
    vi.useRealTimers()
    const hints: HeaderList = [
      ['link', '</a.css>; rel=preload; as=style'],
      ['x-hint', 'early'],
    ]
    const app: App = (environ, startResponse) => {
      environ['robaccia.server'].inform?.(102, [])
      environ['robaccia.server'].inform?.(103, hints)
      startResponse(200, [control('max-age=100000')])
      return ['hello']
    }
    const server = await serve(cache()(lint(app)), { port: 0, host: '127.0.0.1', server: 'node' })
    onTestFinished(() => server.close())
    const answers = []
    for (let time = 0; time < 2; time++) {
      const informed: unknown[] = []
      const asked = request({ host: '127.0.0.1', port: server.port, agent: false })
      asked.on('information', ({ statusCode, headers }) => informed.push([statusCode, headers]))
      asked.end()
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      response.resume()
      const { 'cache-status': status, link, 'x-hint': hint } = response.headers
      answers.push({ informed, hit: String(status).includes('; hit;'), link, hint })
    }
    const none = { link: undefined, hint: undefined }
    expect(answers).toEqual([
      {
        informed: [
          [102, {}],
          [103, Object.fromEntries(hints)],
        ],
        hit: false,
        ...none,
      },
      { informed: [], hit: true, ...none },
    ])
  })
})
