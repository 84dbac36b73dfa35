import { describe, expect, test } from 'vitest'
import { mount, selector, text } from '@robaccia/core'
import type { App, Selector } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { show } from './show.js'

const urls = selector({ types: { tag: '[a-z+]+' } })
  .add('/', { GET: show('home') }, 'home')
  .add('/blog/{id}/', { GET: show('entry') }, 'entry')
  .add('/people/[{id}][;{noun}]', { GET: show('people') }, 'people')
  .add('/{y:digits}[/{m:digits}[/]]', { GET: show('archive') }, 'archive')
  .add('/file/{path:any}', { GET: show('file') }, 'file')
  .add('/café/{x:segment};v', { GET: show('cafe') }, 'café')
  .add('/tags/{tag:tag}', { GET: show('tag') }, 'tag')
  .add('/two/{a}-{b}', { GET: show('two') }, 'two')
  .add('/pair/{}/{:number}', { GET: show('pair') }, 'pair')
  .add('/open/{x}|', { GET: show('open') }, 'open')
  .add('/{all:any}', { GET: show('all') }, 'all')
  .add('|', { GET: show('rest') }, 'rest')

/** Calls `url` below an environ as a server makes it. */
async function url(name: string, values?: Record<string, string | number>, script = '') {
  let made = ''
  const app: App = (environ, startResponse) => {
    made = urls.url(environ, name, values)
    return text(environ, startResponse, made)
  }
  const { error } = await client(app, { environ: { SCRIPT_NAME: script } }).get('/')
  if (error !== undefined) throw error
  return made
}

