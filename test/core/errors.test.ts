import createError from 'http-errors'
import { describe, expect, test } from 'vitest'
import { empty, errors, html, json, mount, notFound, selector, text } from '@robaccia/core'
import type { App, ErrorNote, ErrorPages, ErrorsOptions } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const throwing =
  (error: unknown): App =>
  () => {
    throw error
  }
const bare =
  (status: number, headers: readonly (readonly [string, string])[] = []): App =>
  (environ, startResponse) =>
    empty(environ, startResponse, status, headers)
const get = (app: App, pages?: ErrorPages, options?: ErrorsOptions) =>
  client(errors(pages, options)(app)).get('/a/b?secret=1')

/** A page that shows what it was told. */
const page: App = (environ, startResponse) => {
  const { status, message } = environ['errors.error'] as ErrorNote
  return html(environ, startResponse, `<h1>${status}</h1>${message}`)
}

describe('errors', () => {
  test('hands on an answer that is no error', async () => {
    const response = await get((environ, startResponse) => json(environ, startResponse, [1]), {
      default: page,
    })
    expect(response).toMatchObject({ status: 200, text: '[1]', errors: '' })
    expect(response.headers).toEqual([['content-type', 'application/json']])
  })

  test.each([200, 204, 303, 304])('hands on an empty %i', async (status) => {
    const response = await get(bare(status, [['x-a', '1']]), { default: page })
    expect(response).toMatchObject({ status, headers: [['x-a', '1']], text: '' })
  })

  test('hands on an error answer that has a body', async () => {
    const app: App = (environ, startResponse) =>
      text(environ, startResponse, 'no such entry', { status: 404 })
    expect(await get(app, { 404: page })).toMatchObject({ status: 404, text: 'no such entry' })
  })

  test('hands on an error answer that is a stream', async () => {
    const app: App = async (_environ, startResponse) => {
      startResponse(502, [])
      return (async function* () {
        yield 'from afar'
      })()
    }
    expect(await get(app, { default: page })).toMatchObject({ status: 502, text: 'from afar' })
  })
})

describe('errors, of what is thrown', () => {
  test('makes a 500 without a word of the error', async () => {
    const response = await get(throwing(new Error('password is hunter2')))
    expect(response).toMatchObject({ status: 500, text: '500 Internal Server Error\n' })
    expect(response.header('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.error).toBeUndefined()
  })

  test.each([[undefined], [null], ['a string'], [{ status: 404, expose: true, message: 'no' }]])(
    'makes a 500 of %j',
    async (thrown) => {
      expect(await get(throwing(thrown))).toMatchObject({
        status: 500,
        text: '500 Internal Server Error\n',
      })
    },
  )

  test('takes a rejection like a throw', async () => {
    const app: App = () => Promise.reject(createError(404, 'no such entry'))
    expect((await get(app)).status).toBe(404)
  })

  test('keeps an http-errors error’s status, headers and exposed message', async () => {
    const error = createError(429, 'at most 5 a minute', {
      headers: { 'Retry-After': '60', 'content-type': 'image/png', 'content-length': '7' },
    })
    const response = await get(throwing(error))
    expect(response).toMatchObject({
      status: 429,
      text: '429 Too Many Requests\nat most 5 a minute\n',
    })
    expect(response.headers).toEqual([
      ['content-type', 'text/plain; charset=utf-8'],
      ['retry-after', '60'],
    ])
  })

  test('keeps a message that is not exposed to itself', async () => {
    const response = await get(throwing(createError(503, 'db7 is down')), { 503: page })
    expect(response).toMatchObject({ status: 503, text: '<h1>503</h1>Service Unavailable' })
  })

  test('shows the page of its status', async () => {
    const pages = { 404: page, 500: bare(200) }
    const response = await get(throwing(createError(404, 'no such entry')), pages)
    expect(response).toMatchObject({ status: 404, text: '<h1>404</h1>no such entry' })
    expect(response.header('content-type')).toBe('text/html; charset=utf-8')
  })

  test('shows the default page for a status without one', async () => {
    const response = await get(throwing(createError(418)), { 404: bare(200), default: page })
    expect(response).toMatchObject({ status: 418, text: "<h1>418</h1>I'm a Teapot" })
  })

  test('replaces the head of an app that throws after it', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(200, [['set-cookie', 'a=1']])
      throw createError(409, 'too late')
    }
    const response = await get(app)
    expect(response).toMatchObject({ status: 409, text: '409 Conflict\ntoo late\n' })
    expect(response.header('set-cookie')).toBeUndefined()
  })

  test('takes the last head of an app that started twice, with an error', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(200, [])
      startResponse(503, [['retry-after', '1']], new Error('busy'))
      return ['busy']
    }
    expect(await get(app)).toMatchObject({
      status: 503,
      headers: [['retry-after', '1']],
      text: 'busy',
    })
  })

  test('lets a stream replace its head before its first chunk', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(200, [['x-a', '1']])
      return (async function* () {
        startResponse(503, [['retry-after', '1']], new Error('busy'))
        yield 'busy'
      })()
    }
    expect(await get(app)).toMatchObject({
      status: 503,
      headers: [['retry-after', '1']],
      text: 'busy',
    })
  })

  test('leaves a stream that fails to the server', async () => {
    const error = new Error('cut')
    const app: App = (_environ, startResponse) => {
      startResponse(200, [])
      // oxlint-disable-next-line require-yield -- it fails before its first chunk
      return (async function* () {
        throw error
      })()
    }
    const response = await get(app, { default: page })
    expect(response).toMatchObject({ status: 500, text: 'Internal Server Error\n', error })
  })
})

