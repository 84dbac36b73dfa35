import { describe, expect, test } from 'vitest'
import { sameOrigin, text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const site = client(
  sameOrigin()((environ, startResponse) => text(environ, startResponse, 'done')),
  { headers: { host: 'example.org' } },
)
const post = (headers: Record<string, string>) => site.post('/', { headers })

describe('sameOrigin', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('lets %s pass from anywhere', async (method) => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await site.request(method, '/', { headers })).status).toBe(200)
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'get'])(
    'refuses %s from another site',
    async (method) => {
      const response = await site.request(method, '/', {
        headers: { 'sec-fetch-site': 'cross-site' },
      })
      expect(response).toMatchObject({
        status: 403,
        text: 'the request must come from a page of this site, got a cross-site one\n',
        errors: '',
      })
    },
  )

  test.each(['same-origin', 'none'])('lets sec-fetch-site %s pass', async (fetchSite) => {
    expect((await post({ 'sec-fetch-site': fetchSite })).status).toBe(200)
  })

  test.each(['same-site', 'cross-site', '', 'Same-Origin', 'same-origin, none'])(
    'refuses sec-fetch-site %j',
    async (fetchSite) => {
      expect((await post({ 'sec-fetch-site': fetchSite })).status).toBe(403)
    },
  )

  test('believes sec-fetch-site before origin', async () => {
    const own = 'https://example.org'
    expect((await post({ 'sec-fetch-site': 'same-site', origin: own })).status).toBe(403)
    const other = 'https://proxy.example'
    expect((await post({ 'sec-fetch-site': 'same-origin', origin: other })).status).toBe(200)
  })

  test.each([
    ['https://example.org', 'example.org'],
    ['http://example.org', 'example.org'],
    ['https://example.org', 'Example.ORG'],
    ['https://example.org', 'example.org:443'],
    ['http://localhost:8080', 'localhost:8080'],
    ['http://example.org', 'example.org:80'],
    ['http://[::1]:8080', '[::1]:8080'],
  ])('lets the origin %s pass at host %s', async (origin, host) => {
    expect((await post({ origin, host })).status).toBe(200)
  })

  test.each([
    ['https://evil.example', 'example.org'],
    ['https://sub.example.org', 'example.org'],
    ['https://example.org:8443', 'example.org'],
    ['https://example.org', 'example.org:80'],
    ['http://localhost:8080', 'localhost'],
    ['https://example.org.evil.example', 'example.org'],
    ['null', 'example.org'],
    ['null', 'null'],
    ['', 'example.org'],
    ['example.org', 'example.org'],
    ['file://', ''],
    ['https://example.org', ''],
    ['https://example.org', 'x@example.org/..'],
  ])('refuses the origin %j at host %j', async (origin, host) => {
    const response = await post({ origin, host })
    expect(response).toMatchObject({
      status: 403,
      text: `the request must come from a page of this site, got one from ${origin}\n`,
    })
  })

  test('lets a request with neither pass: no browser sent it', async () => {
    expect((await post({})).text).toBe('done')
  })
})
