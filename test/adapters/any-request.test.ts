// Whatever node:http lets through becomes an environ that keeps the contract.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBody, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { servers } from './servers.js'
import type { TestServer } from './servers.js'
import { exchange } from './socket.js'

/** Any byte as a character, seldom one that ends the line or the header. */
const latin1 = (exclude: RegExp) =>
  fc.integer({ min: 0, max: 255 }).map((byte) => {
    const char = String.fromCharCode(byte)
    return exclude.test(char) ? '~' : char
  })
const line = fc
  .array(fc.oneof({ weight: 50, arbitrary: latin1(/[^\t -~\u0080-\u00ff]/) }, latin1(/[\r\n]/)))
  .map((chars) => chars.join(''))
const odd = fc.array(fc.constantFrom(...'/?#%&=:;@[]{}|\\^`"<>.~*é\xff', '..', '%2F', '%zz', '//'))
const path = odd.map((parts) => `/${parts.join('')}`)

const target = fc.oneof(
  { weight: 4, arbitrary: path },
  line.map((chars) => `/${chars.replaceAll(/[\t ]/g, '')}`),
  path.map((each) => `http://example.org:8080${each}`),
  fc.constantFrom('*', '', '/', 'http://', 'http://?', 'example.org:80', 'x:/', '//a', '?a=b', '#'),
)
const method = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PROPFIND', 'DELETE') },
  fc.constantFrom('CONNECT', 'get', 'GE T', '', 'M-SEARCH', 'QUERY'),
)
const known = fc.constantFrom(
  'Accept',
  'Authorization',
  'Content-Type',
  'Cookie',
  'Expect',
  'Host',
  'HTTP_X',
  'Proxy',
  'TE',
  'Trailer',
  'Upgrade',
  'X_Y',
  'X-Forwarded-For',
  '__proto__',
  'constructor',
  'robaccia.server',
  "x'!#$%&*+.^`|~",
)
// These decide where the request ends, and when the connection is closed.
const name = fc
  .oneof(
    { weight: 9, arbitrary: known },
    { weight: 9, arbitrary: fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/) },
    line,
  )
  .filter((each) => !/^\s*(?:connection|content-length|transfer-encoding)\s*(?::|$)/i.test(each))
const headers = fc.array(fc.tuple(name, fc.oneof(line, fc.constantFrom('', '100-continue', ','))), {
  maxLength: 6,
})
const body = fc.constantFrom(
  'Content-Length: 5\r\n\r\nhello',
  'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'Content-Length: 0\r\n\r\n',
  '\r\n',
)

const request = fc
  .record({ method, target, version: fc.constantFrom('1.1', '1.1', '1.0'), headers, body })
  .map((each) =>
    [
      `${each.method} ${each.target} HTTP/${each.version}`,
      'Host: localhost',
      'Connection: close',
      ...each.headers.map((pair) => pair.join(': ')),
      each.body,
    ].join('\r\n'),
  )

const ofNode = servers.filter((server) => server.name === 'koa' || server.name === 'node')

describe.each(ofNode)('$name', ({ start }) => {
  let server: TestServer
  let reached = 0
  const app: App = async (environ, startResponse) => {
    reached += 1
    const { byteLength } = await readBody(environ)
    return text(environ, startResponse, `${byteLength}`)
  }
  beforeAll(async () => {
    server = await start(app)
  })
  afterAll(() => server.close())

  test('makes an environ that keeps the contract of any request that it lets through', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (raw) => {
        const answer = await exchange(server.port, raw)
        // CONNECT has no answer where nobody listens for it: the connection is closed.
        if (answer !== '' || !raw.startsWith('CONNECT')) {
          expect(answer.replace('HTTP/1.1 100 Continue\r\n\r\n', '')).toMatch(
            /^HTTP\/1\.1 [24]\d\d /,
          )
        }
        expect(server.errors()).toBe('')
      }),
      { numRuns: 400 },
    )
    expect(reached).toBeGreaterThan(100)
  })
})
