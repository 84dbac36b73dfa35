import { describe, expect, test } from 'vitest'
import { json, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { toFetch } from '@robaccia/core/fetch'
import { lint } from '@robaccia/core/lint'

const where: App = (environ, startResponse) =>
  json(environ, startResponse, [
    environ['robaccia.url_scheme'],
    environ.HTTP_HOST,
    `${environ.SERVER_NAME}:${environ.SERVER_PORT}`,
    environ.REMOTE_ADDR,
    environ.PATH_INFO,
  ])

describe('toFetch', () => {
  test.each([
    ['http://example.org/a', ['http', 'example.org', 'example.org:80', '', '/a']],
    ['https://example.org', ['https', 'example.org', 'example.org:443', '', '/']],
    ['https://[::1]:8443/%2F', ['https', '[::1]:8443', '[::1]:8443', '', '/%2F']],
  ])('takes the place from %s', async (url, seen) => {
    const response = await toFetch(lint(where))(new Request(url))
    expect(await response.json()).toEqual(seen)
  })

  test('knows the address when the runtime says it', async () => {
    const request = new Request('http://localhost/')
    const response = await toFetch(lint(where))(request, { remoteAddress: '203.0.113.7' })
    expect(await response.json()).toContain('203.0.113.7')
  })

  test('keeps the runtime alive for what runs after', async () => {
    let ran = false
    const promises: Promise<unknown>[] = []
    const app: App = (environ, startResponse) => {
      environ['robaccia.server'].after(async () => {
        await new Promise(setImmediate)
        ran = true
      })
      return text(environ, startResponse, 'hello')
    }
    await toFetch(app)(new Request('http://localhost/'), {
      waitUntil: (promise) => void promises.push(promise),
    })
    expect(promises).toHaveLength(1)
    await promises[0]
    expect(ran).toBe(true)
  })

  test('closes a body whose Response is cancelled', async () => {
    let closes = 0
    const app: App = (_environ, startResponse) => {
      startResponse(200, [])
      return {
        close: () => void (closes += 1),
        async *[Symbol.asyncIterator]() {
          for (;;) yield 'more'
        },
      }
    }
    const response = await toFetch(lint(app))(new Request('http://localhost/'))
    await response.body?.cancel()
    await expect.poll(() => closes).toBe(1)
  })
})
