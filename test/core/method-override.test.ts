import { describe, expect, test } from 'vitest'
import { json, methodOverride, readBody, readForm, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

/** Answers with the method that it sees and the form that it reads. */
const view: App = async (environ, startResponse) => {
  const { REQUEST_METHOD: method } = environ
  const form = Object.fromEntries(await readForm(environ, { limit: 10_000_000 }))
  return json(environ, startResponse, { method, form })
}
const seen: App = (environ, startResponse) => text(environ, startResponse, environ.REQUEST_METHOD)

describe('methodOverride', () => {
  test.each(['PUT', 'PATCH', 'DELETE', 'delete'])('makes a POST a %s', async (method) => {
    const response = await client(methodOverride()(view)).post('/', {
      form: { _method: method, title: 'a' },
    })
    expect(response.json()).toEqual({
      method: method.toUpperCase(),
      form: { _method: method, title: 'a' },
    })
  })

  test.each(['GET', 'HEAD', 'POST', 'OPTIONS', 'TRACE', 'CONNECT', '', 'DELETE /', 'ＰＵＴ'])(
    'passes over %j',
    async (method) => {
      const response = await client(methodOverride()(seen)).post('/', { form: { _method: method } })
      expect(response.text).toBe('POST')
    },
  )

  test('leaves a form without the field a POST', async () => {
    const response = await client(methodOverride()(view)).post('/', { form: { title: 'a' } })
    expect(response.json()).toEqual({ method: 'POST', form: { title: 'a' } })
  })

  test.each(['GET', 'PUT', 'DELETE'])('leaves %s alone', async (method) => {
    const form = { _method: 'PATCH' }
    const response = await client(methodOverride()(seen)).request(method, '/', { form })
    expect(response.text).toBe(method)
  })

  test('takes the field from the body only, not from the query', async () => {
    const response = await client(methodOverride()(seen)).post('/?_method=DELETE', { form: {} })
    expect(response.text).toBe('POST')
  })

  test('does not read a multipart form, or JSON', async () => {
    const form = new FormData()
    form.set('_method', 'DELETE')
    const unread: App = (environ, startResponse) => {
      expect(environ['robaccia.body']).toBeUndefined()
      return seen(environ, startResponse)
    }
    const { post } = client(methodOverride()(unread))
    expect((await post('/', { form })).text).toBe('POST')
    expect((await post('/', { json: { _method: 'DELETE' } })).text).toBe('POST')
    const headers = { 'content-type': 'application/x-www-form-urlencoded-not' }
    expect((await post('/', { body: '_method=DELETE', headers })).text).toBe('POST')
  })

  test('knows the type in any case and with a charset', async () => {
    const headers = { 'content-type': 'Application/X-WWW-Form-URLEncoded ; charset=utf-8' }
    const response = await client(methodOverride()(seen)).post('/', {
      body: '_method=DELETE',
      headers,
    })
    expect(response.text).toBe('DELETE')
  })

  test('leaves what is further out with the POST', async () => {
    let outer = ''
    const app: App = async (environ, startResponse) => {
      const body = await methodOverride()(seen)(environ, startResponse)
      outer = environ.REQUEST_METHOD
      return body
    }
    const response = await client(app).post('/', { form: { _method: 'PUT' } })
    expect([response.text, outer]).toEqual(['PUT', 'POST'])
  })

  test('refuses more than its limit, which can be as large as a view’s', async () => {
    const form = { _method: 'PUT', text: 'a'.repeat(1024 * 1024) }
    const refused = await client(methodOverride()(view)).post('/', { form })
    expect(refused.status).toBe(413)
    expect(refused.text).toMatch(/^the body must be at most 1048576 bytes, got \d+\n$/)
    expect((await client(methodOverride()(seen)).post('/', { form })).status).toBe(413)
    const taken = await client(methodOverride({ limit: 10_000_000 })(view)).post('/', { form })
    expect(taken.json()).toMatchObject({ method: 'PUT' })
  })

  test('leaves it to the view how many fields a form has', async () => {
    const form = new URLSearchParams([
      ...Array.from({ length: 1000 }, (_, index) => ['a', `${index}`]),
      ['_method', 'DELETE'],
    ])
    expect((await client(methodOverride()(seen)).post('/', { form })).text).toBe('DELETE')
    expect((await client(methodOverride()(view)).post('/', { form })).status).toBe(413)
  })

  test('leaves what is wrong with a form to the view', async () => {
    const raw: App = async (environ, startResponse) =>
      text(environ, startResponse, Buffer.from(await readBody(environ)).toString())
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const init = { body: '100% _method=DELETE', headers }
    expect((await client(methodOverride()(raw)).post('/', init)).text).toBe(init.body)
    const read = await client(methodOverride()(view)).post('/', init)
    expect(read).toMatchObject({
      status: 400,
      text: 'the form must be percent-encoded UTF-8, got a malformed escape\n',
    })
  })

  test('leaves a compressed form to whoever can unpack it', async () => {
    const unread: App = (environ, startResponse) => {
      expect(environ['robaccia.body']).toBeUndefined()
      return seen(environ, startResponse)
    }
    const response = await client(methodOverride()(unread)).post('/', {
      form: { _method: 'DELETE' },
      headers: { 'content-encoding': 'gzip' },
    })
    expect(response.text).toBe('POST')
  })

  test('lets a view’s smaller limit win', async () => {
    const small: App = async (environ, startResponse) => {
      await readForm(environ, { limit: 10 })
      return text(environ, startResponse, 'read')
    }
    const response = await client(methodOverride()(small)).post('/', {
      form: { _method: 'DELETE' },
    })
    expect(response.status).toBe(413)
  })

  test.each([-1, Number.NaN])('refuses the limit %s when it is made', (limit) => {
    expect(() => methodOverride({ limit })).toThrow(
      new TypeError(`limit must be a number of at least 0, got ${limit}`),
    )
  })
})
