import {
  allow,
  login,
  logout,
  type LoginOptions,
  sessionOf,
  sessions,
  throttle,
  type User,
} from '@robaccia/auth'
import { compose, errors, html, mount, selector, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'
import { client } from '@robaccia/core/testing'
import { describe, expect, test } from 'vitest'
import { secret } from './site.js'

const verify = (name: string, password: string): User | undefined =>
  name === 'joe' && password === 'swordfish' ? { name } : undefined
const whoami: App = (environ, startResponse) =>
  text(environ, startResponse, environ['auth.user']?.name ?? 'a stranger')

function site(options: Partial<LoginOptions> = {}) {
  const urls = mount({
    '/login': lint(login({ verify, ...options })),
    '/logout': lint(logout()),
    '/': whoami,
  })
  return client(compose(errors(), sessions({ secret }))(urls))
}

const joe = { name: 'joe', password: 'swordfish' }

describe('login', () => {
  test('shows a form that says where to go afterwards', async () => {
    const response = await site().get('/login/?next=%2Fblog%2F%3Fq%3D%22%3E')
    expect(response.status).toBe(200)
    expect(response.header('content-type')).toBe('text/html; charset=utf-8')
    expect(response.header('cache-control')).toBe('no-store')
    expect(response.text).toContain('<input type="hidden" name="next" value="/blog/?q=&quot;&gt;">')
    expect(response.text).not.toContain('<script')
    expect(response.header('set-cookie')).toBeUndefined()
    expect((await site().head('/login/')).status).toBe(200)
  })

  test('lets in who has the right password, and leads to where they were', async () => {
    const { get, post } = site()
    const response = await post('/login/', { form: { ...joe, next: '/blog/?q=1' } })
    expect(response.status).toBe(303)
    expect(response.header('location')).toBe('/blog/?q=1')
    expect(response.header('cache-control')).toBe('no-store, private')
    expect(response.notes.user).toBe('joe')
    expect((await get('/')).text).toBe('joe')
  })

  test('takes where to go from the query as well, else goes home', async () => {
    const { post } = site({ next: '/home/' })
    expect((await post('/login/?next=/blog/', { form: joe })).header('location')).toBe('/blog/')
    expect((await post('/login/', { form: joe })).header('location')).toBe('/home/')
  })

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/blog\\..\\evil',
    '\u0000/blog/',
    'javascript:alert(1)',
    'evil.example',
    ' /blog/',
    '',
    `/${'x'.repeat(3000)}`,
  ])('goes nowhere else: %j', async (next) => {
    const { get, post } = site()
    const form = await get(`/login/?next=${encodeURIComponent(next)}`)
    expect(form.text).toContain('name="next" value="/"')
    const target = `/login/?next=${encodeURIComponent(next)}`
    const response = await post(target, { form: { ...joe, next } })
    expect(response).toMatchObject({ status: 303 })
    expect(response.header('location')).toBe('/')
  })

  test.each([
    ['a wrong password', { name: 'joe', password: 'pa55' }],
    ['an unknown name', { name: 'ann', password: 'swordfish' }],
    ['no password', { name: 'joe' }],
    ['nothing', { next: '/blog/' }],
  ])('answers %s with the same words, and lets nobody in', async (_what, form) => {
    const { get, post } = site()
    const response = await post('/login/', { form: { next: '/blog/', ...form } })
    expect(response.status).toBe(422)
    expect(response.text).toContain('That name and password don’t belong together.')
    expect(response.text).toContain('name="next" value="/blog/"')
    expect(response.text).not.toMatch(/pa55|swordfish/)
    expect(response.header('set-cookie')).toBeUndefined()
    expect((await get('/')).text).toBe('a stranger')
  })

  test('answers a wrong password and an unknown name alike, but for the name', async () => {
    const answers = []
    for (const name of ['joe', 'ann']) {
      const {
        status,
        headers,
        text: page,
      } = await site().post('/login/', {
        form: { name, password: 'wrong' },
      })
      answers.push({ status, headers, page: page.replace(`value="${name}"`, '') })
    }
    expect(answers[0]).toEqual(answers[1])
  })

  test('escapes what was typed', async () => {
    const name = '"><script>alert(1)</script>'
    const { text: page } = await site().post('/login/', { form: { name, password: 'x' } })
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
    expect(page).not.toContain('<script')
  })

  test('stops who guesses', async () => {
    const { get, post } = site({ throttle: throttle({ account: 2, window: 60_000 }) })
    for (const password of ['a', 'b']) await post('/login/', { form: { name: 'joe', password } })
    const stopped = await post('/login/', { form: joe })
    expect(stopped.status).toBe(429)
    expect(Number(stopped.header('retry-after'))).toBeGreaterThan(50)
    expect(stopped.text).toContain('too many attempts')
    expect((await get('/')).text).toBe('a stranger')
  })

  test('refuses forms of other sites, also without a guard further out', async () => {
    const { get, post } = site()
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
    ]
    for (const headers of foreign) {
      const response = await post('/login/', { form: joe, headers })
      expect(response.status).toBe(403)
      expect((await post('/logout/', { headers })).status).toBe(403)
    }
    expect((await get('/')).text).toBe('a stranger')
  })

  test.each([
    ['another type', { json: joe }, 415],
    ['a large form', { form: { ...joe, next: 'x'.repeat(20_000) } }, 413],
    [
      'many fields',
      { form: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, '1'])) },
      413,
    ],
  ])('refuses %s', async (_what, init, status) => {
    expect((await site().post('/login/', init)).status).toBe(status)
  })

  test('takes a file for no password', async () => {
    const form = new FormData()
    form.append('name', 'joe')
    form.append('password', new File(['swordfish'], 'password.txt'))
    expect((await site().post('/login/', { form })).status).toBe(422)
  })

  test('has a page of the site’s own where that is said', async () => {
    const { get, post } = site({
      template: (environ, startResponse, { name, next, problem }, options) =>
        html(environ, startResponse, `${name} ${next} ${problem}`, options),
    })
    expect((await get('/login/?next=/blog/')).text).toBe(' /blog/ undefined')
    const wrong = await post('/login/', { form: { name: 'joe', password: 'x' } })
    expect(wrong).toMatchObject({ status: 422, text: 'joe / wrong' })
    expect(wrong.header('cache-control')).toBe('no-store')
    expect(wrong.header('content-security-policy')).toBeUndefined()
  })

  test('changes nothing but by POST', async () => {
    const { get, put, cookies } = site()
    expect((await get('/login/?name=joe&password=swordfish')).status).toBe(200)
    expect(cookies.get('session')).toBeUndefined()
    const response = await put('/login/', { form: joe })
    expect(response.status).toBe(405)
    expect(response.header('allow')).toBe('GET, HEAD, POST')
  })

  test('says that it must be inside sessions', async () => {
    const alone = client(login({ verify }))
    for (const response of [await alone.get('/'), await alone.post('/', { form: joe })]) {
      expect(response.errors).toContain('must be inside sessions(), got none')
    }
  })

  test.each([
    [{}, 'login: verify must be a function'],
    [{ verify, next: 'https://example.com/' }, 'login: next must be a path on this site'],
    [{ verify, next: '//x' }, 'login: next must be a path on this site, got "//x"'],
  ])('refuses %o', (options, message) => {
    expect(() => login(options as LoginOptions)).toThrow(message)
  })
})