describe('selector.url', () => {
  test.each<[string, Record<string, string | number>, string]>([
    ['home', {}, '/'],
    ['entry', { id: 'joe' }, '/blog/joe/'],
    ['entry', { id: 7 }, '/blog/7/'],
    ['entry', { id: "a b;é?#%!'()*" }, '/blog/a%20b%3B%C3%A9%3F%23%25%21%27%28%29%2A/'],
    ['people', {}, '/people/'],
    ['people', { noun: 'create_form' }, '/people/;create_form'],
    ['people', { id: 'joe', noun: 'edit' }, '/people/joe;edit'],
    ['people', { id: 'joe;edit' }, '/people/joe%3Bedit'],
    ['archive', { y: 2026 }, '/2026'],
    ['archive', { y: 2026, m: '11' }, '/2026/11'],
    ['file', { path: 'a/b c.txt' }, '/file/a/b%20c.txt'],
    ['café', { x: 'a/b' }, '/caf%C3%A9/a%2Fb;v'],
    ['tag', { tag: 'c++' }, '/tags/c%2B%2B'],
    ['two', { a: 'x-y', b: 'z' }, '/two/x-y-z'],
    ['pair', { 0: 'a', 1: 1.5 }, '/pair/a/1.5'],
    ['open', { x: 'y' }, '/open/y'],
  ])('writes the path of %s with %j: %s', async (name, values, path) => {
    expect(await url(name, values)).toBe(path)
    expect(await url(name, values, '/x/%79')).toBe(`/x/%79${path}`)
  })

  test('writes an empty path as / if nothing is in front', async () => {
    expect(await url('rest')).toBe('/')
    expect(await url('rest', {}, '/x')).toBe('/x')
  })

  test.each<[string, Record<string, string | number>, string]>([
    [
      'entri',
      {},
      "route name must be one of the selector's (home, entry, people, archive, file, café, tag, two, pair, open, all, rest), got 'entri'",
    ],
    ['toString', {}, "route name must be one of the selector's"],
    ['entry', {}, "url of route 'entry' (/blog/{id}/) must be given the variable 'id'"],
    ['entry', { id: 'x', ID: 'y' }, "must be given no variables but id, got 'ID'"],
    ['home', { id: 'x' }, "must be given no variables but none, got 'id'"],
    [
      'entry',
      { id: '' },
      'the variable \'id\' must be of type chunk (any text without / and .), got ""',
    ],
    ['entry', { id: 'a.b' }, "the variable 'id' must be of type chunk"],
    ['entry', { id: 'a/b' }, "the variable 'id' must be of type chunk"],
    ['entry', { id: '\uD800' }, "the variable 'id' must be of type chunk"],
    ['entry', { id: Number.NaN }, "the variable 'id' must be of type chunk"],
    ['archive', { y: 'x' }, 'the variable \'y\' must be of type digits (digits), got "x"'],
    ['archive', { y: -1 }, "the variable 'y' must be of type digits"],
    ['archive', { m: 1 }, "must be given the variable 'y'"],
    ['tag', { tag: 'C++' }, 'the variable \'tag\' must be of type tag ([a-z+]+), got "C++"'],
    ['file', { path: 'a/../b' }, "must not have a segment '.' or '..': clients remove them"],
    ['file', { path: '.' }, "must not have a segment '.' or '..'"],
    [
      'two',
      { a: 'x', b: 'y-z' },
      'must be read back as it was written, got {"a":"x","b":"y-z"} for /two/x-y-z',
    ],
    ['all', { all: '/evil.com' }, 'must not begin with //: that is another host, got //evil.com'],
  ])('refuses %s with %j: %s', async (name, values, message) => {
    await expect(url(name, values)).rejects.toThrow(message)
    await expect(url(name, values)).rejects.toBeInstanceOf(TypeError)
  })

  describe('puts in front where the selector was entered', () => {
    const links = (): { urls: typeof site; inner: typeof site; site: typeof site } => {
      const write: App = (environ, startResponse) =>
        text(environ, startResponse, `${inner.url(environ, 'deep')} ${site.url(environ, 'home')}`)
      const deeper = selector().add('/x/y', { GET: write })
      const inner = selector().add('/deep|', { '*': deeper }, 'deep')
      const site = selector()
        .add('/', { GET: write }, 'home')
        .add('/one/{n}|', { '*': inner })
        .add('/two|', { '*': mount({ '/m': inner }) })
      return { urls: inner, inner, site }
    }

    test.each([
      ['/one/7/deep/x/y', '/one/7/deep /'],
      ['/two/m/deep/x/y', '/two/m/deep /'],
    ])('after open ends and mounts moved the path: %s', async (path, expected) => {
      expect((await client(links().site).get(path)).text).toBe(expected)
    })

    test("CGI's script, too", async () => {
      const { get } = client(links().site, { environ: { SCRIPT_NAME: '/main.cgi' } })
      expect((await get('/one/7/deep/x/y')).text).toBe('/main.cgi/one/7/deep /main.cgi/')
    })

    test('SCRIPT_NAME as it is when the request did not enter it', async () => {
      const { get } = client(links().site)
      expect((await get('/')).text).toBe('/deep /')
    })

    test('for chained selectors and apps, too', async () => {
      const first = selector().add('/first', { GET: show('first') }, 'first')
      const write: App = (environ, startResponse) =>
        text(environ, startResponse, `${first.url(environ, 'first')} ${last.url(environ, 'last')}`)
      const last = selector().add('/last|', { '*': write }, 'last')
      const plain = mount({ '/p': (e, s) => text(e, s, first.url(e, 'first')) })
      const { get } = client(mount({ '/m': first.or(last).or(plain) }))
      expect((await get('/m/last')).text).toBe('/m/first /m/last')
      expect((await get('/m/p/')).text).toBe('/m/first')
    })

    test('in 404 pages, too', async () => {
      const inner: Selector = selector({
        notFound: (e, s) => text(e, s, inner.url(e, 'a'), { status: 404 }),
      })
      inner.add('/a', { GET: show('a') }, 'a')
      expect((await client(mount({ '/m': inner })).get('/m/x')).text).toBe('/m/a')
    })
  })
})
