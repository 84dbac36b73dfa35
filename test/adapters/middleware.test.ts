// Middleware that depend on when bytes leave, over each server's own sockets.
import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { compose, compress, conditional, securityHeaders, text } from '@robaccia/core'
import type { App, HeaderList } from '@robaccia/core'
import { servers } from './servers.js'

const long = 'All work and no play makes Jack a dull boy. '.repeat(10_000)
const page: App = (environ, startResponse) => text(environ, startResponse, long)
const ofNode = servers.filter(({ name }) => name === 'koa' || name === 'node')

describe.each(ofNode)('$name', ({ start }) => {
  async function serving(app: App): Promise<string> {
    const server = await start(app)
    onTestFinished(() => server.close())
    return server.url
  }

  /** The head of a response as it came, its body still compressed and unread. */
  async function head(
    url: string,
    headers: Record<string, string>,
    method = 'GET',
  ): Promise<IncomingMessage> {
    const asked = request(url, { method, headers: { ...headers, connection: 'close' } }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return response
  }

  test.each(['br', 'gzip'])('sends what is compressed in %s with its length', async (coding) => {
    const url = await serving(compress()(page))
    const response = await head(url, { 'accept-encoding': coding })
    expect(response.headers).toMatchObject({ 'content-encoding': coding, vary: 'accept-encoding' })
    let bytes = 0
    response.on('data', (chunk: Buffer) => (bytes += chunk.length))
    await once(response, 'end')
    expect(Number(response.headers['content-length'])).toBe(bytes)
    expect(bytes).toBeLessThan(long.length / 100)
    const decoded = await fetch(url, { headers: { 'accept-encoding': coding } })
    expect(await decoded.text()).toBe(long)
  })

  test('answers HEAD and 304 with the headers of GET', async () => {
    const url = await serving(compose(securityHeaders(), compress(), conditional())(page))
    const headers = { 'accept-encoding': 'gzip' }
    const got = await fetch(url, { headers })
    const etag = got.headers.get('etag') ?? ''
    await got.text()
    expect(etag).toMatch(/^W\/"/)
    const kept = ['etag', 'vary', 'x-content-type-options']
    for (const [method, noneMatch, status] of [
      ['HEAD', '"other"', 200],
      ['GET', etag, 304],
      ['HEAD', etag, 304],
    ] as const) {
      const response = await head(url, { ...headers, 'if-none-match': noneMatch }, method)
      expect(response.statusCode).toBe(status)
      expect(kept.map((name) => response.headers[name])).toEqual(
        kept.map((name) => got.headers.get(name)),
      )
      expect(response.headers['content-length']).toBeUndefined()
      expect(response.headers['content-type'] !== undefined).toBe(status === 200)
      response.resume()
    }
  })

  test.each(['br', 'gzip'])('delivers each event of a stream in %s as it comes', async (coding) => {
    let go = (): void => {}
    const events: App = (_environ, startResponse) => {
      startResponse(200, [['content-type', 'text/event-stream']])
      return (async function* () {
        for (const event of ['', 'data: 1\n\n', 'data: 2\n\n']) {
          yield event
          await new Promise<void>((resolve) => (go = resolve))
        }
      })()
    }
    const response = await head(await serving(compress()(events)), { 'accept-encoding': coding })
    const decoder = response.pipe(coding === 'br' ? createBrotliDecompress() : createGunzip())
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      go()
      const [chunk] = (await once(decoder, 'data')) as [Buffer]
      expect(chunk.toString()).toBe(event)
    }
    go()
    decoder.resume()
    await once(decoder, 'end')
  })

  test('closes the body once when the client leaves a compressed stream, and pulls no further', async () => {
    const seen = { pulls: 0, closes: 0 }
    const described: HeaderList = [['content-type', 'text/plain']]
    const endless: App = (_environ, startResponse) => {
      startResponse(200, described)
      return {
        async *[Symbol.asyncIterator]() {
          for (;;) {
            seen.pulls += 1
            yield Buffer.from(crypto.getRandomValues(new Uint8Array(50_000))).toString('latin1')
            await new Promise(setImmediate)
          }
        },
        close: () => void (seen.closes += 1),
      }
    }
    const url = await serving(compress()(endless))
    const response = await head(url, { 'accept-encoding': 'gzip' })
    await once(response, 'data')
    response.pause()
    await expect
      .poll(async () => {
        const before = seen.pulls
        await new Promise((resolve) => setTimeout(resolve, 100))
        return seen.pulls - before
      })
      .toBe(0)
    response.destroy()
    await expect.poll(() => seen.closes).toBe(1)
    const pulls = seen.pulls
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(seen.pulls).toBe(pulls)
    expect(seen.closes).toBe(1)
  })
})
