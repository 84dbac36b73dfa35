// A whole site with all the middleware of docs/order.md at once.
import { sessions } from '@robaccia/auth'
import { cache, cached } from '@robaccia/cache'
import {
  atomic,
  compose,
  compress,
  conditional,
  errors,
  html,
  methodOverride,
  proxied,
  readForm,
  sameOrigin,
  securityHeaders,
  selector,
  text,
} from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { forwarded, logged } from './case.js'
import { counting, secret } from './visits.js'

const long = 'All work and no play makes Jack a dull boy. '.repeat(100)
const deleted: object[] = []
let transactions = 0
let asked = 0
const { logs, lines } = logged()

const urls = selector()
  .add('/', {
    GET: cached(60)((environ, startResponse) => {
      asked += 1
      return text(environ, startResponse, long)
    }),
  })
  .add('/visits', { GET: cached(60)(counting) })
  .add('/{id}', {
    DELETE: async (environ, startResponse) => {
      const { id } = environ['router.params']
      deleted.push({ id, why: (await readForm(environ)).get('why') })
      return text(environ, startResponse, 'deleted')
    },
  })

const site = compose(
  proxied({ trust: 'loopback' }),
  logs,
  securityHeaders(),
  errors({ default: (environ, startResponse) => html(environ, startResponse, '<h1>Sorry</h1>') }),
  compress(),
  cache(),
  conditional(),
  sessions({ secret }),
  sameOrigin(),
  methodOverride(),
  atomic({ transaction: (fn) => (transactions++, fn()) }),
)(urls)

const { get, post } = client(site, {
  headers: { 'accept-encoding': 'gzip', 'x-forwarded-for': forwarded['x-forwarded-for'] },
})

describe('a whole site', () => {
  test('keeps a page for all, in one copy, and logs who has had it', async () => {
    for (const coding of ['gzip', 'br', 'identity']) {
      const response = await get('/', { headers: { 'accept-encoding': coding } })
      expect(response.header('content-encoding') ?? 'identity').toBe(coding)
      expect(response.header('x-content-type-options')).toBe('nosniff')
    }
    expect(asked).toBe(1)
    const seen = lines().map(({ route, remote, status }) => [route, remote, status])
    const line = ['/', '203.0.113.7', 200]
    expect(seen).toEqual([line, line, line])
  })

  test('keeps nobody’s own page for others', async () => {
    expect((await get('/visits')).text).toBe('visit 1')
    expect((await get('/visits')).text).toBe('visit 2')
    expect((await client(site).get('/visits')).text).toBe('visit 1')
  })

  test('compresses what was tagged, and answers 304 to whom has it', async () => {
    const page = await get('/')
    expect(gunzipSync(page.bytes).toString()).toBe(long)
    const etag = page.header('etag') ?? ''
    const again = await get('/', { headers: { 'if-none-match': etag } })
    expect(again).toMatchObject({ status: 304, text: '' })
    for (const name of ['etag', 'vary', 'content-security-policy', 'x-content-type-options']) {
      expect(again.header(name)).toBe(page.header(name))
    }
  })

  test('lets the view read the form that said what it means', async () => {
    const form = { _method: 'DELETE', why: 'old' }
    const before = transactions
    expect((await post('/first', { form })).text).toBe('deleted')
    expect(transactions).toBe(before + 1)
    expect(deleted.splice(0)).toEqual([{ id: 'first', why: 'old' }])
  })

  test('refuses other sites before it believes their forms', async () => {
    const before = transactions
    const form = { _method: 'DELETE', why: 'evil' }
    const response = await post('/first', { form, headers: { 'sec-fetch-site': 'cross-site' } })
    expect(response.status).toBe(403)
    expect(deleted).toEqual([])
    expect(transactions).toBe(before)
  })

  test.each([
    ['a missing page', 404, () => get('/no/such')],
    ['a foreign post', 403, () => post('/', { headers: { 'sec-fetch-site': 'cross-site' } })],
    [
      'a client that takes nothing',
      406,
      () => get('/', { headers: { 'accept-encoding': '*;q=0' } }),
    ],
    ['a failed condition', 412, () => get('/', { headers: { 'if-match': '"other"' } })],
  ])('has a page with security headers for %s', async (_what, status, ask) => {
    const response = await ask()
    expect(response).toMatchObject({ status, text: '<h1>Sorry</h1>' })
    expect(response.header('x-content-type-options')).toBe('nosniff')
    expect(response.header('content-security-policy')).toContain("frame-ancestors 'none'")
  })
})