describe('errors, of empty error answers', () => {
  test('makes a plain page', async () => {
    expect(await get(notFound)).toMatchObject({ status: 404, text: '404 Not Found\n', errors: '' })
  })

  test('shows the page of its status, without an error', async () => {
    const notes: unknown[] = []
    const app: App = (environ, startResponse) => {
      notes.push(environ['errors.error'])
      return page(environ, startResponse)
    }
    expect((await get(notFound, { 404: app })).text).toBe('<h1>404</h1>Not Found')
    expect(notes).toEqual([{ status: 404, message: 'Not Found' }])
  })

  test('keeps headers but those of the body', async () => {
    const app = bare(405, [
      ['allow', 'GET'],
      ['content-length', '0'],
      ['content-type', 'text/css'],
      ['content-encoding', 'gzip'],
    ])
    const response = await get(app)
    expect(response.headers).toEqual([
      ['content-type', 'text/plain; charset=utf-8'],
      ['allow', 'GET'],
    ])
    expect(response.text).toBe('405 Method Not Allowed\n')
  })

  test('lets the answer’s headers win over the page’s, and adds cookies and vary up', async () => {
    const shown: App = (environ, startResponse) =>
      html(environ, startResponse, 'page', {
        headers: [
          ['cache-control', 'max-age=60'],
          ['set-cookie', 'a=1'],
          ['vary', 'cookie'],
          ['x-page', '1'],
        ],
      })
    const app = bare(401, [
      ['www-authenticate', 'Basic'],
      ['www-authenticate', 'Bearer'],
      ['cache-control', 'no-store'],
      ['set-cookie', 'b=2'],
      ['vary', 'origin'],
    ])
    expect((await get(app, { 401: shown })).headers).toEqual([
      ['content-type', 'text/html; charset=utf-8'],
      ['set-cookie', 'a=1'],
      ['vary', 'cookie'],
      ['x-page', '1'],
      ['www-authenticate', 'Basic'],
      ['www-authenticate', 'Bearer'],
      ['cache-control', 'no-store'],
      ['set-cookie', 'b=2'],
      ['vary', 'origin'],
    ])
  })

  test('takes a body of empty chunks for empty, and closes it', async () => {
    let closed = 0
    const app: App = (_environ, startResponse) => {
      startResponse(404, [])
      return Object.assign(['', new Uint8Array()], { close: () => void closed++ })
    }
    expect((await get(app)).text).toBe('404 Not Found\n')
    expect(closed).toBe(1)
  })

  test('gives HEAD the page’s headers', async () => {
    const response = await client(errors({ 404: page })(notFound)).head('/')
    expect(response).toMatchObject({
      status: 404,
      headers: [['content-type', 'text/html; charset=utf-8']],
      text: '',
    })
  })

  test('leaves an answer to HEAD that describes a body', async () => {
    const headers = [
      ['content-type', 'application/problem+json'],
      ['content-length', '99'],
    ] as const
    const response = await client(errors({ 404: page })(bare(404, headers))).head('/')
    expect(response).toMatchObject({ status: 404, headers })
  })
})

