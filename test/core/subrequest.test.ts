import { describe, expect, test } from 'vitest'
import { callApp, readAll, subrequest, text, type App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { lint } from '@robaccia/core/lint'

const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')

describe('subrequest', () => {
  test('is a request of its own, that keeps the contract', async () => {
    const told: string[] = []
    const inner: App = async (environ, startResponse) => {
      environ['robaccia.server'].after(({ bytes }) => void told.push(`inner: ${bytes}`))
      environ['robaccia.notes'].route = '/inner'
      for await (const chunk of environ['robaccia.input']) told.push(String(chunk))
      return text(environ, startResponse, `${environ.REQUEST_METHOD} ${environ.HTTP_X_NAME}`)
    }
    const outer: App = async (environ, startResponse) => {
      environ['robaccia.server'].after(() => void told.push('outer'))
      environ['robaccia.notes'].user = 'ada'
      const own = subrequest(environ, {
        REQUEST_METHOD: 'GET',
        HTTP_X_NAME: 'Ada',
        HTTP_COOKIE: undefined,
      })
      expect(own.environ).not.toHaveProperty('HTTP_COOKIE')
      expect(own.environ['robaccia.notes'].user).toBe('ada')
      const { status, headers, body } = await callApp(lint(inner), own.environ)
      const bytes = await readAll(body)
      await own.end({ status, headers, bytes: bytes.byteLength, aborted: false })
      return text(environ, startResponse, Buffer.from(bytes).toString())
    }
    const response = await client(outer).post('/', { body: 'mine', headers: { cookie: 'a=1' } })
    expect(response.text).toBe('GET Ada')
    expect(response.notes).toEqual({ user: 'ada' })
    expect(told).toEqual(['inner: 7', 'outer'])
  })

  test('is told that nobody waits any more, and reports what fails at its end', async () => {
    const response = await client(async (environ, startResponse) => {
      const own = subrequest(environ)
      const { signal } = own.environ['robaccia.server']
      expect(signal.aborted).toBe(false)
      own.abort()
      expect(signal.aborted).toBe(true)
      own.environ['robaccia.server'].after(() => {
        throw new Error('no room for statistics')
      })
      await own.end({ status: 200, headers: [], bytes: 0, aborted: true })
      return hello(environ, startResponse)
    }).get('/')
    expect(response.text).toBe('hello')
    expect(response.errors).toMatch(/no room for statistics/)
  })

  test.each([true, false])('informs where its server can: %s', async (can) => {
    const informed: number[] = []
    await client((environ, startResponse) => {
      if (can) environ['robaccia.server'].inform = (status) => void informed.push(status)
      subrequest(environ).environ['robaccia.server'].inform?.(103, [])
      return hello(environ, startResponse)
    }).get('/')
    expect(informed).toEqual(can ? [103] : [])
  })
})
