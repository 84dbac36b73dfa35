// The order that docs/middleware.md gives for a whole site, as far as core has the pieces.
import { describe, expect, test } from 'vitest'
import { gunzipSync } from 'node:zlib'
import {
  atomic,
  compose,
  compress,
  conditional,
  errors,
  html,
  methodOverride,
  readForm,
  sameOrigin,
  securityHeaders,
  selector,
  text,
} from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const long = 'All work and no play makes Jack a dull boy. '.repeat(100)
const deleted: object[] = []
let transactions = 0

const urls = selector()
  .add('/', { GET: (environ, startResponse) => text(environ, startResponse, long) })
  .add('/{id}', {
    DELETE: async (environ, startResponse) => {
      const { id } = environ['router.params']
      deleted.push({ id, why: (await readForm(environ)).get('why') })
      return text(environ, startResponse, 'deleted')
    },
  })

const site = compose(
  securityHeaders(),
  errors({ default: (environ, startResponse) => html(environ, startResponse, '<h1>Sorry</h1>') }),
  compress(),
  conditional(),
  sameOrigin(),
  methodOverride(),
  atomic({ transaction: (fn) => (transactions++, fn()) }),
)(urls)

const { get, post } = client(site, { headers: { 'accept-encoding': 'gzip' } })

describe('the order of a whole site', () => {
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
