import { describe, expect, test } from 'vitest'
import createError from 'http-errors'
import { compose, errors, securityHeaders, text } from '@robaccia/core'
import type { App, HeaderList } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const page: App = (environ, startResponse) => text(environ, startResponse, 'hello')
const https = { environ: { 'robaccia.url_scheme': 'https' as const } }

const names = [
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'referrer-policy',
  'x-content-type-options',
  'x-frame-options',
]

/** The names of the headers that a page has but for its own. */
async function added(...args: Parameters<typeof securityHeaders>): Promise<string[]> {
  const { headers } = await client(securityHeaders(...args)(page), https).get('/')
  return headers.map(([name]) => name).filter((name) => name !== 'content-type')
}

describe('securityHeaders', () => {
  test('adds its headers to whatever the app answers', async () => {
    const response = await client(securityHeaders()(page)).get('/')
    expect(response.text).toBe('hello')
    expect(response.headers.map(([name]) => name)).toEqual(['content-type', ...names])
    expect(response.header('x-content-type-options')).toBe('nosniff')
    expect(response.header('referrer-policy')).toBe('same-origin')
    expect(response.header('content-security-policy')).toMatch(
      /^default-src 'self'; .*frame-ancestors 'none'/,
    )
  })

  test('says that only https will do over https only', async () => {
    const { get } = client(securityHeaders()(page))
    expect((await get('/')).header('strict-transport-security')).toBeUndefined()
    expect((await get('/', https)).header('strict-transport-security')).toBe(
      'max-age=31536000; includeSubDomains',
    )
    const own = client(securityHeaders({ 'strict-transport-security': 'max-age=60' })(page))
    expect((await own.get('/')).header('strict-transport-security')).toBeUndefined()
    expect((await own.get('/', https)).header('strict-transport-security')).toBe('max-age=60')
  })

  test('can have each replaced, or left out, and others added', async () => {
    const response = await client(
      securityHeaders({
        'referrer-policy': 'no-referrer',
        'x-frame-options': false,
        'permissions-policy': 'camera=()',
      })(page),
    ).get('/')
    expect(response.header('referrer-policy')).toBe('no-referrer')
    expect(response.header('x-frame-options')).toBeUndefined()
    expect(response.header('permissions-policy')).toBe('camera=()')
    expect(response.header('x-content-type-options')).toBe('nosniff')
    for (const name of [...names, 'strict-transport-security']) {
      expect(await added({ [name]: false })).not.toContain(name)
      expect(await added({ [name]: false })).toHaveLength(names.length)
    }
  })

  test('leaves what the app has set', async () => {
    const own: HeaderList = [
      ['content-security-policy', "default-src 'none'"],
      ['content-security-policy', "script-src 'self'"],
    ]
    const app: App = (_environ, startResponse) => {
      startResponse(200, own)
      return ['hello']
    }
    const { headers } = await client(securityHeaders()(app)).get('/')
    expect(headers.filter(([name]) => name === 'content-security-policy')).toEqual(own)
    expect(headers).toHaveLength(own.length + names.length - 1)
  })

  test.each([400, 403, 421, 500])(
    'is on the page of a thrown %i outside of errors',
    async (status) => {
      const app = compose(
        securityHeaders(),
        errors({ default: page }),
      )(() => {
        throw createError(status)
      })
      const response = await client(app).get('/')
      expect(response).toMatchObject({ status, text: 'hello' })
      expect(response.header('x-content-type-options')).toBe('nosniff')
    },
  )

  test('is on a head that replaces another', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(200, [])
      startResponse(503, [], new Error('later'))
      return []
    }
    const response = await client(securityHeaders()(app)).get('/')
    expect(response.status).toBe(503)
    expect(response.headers.map(([name]) => name)).toEqual(names)
  })

  const wrong: [headers: Record<string, string | false>, message: string][] = [
    [{ 'X-Frame-Options': 'DENY' }, 'a name must be a lower-case header name'],
    [{ 'x frame': 'DENY' }, 'a name must be a lower-case header name, got "x frame"'],
    [{ 'x-frame-option': false }, 'what is left out must be one of content-security-policy, '],
    [{ 'referrer-policy': 'a\r\nb: c' }, 'referrer-policy must be a header value or false'],
    [{ 'referrer-policy': '' }, 'referrer-policy must be a header value or false, got ""'],
  ]
  test.each(wrong)('refuses %o when it is made', (headers, message) => {
    expect(() => securityHeaders(headers)).toThrow(TypeError)
    expect(() => securityHeaders(headers)).toThrow(message)
  })
})