describe('errors, of a page that fails', () => {
  test('falls back to plain text and reports the page', async () => {
    const broken = throwing(new Error('no template'))
    const response = await get(throwing(createError(404, 'no such entry')), { 404: broken })
    expect(response).toMatchObject({ status: 404, text: '404 Not Found\nno such entry\n' })
    expect(response.errors).toMatch(/the page for 404 failed[^]*no template/)
  })

  test('falls back when the page forgets its head', async () => {
    const response = await get(notFound, { 404: () => ['page'] })
    expect(response.text).toBe('404 Not Found\n')
  })
})

describe('errors, reporting', () => {
  test('writes a 500 once, with method, path and causes, without the query', async () => {
    const error = new Error('outer', { cause: new Error('inner') })
    const { errors: written } = await get(throwing(error), { 500: page })
    expect(written).toMatch(/^GET \/a\/b failed: Error: outer[^]*Error: inner/)
    expect(written.match(/Error: outer/g)).toHaveLength(1)
    expect(written).not.toContain('secret')
  })

  test('notes what was thrown in development only', async () => {
    const error = new Error('boom')
    const development = { environ: { 'robaccia.development': true } } as const
    const seen = (thrown: unknown, defaults = {}) =>
      client(errors()(throwing(thrown)), defaults).get('/')
    expect((await seen(error, development)).notes.error).toBe(error)
    expect((await seen(error)).notes).not.toHaveProperty('error')
    expect((await seen(createError(404), development)).notes).not.toHaveProperty('error')
  })

  test('writes nothing of a 4xx', async () => {
    expect((await get(throwing(createError(400, 'bad')))).errors).toBe('')
  })

  test('gives errors to the option instead', async () => {
    const reported: unknown[] = []
    const report: ErrorsOptions['report'] = (error, environ) =>
      void reported.push(error, environ.PATH_INFO)
    const error = new Error('boom')
    const response = await get(throwing(error), {}, { report })
    await get(throwing(createError(404)), {}, { report })
    expect(reported).toEqual([error, '/a/b'])
    expect(response.errors).toBe('')
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no network')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no network'))],
  ])('answers, and writes both errors, when the report %s', async (_, report) => {
    const response = await get(throwing(new Error('boom')), { 500: page }, { report })
    expect(response).toMatchObject({ status: 500, text: '<h1>500</h1>Internal Server Error' })
    expect(response.errors).toMatch(/Error: boom[^]*the report of an error failed[^]*no network/)
  })
})

describe('errors, composed', () => {
  test.each(['200', '399', '600', '40', 'Default', 'x'])('refuses the key %s', (key) => {
    expect(() => errors({ [key]: page })).toThrow(
      new TypeError(`errors: a key must be a status from 400 to 599 or default, got ${key}`),
    )
  })

  test('refuses a page that is not an app', () => {
    // The type forbids it; JavaScript does not.
    expect(() => errors({ 404: '404.html' as unknown as App })).toThrow(
      new TypeError('errors: the page for 404 must be an app, got string'),
    )
  })

  test('leaves the environ of the app as it was', async () => {
    const keys: boolean[] = []
    await client((environ, startResponse) => {
      const body = errors({ default: page })(notFound)(environ, startResponse)
      return Promise.resolve(body).then((made) => {
        keys.push('errors.error' in environ)
        return made
      })
    }).get('/')
    expect(keys).toEqual([false])
  })

  test('shows a page where the request came in, however far it was dispatched', async () => {
    const where: App = (environ, startResponse) =>
      text(environ, startResponse, `${environ.SCRIPT_NAME} + ${environ.PATH_INFO}`)
    const inner = selector().add('/c|', { '*': notFound })
    const site = errors({ 404: where })(mount({ '/a/b': inner }))
    expect((await client(site).get('/a/b/c/d')).text).toBe(' + /a/b/c/d')
  })
})
