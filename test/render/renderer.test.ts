import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Body } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { renderer, TemplateError } from '@robaccia/render'
import { describe, expect, test } from 'vitest'
import { folder, get, view } from './folder.js'

describe('renderer', () => {
  test('a view answers with its template', async () => {
    const list = view(
      { 'list.html.pug': 'ul\n  each row in rows\n    li= row.title' },
      'list.html',
      {
        rows: [{ title: 'One' }, { title: 'Two' }],
      },
    )
    const { status, headers, text } = await get(list)
    expect(status).toBe(200)
    expect(headers).toEqual([['content-type', 'text/html; charset=utf-8']])
    expect(text).toBe('<ul><li>One</li><li>Two</li></ul>')
  })

  test('the body is whole', async () => {
    const page = view({ 'a.html.pug': 'p' }, 'a.html')
    let body: Body = []
    await get(async (e, start) => (body = await page(e, start)))
    expect(body).toEqual(['<p></p>'])
  })

  test('HEAD has the headers of GET', async () => {
    const { status, headers, text } = await client(view({ 'a.html.pug': 'p' }, 'a.html')).head('/')
    expect([status, headers, text]).toEqual([
      200,
      [['content-type', 'text/html; charset=utf-8']],
      '',
    ])
  })

  test('the folder may be a file: URL', async () => {
    const render = renderer({ dir: pathToFileURL(folder({ 'a.html.pug': 'p' })) })
    expect((await get((e, start) => render(e, start, 'a.html'))).text).toBe('<p></p>')
  })

  test('a folder that is missing is refused when the renderer is made', () => {
    const dir = folder({ file: '' })
    expect(() => renderer({ dir: join(dir, 'nowhere') })).toThrow(
      new TypeError(`renderer: dir must be a folder, got ${join(dir, 'nowhere')}`),
    )
    expect(() => renderer({ dir: join(dir, 'file') })).toThrow(TypeError)
  })

  test('status and headers are the view’s to choose', async () => {
    const render = renderer({ dir: folder({ 'a.html.pug': 'p' }) })
    const answer = await get((e, start) =>
      render(e, start, 'a.html', {}, { status: 422, headers: [['cache-control', 'no-store']] }),
    )
    expect(answer.status).toBe(422)
    expect(answer.headers).toEqual([
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'no-store'],
    ])
  })

  test('a content-type among the headers replaces the name’s', async () => {
    const render = renderer({ dir: folder({ 'a.html.pug': 'p' }) })
    const type = ['content-type', 'application/xhtml+xml; charset=utf-8'] as const
    const answer = await get((e, start) => render(e, start, 'a.html', {}, { headers: [type] }))
    expect(answer.headers).toEqual([type])
  })

  test('variables are escaped in text and in attributes', async () => {
    const evil = `"><script>alert(1)</script>`
    const { text } = await get(view({ 'a.html.pug': 'p(title=it)= it' }, 'a.html', { it: evil }))
    expect(text).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    )
  })

  test('a template that fails leaves the answer to others', async () => {
    const { status, headers, text, error } = await client(
      view({ 'a.html.pug': 'p= a.b' }, 'a.html'),
    ).get('/')
    expect(error).toBeInstanceOf(TemplateError)
    expect(status).toBe(500)
    expect(headers).toEqual([['content-type', 'text/plain; charset=utf-8']])
    expect(text).not.toContain('a.html')
  })

  test.each([
    ['html', 'text/html'],
    ['atom', 'application/atom+xml'],
    ['rss', 'application/rss+xml'],
    ['xml', 'application/xml'],
    ['svg', 'image/svg+xml'],
    ['json', 'application/json'],
    ['txt', 'text/plain'],
    ['css', 'text/css'],
  ])('.%s is %s in UTF-8', async (extension, type) => {
    const { headers } = await get(view({ [`a.${extension}.pug`]: 'p' }, `a.${extension}`))
    expect(headers).toEqual([['content-type', `${type}; charset=utf-8`]])
  })

  test('a feed is XML when it says doctype xml', async () => {
    const feed = 'doctype xml\nrss\n  link= url\n  image(url=url)/'
    const { text } = await get(view({ 'a.rss.pug': feed }, 'a.rss', { url: '/?a&b' }))
    expect(text).toBe(
      '<?xml version="1.0" encoding="utf-8" ?><rss><link>/?a&amp;b</link><image url="/?a&amp;b"/></rss>',
    )
  })

  test.each(['list', 'list.nonsense', 'list.html.pug', 'blog.d/list', '.html'])(
    '%s says no content type and is refused',
    async (name) => {
      await expect(get(view({ [`${name}.pug`]: 'p' }, name))).rejects.toThrow(
        `must end in an extension that says its content type, such as .html for list.html.pug, got "${name}"`,
      )
    },
  )

  test.each([
    '../x.html',
    'a/../../x.html',
    '/etc/x.html',
    'a\\x.html',
    'x\0.html',
    './x.html',
    '',
  ])('the name %j is refused', async (name) => {
    await expect(get(view({ 'x.html.pug': 'p' }, name))).rejects.toThrow(
      `a template's name must be a path inside the template folder such as list.html, got ${JSON.stringify(name)}`,
    )
  })

  test('a template may be in a folder of the folder', async () => {
    const { text } = await get(view({ 'blog/a.html.pug': 'p' }, 'blog/a.html'))
    expect(text).toBe('<p></p>')
  })
})

describe('locals', () => {
  const files = { 'a.html.pug': 'p #{user} #{title}' }

  test('every template gets them, made from the environ', async () => {
    const a = view(files, 'a.html', { title: 'A' }, { locals: (e) => ({ user: e.REMOTE_ADDR }) })
    expect((await get(a)).text).toBe('<p>127.0.0.1 A</p>')
  })

  test('they may come later', async () => {
    const locals = async () => ({ user: await Promise.resolve('ann') })
    expect((await get(view(files, 'a.html', { title: 'A' }, { locals }))).text).toBe('<p>ann A</p>')
  })

  test('a view’s own variables win', async () => {
    const locals = () => ({ user: 'ann', title: 'Site' })
    expect((await get(view(files, 'a.html', { title: 'A' }, { locals }))).text).toBe('<p>ann A</p>')
  })
})

describe('robaccia.notes', () => {
  test('the template’s name is noted, with all that it was given', async () => {
    const locals = () => ({ user: 'ann' })
    const { notes } = await get(view({ 'a.html.pug': 'p' }, 'a.html', { title: 'A' }, { locals }))
    expect(notes.template).toEqual({ name: 'a.html', vars: { user: 'ann', title: 'A' } })
  })

  test('a template that fails is noted too', async () => {
    const { notes, error } = await client(view({ 'a.html.pug': 'p= a.b' }, 'a.html')).get('/')
    expect(error).toBeInstanceOf(TemplateError)
    expect(notes.template?.name).toBe('a.html')
  })
})
