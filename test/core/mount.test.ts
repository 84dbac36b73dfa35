import { describe, expect, test } from 'vitest'
import { mount, selector, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { show } from './show.js'

describe('mount', () => {
  const site = mount({
    '/': show('root'),
    '/blog': show('blog'),
    '/blog/admin': show('admin'),
    '/café': show('café'),
  })

  test.each([
    ['/', 'root', '', '/'],
    ['/x', 'root', '', '/x'],
    ['/blogger', 'root', '', '/blogger'],
    ['/blog%2Fadmin/', 'root', '', '/blog%2Fadmin/'],
    ['/BLOG/', 'root', '', '/BLOG/'],
    ['/blog/', 'blog', '/blog', '/'],
    ['/blog/x/y', 'blog', '/blog', '/x/y'],
    ['/blog//x', 'blog', '/blog', '//x'],
    ['/%62log/%61', 'blog', '/%62log', '/%61'],
    ['/blog/administration', 'blog', '/blog', '/administration'],
    ['/blog/admin/', 'admin', '/blog/admin', '/'],
    ['/blog/%61dmin/x', 'admin', '/blog/%61dmin', '/x'],
    ['/caf%c3%a9/x', 'café', '/caf%c3%a9', '/x'],
  ])('gives %s to the app under the longest prefix: %s', async (target, view, script, path) => {
    const { get } = client(site, { environ: { SCRIPT_NAME: '/s' } })
    expect((await get(target)).json()).toMatchObject({ view, script: `/s${script}`, path })
  })

  test.each([
    ['GET', '/blog', '/s/blog/'],
    ['GET', '/%62log?a=b', '/s/%62log/?a=b'],
    ['POST', '/blog/admin', '/s/blog/admin/'],
  ])('sends %s %s to %s', async (method, target, location) => {
    const { request } = client(site, { environ: { SCRIPT_NAME: '/s' } })
    const response = await request(method, target)
    expect([response.status, response.header('location')]).toEqual([308, location])
  })

  test('answers what is not below a prefix by 404, or an app of yours', async () => {
    const apps = { '/blog': show('blog') }
    const nowhere: App = (environ, startResponse) =>
      text(environ, startResponse, 'nowhere', { status: 404 })
    expect((await client(mount(apps)).get('/x')).status).toBe(404)
    expect((await client(mount(apps, { notFound: nowhere })).get('/x')).text).toBe('nowhere')
  })

  test('answers OPTIONS *, or leaves it to the app under /', async () => {
    expect((await client(mount({ '/blog': show('blog') })).options('*')).status).toBe(204)
    expect((await client(site).options('*')).json()).toMatchObject({ view: 'root' })
  })

  test('answers 400 for a malformed escape', async () => {
    expect((await client(site).get('/blog/%zz')).status).toBe(400)
  })

  test('hands on the environ itself, and nests', async () => {
    const inner: App = (environ, startResponse) => {
      expect(environ).toBe(outermost)
      return show('inner')(environ, startResponse)
    }
    let outermost: unknown
    const outer = mount({ '/a': mount({ '/b': inner }) })
    const watch: App = (environ, startResponse) => {
      outermost = environ
      return outer(environ, startResponse)
    }
    expect((await client(watch).get('/a/b/c')).json()).toMatchObject({ script: '/a/b', path: '/c' })
  })

  test("notes its prefix in front of the inner selector's expression", async () => {
    const urls = selector().add('/{id}/', { GET: show('entry') })
    const { get } = client(mount({ '/x': mount({ '/blog': urls }), '/': urls }))
    expect((await get('/x/blog/7/')).notes.route).toBe('/x/blog/{id}/')
    expect((await get('/7/')).notes.route).toBe('/{id}/')
  })

  test.each([
    [{ blog: show('x') }, "mount: a prefix must be '/' or like '/blog', literally, got 'blog'"],
    [{ '': show('x') }, "mount: a prefix must be '/' or like '/blog', literally, got ''"],
    [{ '/blog/': show('x') }, "literally, got '/blog/'"],
    [{ '//blog': show('x') }, "literally, got '//blog'"],
    [{ '/{x}': show('x') }, "literally, got '/{x}'"],
    [{ '/a?b': show('x') }, "literally, got '/a?b'"],
    [{ '/%zz': show('x') }, "mount: a prefix must be percent-encoded UTF-8, got '/%zz'"],
    [
      { '/blog': show('x'), '/%62log': show('y') },
      'mount: /blog and /%62log must not be the same path',
    ],
    [{ '/blog': 'x' }, 'mount: /blog must be an app, got string'],
  ])('refuses %o: %s', (apps, message) => {
    // @ts-expect-error: one is not an app
    const make = () => mount(apps)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })

  test('refuses what cannot answer for it when no prefix matches', () => {
    // @ts-expect-error: not an app
    expect(() => mount({}, { notFound: 404 })).toThrow(
      new TypeError("mount's notFound must be an app, got number"),
    )
  })
})