describe('logout', () => {
  test('ends the session by POST, and by GET shows the button for it', async () => {
    const { get, post, cookies } = site()
    await post('/login/', { form: joe })
    const page = await get('/logout/')
    expect(page.text).toContain('<form method="post">')
    expect((await get('/')).text).toBe('joe')
    const response = await post('/logout/')
    expect(response.status).toBe(303)
    expect(response.header('location')).toBe('/')
    expect(cookies.get('session')).toBeUndefined()
    expect((await get('/')).text).toBe('a stranger')
  })

  test('does no harm to who is not logged in, and knows no other method', async () => {
    const { post, delete: del } = site()
    const response = await post('/logout/')
    expect(response.status).toBe(303)
    expect(response.header('set-cookie')).toBeUndefined()
    expect((await del('/logout/')).header('allow')).toBe('GET, HEAD, POST')
  })

  test('has a page of the site’s own, and another place to go to', async () => {
    const app = sessions({ secret })(
      mount({
        '/in': (environ, startResponse) => {
          sessionOf(environ).login({ name: 'joe' })
          return text(environ, startResponse, '')
        },
        '/': logout({
          next: '/bye/',
          template: (environ, startResponse, { user }, options) =>
            text(environ, startResponse, `Bye, ${user?.name}`, options),
        }),
      }),
    )
    const { get, post } = client(app)
    await get('/in/')
    expect((await get('/')).text).toBe('Bye, joe')
    expect((await post('/')).header('location')).toBe('/bye/')
    expect(() => logout({ next: '' })).toThrow('logout: next must be a path on this site, got ""')
  })
})

