import { describe, expect, test } from 'vitest'
import * as core from '@robaccia/core'
import { empty, html, json, redirect, text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import type { App, Body, Environ, StartResponse } from '@robaccia/core'

type Answer = (environ: Environ, startResponse: StartResponse) => Body

const get = (answer: Answer) =>
  client((environ, startResponse) => answer(environ, startResponse)).get('/')

describe('text', () => {
  test('answers 200 with plain text in UTF-8', async () => {
    const { status, headers, text: content } = await get((...call) => text(...call, 'ciao è'))
    expect({ status, headers, content }).toEqual({
      status: 200,
      headers: [['content-type', 'text/plain; charset=utf-8']],
      content: 'ciao è',
    })
  })

  test('takes a status and headers', async () => {
    const { status, headers } = await get((...call) =>
      text(...call, 'wait', { status: 503, headers: [['retry-after', '5']] }),
    )
    expect(status).toBe(503)
    expect(headers).toEqual([
      ['content-type', 'text/plain; charset=utf-8'],
      ['retry-after', '5'],
    ])
  })
})

describe('html', () => {
  test('answers with HTML in UTF-8', async () => {
    const response = await get((...call) => html(...call, '<p>è'))
    expect(response.header('content-type')).toBe('text/html; charset=utf-8')
    expect(response.text).toBe('<p>è')
  })

  test('lets another content type replace its own', async () => {
    const headers = [['content-type', 'application/xhtml+xml']] as const
    const response = await get((...call) => html(...call, '<p/>', { headers }))
    expect(response.headers).toEqual(headers)
  })
})

describe('json', () => {
  test('answers with JSON, which has no charset', async () => {
    const response = await get((...call) => json(...call, { a: [1, null, 'è'] }))
    expect(response.header('content-type')).toBe('application/json')
    expect(response.json()).toEqual({ a: [1, null, 'è'] })
  })

  test.each([[undefined], [Symbol('s')], [() => 1]])(
    'refuses %s, which has no JSON',
    async (value) => {
      const { error } = await get((...call) => json(...call, value))
      expect(error).toEqual(new TypeError(`json value must have a JSON form, got ${typeof value}`))
    },
  )
})

describe('redirect', () => {
  const locationOf = async (location: string) =>
    (await get((...call) => redirect(...call, location))).header('location')

  test('answers 303 without a body', async () => {
    const { status, headers, text: content } = await get((...call) => redirect(...call, '/blog/'))
    expect({ status, headers, content }).toEqual({
      status: 303,
      headers: [['location', '/blog/']],
      content: '',
    })
  })

  test.each([301, 302, 303, 307, 308])('takes the status %i', async (status) => {
    const response = await get((...call) =>
      redirect(...call, '/', { status, headers: [['cache-control', 'no-store']] }),
    )
    expect(response.status).toBe(status)
    expect(response.header('cache-control')).toBe('no-store')
  })

  test.each([200, 300, 304, 404])('refuses the status %i', async (status) => {
    const { error } = await get((...call) => redirect(...call, '/', { status }))
    expect(error).toEqual(
      new TypeError(`redirect status must be 301, 302, 303, 307 or 308, got ${status}`),
    )
  })

  test.each([
    ['/perché no?q="1"#<a>', '/perch%C3%A9%20no?q=%221%22#%3Ca%3E'],
    ['/%C3%A9/%2F?a=%20', '/%C3%A9/%2F?a=%20'],
    ['/😀', '/%F0%9F%98%80'],
    ['/\\evil.example', '/%5Cevil.example'],
    ['https://bücher.example/ä?ö', 'https://xn--bcher-kva.example/%C3%A4?%C3%B6'],
    ['mailto:a@example.org', 'mailto:a@example.org'],
  ])('encodes %s', async (location, sent) => {
    expect(await locationOf(location)).toBe(sent)
  })

  test.each([
    '',
    'blog/',
    './',
    '?page=2',
    '//evil.example/',
    '/a\r\nset-cookie: a=1',
    '/\t/evil.example',
    'https://example.org/\n',
    '/\ud800',
    'http://',
  ])('refuses %j', async (location) => {
    const { error } = await get((...call) => redirect(...call, location))
    expect(error).toEqual(
      new TypeError(
        `redirect location must be an absolute path or a URL without control characters, got ${JSON.stringify(location)}`,
      ),
    )
  })
})

describe('empty', () => {
  test('answers 204', async () => {
    const { status, headers, text: content } = await get((...call) => empty(...call))
    expect({ status, headers, content }).toEqual({ status: 204, headers: [], content: '' })
  })

  test('takes a status and headers', async () => {
    const response = await get((...call) => empty(...call, 405, [['allow', 'GET']]))
    expect(response.status).toBe(405)
    expect(response.header('allow')).toBe('GET')
  })
})

describe('bare statuses', () => {
  const apps: readonly [string, App, number][] = [
    ['badRequest', core.badRequest, 400],
    ['forbidden', core.forbidden, 403],
    ['notFound', core.notFound, 404],
    ['methodNotAllowed', core.methodNotAllowed, 405],
    ['notAcceptable', core.notAcceptable, 406],
    ['conflict', core.conflict, 409],
    ['gone', core.gone, 410],
  ]
  test.each(apps)('%s is an app without headers and body', async (name, app, status) => {
    const response = await client(app).get('/')
    expect(response).toMatchObject({ status, headers: [], text: '' })
    expect(app.name).toBe(name)
  })
})
