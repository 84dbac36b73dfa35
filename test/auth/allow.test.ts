import { allow, basic, sessionOf, sessions } from '@robaccia/auth'
import { compose, errors, mount, redirect, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'
import { client } from '@robaccia/core/testing'
import { describe, expect, test } from 'vitest'
import { secret } from './site.js'

const page: App = (environ, startResponse) =>
  text(environ, startResponse, `the page of ${environ['auth.user']?.name}`)
const join: App = (environ, startResponse) => {
  sessionOf(environ).login({ name: environ.QUERY_STRING })
  return redirect(environ, startResponse, '/')
}
const browser = { headers: { accept: 'text/html,*/*;q=0.8' } }

function site(login?: string) {
  const guarded = lint(allow((user) => user.name === 'joe')(lint(page)))
  const urls = mount({ '/join': join, '/blog': guarded, '/any': allow()(page), '/': page })
  return client(compose(errors(), sessions({ secret, ...(login ? { login } : {}) }))(urls))
}

describe('allow', () => {
  test('sends a stranger with a browser to the page for logging in, and back from there', async () => {
    const { get, head } = site('/login/')
    for (const ask of [get, head]) {
      const response = await ask('/blog/a%20b/?q=1&r=ü', browser)
      expect(response.status).toBe(303)
      expect(response.header('location')).toBe(
        '/login/?next=%2Fblog%2Fa%2520b%2F%3Fq%3D1%26r%3D%25C3%25BC',
      )
      expect(response.header('cache-control')).toBe('private')
      expect(response.header('vary')).toBe('cookie')
    }
  })

  test('keeps what a stranger’s browser posts in the browser, and says so', async () => {
    const response = await site('/login/').post('/blog/', browser)
    expect(response.status).toBe(401)
    expect(response.header('www-authenticate')).toBe('Session')
    expect(response.text).toContain('log in first, in another window')
  })

  test('adds where to come back to to the page’s own query', async () => {
    expect((await site('/login/?a').get('/blog/', browser)).header('location')).toBe(
      '/login/?a&next=%2Fblog%2F',
    )
  })

  test.each([
    ['a program', {}],
    ['one that takes anything', { headers: { accept: '*/*' } }],
    ['a script of a page', { headers: { accept: 'text/html', 'sec-fetch-mode': 'cors' } }],
  ])('answers %s with a 401', async (_who, init) => {
    const response = await site('/login/').get('/blog/', init)
    expect(response).toMatchObject({ status: 401, text: '401 Unauthorized\n' })
    expect(response.header('www-authenticate')).toBe('Session')
  })

  test('answers strangers with a 401 where there is no page for logging in', async () => {
    expect((await site().get('/blog/', browser)).status).toBe(401)
  })

  test('lets a user through of whom the test holds, and refuses others with a 403', async () => {
    const joe = site('/login/')
    await joe.get('/join/?joe')
    expect((await joe.get('/blog/', browser)).text).toBe('the page of joe')
    const ann = site('/login/')
    await ann.get('/join/?ann')
    const refused = await ann.get('/blog/', browser)
    expect(refused).toMatchObject({ status: 403, text: '403 Forbidden\n' })
    expect(refused.header('cache-control')).toBe('private')
    expect((await ann.get('/any/')).text).toBe('the page of ann')
  })

  test('waits for a test that takes its time, and gives it the request', async () => {
    const later = allow(
      async (user, environ) => user.name === 'joe' && environ.PATH_INFO === '/own',
    )
    const { get } = client(
      compose(basic({ realm: 'staff', verify: (name) => ({ name }) }), later)(page),
    )
    const by = (name: string) => ({ headers: { authorization: `Basic ${btoa(`${name}:x`)}` } })
    expect((await get('/own', by('joe'))).status).toBe(200)
    expect((await get('/other', by('joe'))).status).toBe(403)
    expect((await get('/own', by('ann'))).status).toBe(403)
  })

  test('lets nobody in by a test that forgets to answer', async () => {
    const careless = allow((() => 'yes') as never)
    const { get } = client(
      compose(basic({ realm: 'staff', verify: (name) => ({ name }) }), careless)(page),
    )
    const response = await get('/', { headers: { authorization: `Basic ${btoa('joe:x')}` } })
    expect(response.status).toBe(500)
    expect(response.errors).toContain('the test must give true or false, got string')
  })

  test('refuses to be made with something else than a test', () => {
    expect(() => allow('joe' as never)).toThrow('allow: the test must be a function, got string')
  })
})