describe('a site that is mounted', () => {
  const pages = compose(
    sessions({ secret, login: '/login/' }),
    lint,
  )(
    mount({
      '/login': login({ verify }),
      '/logout': logout(),
      '/out': logout({ next: '/bye/' }),
      '/guarded': allow()(whoami),
      '/': whoami,
    }),
  )
  const mounted = (prefix: string) =>
    client(compose(errors())(mount({ [prefix]: pages })), { headers: { accept: 'text/html' } })

  test.each(['/x/y', '/caf%C3%A9'])('has its pages below %s', async (prefix) => {
    const { get, post } = mounted(prefix)
    for (const path of ['/login/', '/logout/']) {
      expect((await get(prefix + path)).text).toContain(`<a href="${prefix}/">Back to the site</a>`)
    }
    const guarded = `${prefix}/guarded/?a=1`
    const asked = await get(guarded)
    expect(asked.header('location')).toBe(`${prefix}/login/?next=${encodeURIComponent(guarded)}`)
    expect((await get(guarded, { follow: true })).text).toContain(
      `<input type="hidden" name="next" value="${guarded}">`,
    )
    // What the request brings has the whole path already.
    const sent = await post(`${prefix}/login/`, { form: { ...joe, next: guarded } })
    expect(sent.header('location')).toBe(guarded)
    expect((await get(guarded)).text).toBe('joe')
    expect((await post(`${prefix}/logout/`)).header('location')).toBe(`${prefix}/`)
    expect((await post(`${prefix}/out/`)).header('location')).toBe(`${prefix}/bye/`)
  })

  test('goes to its own home when the request doesn’t say', async () => {
    const { get, post } = mounted('/x')
    expect((await get('/x/login/')).text).toContain('name="next" value="/x/"')
    expect((await post('/x/login/', { form: joe })).header('location')).toBe('/x/')
    const elsewhere = { ...joe, next: '//evil.example/' }
    expect((await post('/x/login/', { form: elsewhere })).header('location')).toBe('/x/')
  })

  test('gives the whole path by a function', async () => {
    const site2 = sessions({ secret, login: (environ) => `/in/?from=${environ.SCRIPT_NAME}` })
    const { get } = client(mount({ '/x': site2(allow()(whoami)) }))
    const response = await get('/x/', { headers: { accept: 'text/html' } })
    expect(response.header('location')).toBe('/in/?from=/x&next=%2Fx%2F')
  })

  test('is never led to another host by where a client says that it stands', async () => {
    const urls = selector().add('/{place:any}/site/|', { GET: pages, POST: pages })
    const { get, post } = client(urls, { headers: { accept: 'text/html' } })
    expect((await get('/a/site/guarded/')).header('location')).toMatch(/^\/a\/site\/login\//)
    const response = await get('//evil.example/site/guarded/')
    expect(response.header('location')).toMatch(/^\/login\/\?/)
    expect((await post('//evil.example/site/logout/')).header('location')).toBe('/')
  })
})
