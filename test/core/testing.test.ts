import { describe, expect, test } from 'vitest'
import createError from 'http-errors'
import { empty, json, readBody, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

/** Answers with the keys of the environ that it is asked for, and the body. */
const echo: App = async (environ, startResponse) =>
  json(environ, startResponse, {
    ...Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === 'string')),
    body: Buffer.from(await readBody(environ)).toString(),
  })

describe('client', () => {
  test('makes an environ as a server does', async () => {
    const response = await client(echo).get('/a%2Fb?c=d', { headers: { 'User-Agent': 'test' } })
    expect(response.json()).toMatchObject({
      REQUEST_METHOD: 'GET',
      PATH_INFO: '/a%2Fb',
      QUERY_STRING: 'c=d',
      HTTP_USER_AGENT: 'test',
      HTTP_HOST: 'localhost',
    })
  })

  test('sends any method', async () => {
    const response = await client(echo).request('PROPFIND', '/')
    expect(response.json()).toMatchObject({ REQUEST_METHOD: 'PROPFIND' })
  })

  test('sends a body, JSON and forms, with their types and lengths', async () => {
    const { post } = client(echo)
    const headers = { 'content-type': 'text/plain' }
    expect((await post('/', { body: 'hé', headers })).json()).toMatchObject({
      CONTENT_TYPE: 'text/plain',
      CONTENT_LENGTH: '3',
      body: 'hé',
    })
    expect((await post('/', { json: { a: 1 } })).json()).toMatchObject({
      CONTENT_TYPE: 'application/json',
      body: '{"a":1}',
    })
    expect((await post('/', { form: { a: 'b c', d: '&' } })).json()).toMatchObject({
      CONTENT_TYPE: 'application/x-www-form-urlencoded;charset=UTF-8',
      body: 'a=b+c&d=%26',
    })
    const form = new FormData()
    form.set('file', new File(['hello'], 'a.txt'))
    expect((await post('/', { form })).json()).toMatchObject({
      CONTENT_TYPE: expect.stringMatching(/^multipart\/form-data; boundary=/) as string,
      body: expect.stringContaining('filename="a.txt"') as string,
    })
  })

  test.each(['', 'blog/', '?a=b', '**', '://a/'])('refuses the target %j', async (target) => {
    await expect(client(echo).get(target)).rejects.toThrow(
      `a request's target must begin with '/' or be a URL or '*', got '${target}'`,
    )
  })

  test('refuses what is no app', () => {
    // @ts-expect-error: not an app
    expect(() => client(null)).toThrow(
      new TypeError('what client is given must be an app, got null'),
    )
  })

  test('refuses two bodies', async () => {
    await expect(client(echo).post('/', { body: 'a', json: 1 })).rejects.toThrow(
      'a request must have at most one of body, json and form',
    )
  })

  test('puts the defaults under each request', async () => {
    const { get } = client(echo, { headers: { Accept: 'text/html', 'X-A': '1' } })
    expect((await get('/', { headers: { 'X-A': '2' } })).json()).toMatchObject({
      HTTP_ACCEPT: 'text/html',
      HTTP_X_A: '2',
    })
  })

  test('has the head and the body of the response', async () => {
    const app: App = (_environ, startResponse) => {
      startResponse(201, [
        ['x-a', '1'],
        ['x-a', '2'],
      ])
      return ['é']
    }
    const response = await client(app).get('/')
    expect(response.status).toBe(201)
    expect(response.header('X-A')).toBe('1, 2')
    expect(response.header('x-b')).toBeUndefined()
    expect(response.bytes).toEqual(Buffer.from('é'))
    expect(response.text).toBe('é')
  })

  test('has no body for HEAD and 304, and closes what the app gave', async () => {
    let closes = 0
    const app =
      (status: number): App =>
      (_environ, startResponse) => {
        startResponse(status, [])
        return Object.assign(['hello'], { close: () => void (closes += 1) })
      }
    expect((await client(app(200)).head('/')).text).toBe('')
    expect((await client(app(304)).get('/')).text).toBe('')
    expect(closes).toBe(2)
  })

  test('has the notes of the request', async () => {
    const app: App = (environ, startResponse) => {
      environ['robaccia.notes'].route = '/{id}/'
      return empty(environ, startResponse)
    }
    expect((await client(app).get('/')).notes).toEqual({ route: '/{id}/' })
  })

  test('resolves when what was added with after has run', async () => {
    const order: string[] = []
    const app: App = (environ, startResponse) => {
      environ['robaccia.server'].after(async ({ bytes }) => {
        await new Promise(setImmediate)
        order.push(`after ${bytes}`)
      })
      return text(environ, startResponse, 'hello')
    }
    await client(app).get('/')
    order.push('response')
    expect(order).toEqual(['after 5', 'response'])
  })

  test('rejects when what was added with after throws', async () => {
    const app: App = (environ, startResponse) => {
      environ['robaccia.server'].after(() => {
        throw new Error('too late')
      })
      return empty(environ, startResponse)
    }
    await expect(client(app).get('/')).rejects.toThrow('too late')
  })

  test('answers for a server when the app throws, and says what', async () => {
    const error = new Error('swordfish')
    const response = await client(() => {
      throw error
    }).get('/a?secret')
    expect(response).toMatchObject({ status: 500, text: 'Internal Server Error\n', error })
    expect(response.errors).toMatch(/^GET \/a failed: Error: swordfish/)
    const refused = await client(() => {
      throw createError(403, 'not you')
    }).get('/')
    expect(refused).toMatchObject({ status: 403, text: 'not you\n', errors: '' })
  })

  test('keeps what was read of a stream that fails', async () => {
    const error = new Error('swordfish')
    const response = await client((_environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        yield 'hello'
        throw error
      })()
    }).get('/')
    expect(response).toMatchObject({ status: 200, text: 'hello', error })
  })

  test('has an input that is read once, and names the first reader', async () => {
    const response = await client(async function greedy(environ, startResponse) {
      for await (const _chunk of environ['robaccia.input']);
      for await (const _chunk of environ['robaccia.input']);
      return empty(environ, startResponse)
    }).post('/', { body: 'hello' })
    expect(response.error).toMatchObject({
      message: expect.stringMatching(/must be read once.*greedy/) as string,
    })
  })
})
