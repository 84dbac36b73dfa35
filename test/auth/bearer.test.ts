import { allow, bearer, basic } from '@robaccia/auth'
import { compose, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'
import { client } from '@robaccia/core/testing'
import { describe, expect, test } from 'vitest'

const whoami: App = (environ, startResponse) =>
  text(environ, startResponse, environ['auth.user']?.name ?? 'a stranger')
const verify = (token: string) => (token === 'abc.DEF-1==' ? { name: 'robot' } : undefined)
const by = (authorization: string) => ({ headers: { authorization } })

describe('bearer', () => {
  const { get } = client(bearer({ verify, realm: 'api' })(lint(whoami)))

  test('lets who has a token in', async () => {
    const response = await get('/', by('bearer  abc.DEF-1=='))
    expect(response).toMatchObject({ status: 200, text: 'robot', notes: { user: 'robot' } })
    expect(response.header('cache-control')).toBe('private')
  })

  test('asks for one, and says when it is wrong (RFC 6750 §3.1)', async () => {
    const asked = await get('/')
    expect(asked.status).toBe(401)
    expect(asked.header('www-authenticate')).toBe('Bearer realm="api"')
    for (const wrong of ['Bearer nobody', 'Bearer', 'Bearer a b', 'Bearer a"b']) {
      const refused = await get('/', by(wrong))
      expect(refused.status).toBe(401)
      expect(refused.header('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"')
    }
  })

  test('reads no token from the URL', async () => {
    expect((await get('/?access_token=abc.DEF-1==')).status).toBe(401)
  })

  test('stands beside basic', async () => {
    const site = compose(
      basic({ realm: 'staff', verify: (name) => ({ name }), optional: true }),
      bearer({ verify, optional: true }),
      allow(),
    )(whoami)
    const both = client(site)
    expect((await both.get('/', by('Bearer abc.DEF-1=='))).text).toBe('robot')
    expect((await both.get('/', by(`Basic ${btoa('joe:x')}`))).text).toBe('joe')
    const asked = await both.get('/')
    expect(asked.status).toBe(401)
    expect(asked.header('www-authenticate')).toBe(
      'Basic realm="staff", charset="UTF-8", Bearer realm="site"',
    )
  })

  test('refuses to be made without verify', () => {
    expect(() => bearer({} as never)).toThrow('bearer: verify must be a function')
  })
})
