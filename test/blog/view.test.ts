import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addEntries, db, entry, limits, writer } from './blog.js'

const blog = await writer()
const row = (id: string) => entry.select().where({ id }).first()
const titlesIn = (html: string) =>
  [...html.matchAll(/<h2 dir="auto"><a href="[^"]*">([^<]*)/g)].map(([, title]) => title)

afterEach(async () => {
  await entry.delete().all()
})

describe('list', () => {
  it('shows an empty blog and offers the first entry', async () => {
    const { status, text } = await blog.get('/blog/')
    expect(status).toBe(200)
    expect(text).toContain('Nothing is written here yet.')
    expect(text).toContain('<a href="/blog/;create_form">Write the first entry</a>')
  })

  /** Follows the links of one kind: the titles on each page, and the address of the last. */
  async function follow(rel: 'next' | 'prev', start = '/blog/') {
    const pages: (string | undefined)[][] = []
    let address = start
    for (let link: string | undefined = start; link !== undefined;) {
      address = link
      const { text } = await blog.get(address)
      pages.push(titlesIn(text))
      link = new RegExp(`<a rel="${rel}" href="([^"]*)">`).exec(text)?.[1]
    }
    return { pages, address }
  }

  it('shows the newest first, ten a page, each entry once', async () => {
    await addEntries(25)
    const { pages } = await follow('next')
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5])
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, index) => `Entry ${25 - index}`))
  })

  it('links to the older and newer pages, as far as there are any', async () => {
    await addEntries(25)
    const { pages, address } = await follow('next')
    const back = await follow('prev', address)
    expect(back.pages).toEqual(pages.toReversed())
    expect((await blog.get(address)).text).toContain(
      '<title>Older entries · A Robaccia Blog</title>',
    )
    expect((await blog.get('/blog/')).text).toContain('<title>A Robaccia Blog</title>')
  })

  it('loses no entry while others are written', async () => {
    await addEntries(15)
    const { text } = await blog.get('/blog/')
    await entry.insert({ id: 'new', title: 'New', content: 'x' })
    const next = /<a rel="next" href="([^"]*)">/.exec(text)?.[1] ?? ''
    expect(titlesIn((await blog.get(next)).text)[0]).toBe('Entry 5')
  })

  it('pages through entries of one moment without losing any', async () => {
    const published = new Date('2026-01-01')
    const ids = Array.from({ length: 30 }, (_, index) => `e${String(index).padStart(2, '0')}`)
    for (const id of ids) await entry.insert({ id, title: id, content: 'x', published })
    expect((await follow('next')).pages.flat()).toEqual(ids.toReversed())
  })

  it.each(['', '0', 'two', 'bm9uZQ'])('says that %j is no place in the list', async (after) => {
    const { status, text } = await blog.get(`/blog/?after=${after}`)
    expect(status).toBe(400)
    expect(text).toContain('The cursor must be one that this list gave, got another text.')
  })

  it('shows a day as people read it and as machines do', async () => {
    await addEntries(1)
    const { text } = await blog.get('/blog/')
    expect(text).toContain('<time datetime="2026-01-01T00:00:00.000Z">1 January 2026</time>')
  })
})

describe('memberGet', () => {
  it('shows an entry whose id has dots', async () => {
    await entry.insert({ id: 'v24.11.1', title: 'Release', content: '*Text*', author: 'Ada' })
    const { status, text } = await blog.get('/blog/v24.11.1/')
    expect(status).toBe(200)
    expect(text).toContain('<h1 dir="auto">Release</h1>')
    expect(text).toContain('<p><em>Text</em></p>')
    expect(text).toContain('Ada')
    expect(text).toContain('<a href="/blog/v24.11.1/;edit_form">')
  })

  it('leaves markup in title, author, id and content inert', async () => {
    const id = '"><script>alert(1)</script>'
    await entry.insert({ id, title: id, content: id, author: id })
    const address = `/blog/${encodeURIComponent(id)}/`
    const list = await blog.get('/blog/')
    expect(list.text).toContain(`<a href="${address}">`)
    for (const { text } of [
      list,
      await blog.get(address),
      await blog.get(`${address};edit_form`),
    ]) {
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
      expect(text).not.toContain('<script')
    }
  })

  it('shows what is written from right to left so, beside what is not', async () => {
    await entry.insert({ id: 'rtl', title: 'مرحبا', content: 'مرحبا بالعالم' })
    const list = await blog.get('/blog/')
    expect(list.text).toMatch(/<h2 dir="auto"><a [^>]*>مرحبا<\/a><\/h2><p dir="auto">مرحبا/)
    const page = await blog.get('/blog/rtl/')
    expect(page.text).toContain('<h1 dir="auto">مرحبا</h1>')
    expect(page.text).toContain('<div class="prose" dir="auto">')
  })

  it.each(['none', 'x'.repeat(1000), '%00', 'a%2Fb', '%F0%9F%8E%89'])(
    'says that there is no entry with the id %s',
    async (id) => {
      const { status, text } = await blog.get(`/blog/${id}/`)
      expect(status).toBe(404)
      expect(text).toContain('<h1>There is no such page</h1>')
    },
  )
})

describe('create', () => {
  const create = (form: Record<string, string>) => blog.post('/blog/;create_form', { form })

  it('saves what was written and goes to it', async () => {
    const before = Date.now()
    const { status, header } = await create({
      title: '  A  new\tentry ',
      author: 'Ada',
      content: 'One\r\ntwo\r\n',
    })
    expect(status).toBe(303)
    expect(header('location')).toBe('/blog/a-new-entry/')
    const saved = await row('a-new-entry')
    expect(saved).toMatchObject({
      title: 'A new entry',
      author: 'Ada',
      content: 'One\ntwo\n',
      version: 1,
    })
    expect(saved?.updated.getTime()).toBeGreaterThanOrEqual(before - 1)
    expect(saved?.published).toEqual(saved?.updated)
  })

  it('takes the server’s time and first version, whatever is sent', async () => {
    await create({
      title: 'T',
      content: 'x',
      updated: '1999-01-01',
      published: '1999-01-01',
      version: '7',
    })
    expect((await row('t'))?.version).toBe(1)
    expect((await row('t'))?.updated.getFullYear()).toBeGreaterThan(2000)
  })

  it('makes an address of what was typed as one', async () => {
    const { header } = await create({ title: 'T', content: 'x', id: 'My Own v1.0!' })
    expect(header('location')).toBe('/blog/my-own-v1.0/')
  })

  it('encodes an id of another script', async () => {
    const { header } = await create({ title: '日本語', content: 'x' })
    const location = header('location') ?? ''
    expect(location).toBe(`/blog/${encodeURIComponent('日本語')}/`)
    expect((await blog.get(location)).text).toContain('<h1 dir="auto">日本語</h1>')
  })

  it('reads a multipart form too', async () => {
    const form = new FormData()
    form.set('title', 'T')
    form.set('content', new File(['ignored'], 'file.txt'))
    expect((await blog.post('/blog/;create_form', { form })).status).toBe(422)
    form.set('content', 'x')
    expect((await blog.post('/blog/;create_form', { form })).status).toBe(303)
  })

  it('says beside each field what is wrong, and keeps what was typed', async () => {
    const { status, text } = await create({ title: ' ', author: 'x'.repeat(101), content: '' })
    expect(status).toBe(422)
    expect(text).toContain('<title>Not saved: New entry · A Robaccia Blog</title>')
    expect(text).toContain('<p class="error" id="title-error">The title must not be empty.</p>')
    expect(text).toContain('<li><a href="#title">The title must not be empty.</a></li>')
    expect(text).toContain('The author must have at most 100 characters, it has 101.')
    expect(text).toContain('The text must not be empty.')
    expect(text).toContain(`value="${'x'.repeat(101)}"`)
    expect(text).toMatch(
      /<input id="title"[^>]* aria-describedby="title-error" aria-invalid="true"/,
    )
    expect(await entry.select().count()).toBe(0)
  })

  it('keeps a text’s first empty line and its markup', async () => {
    const { text } = await create({ title: '', content: '\n</textarea><script>' })
    expect(text).toContain('>\n\n&lt;/textarea&gt;&lt;script&gt;</textarea>')
  })

  it.each([
    [{ title: 'x'.repeat(201) }, 'The title must have at most 200 characters, it has 201.'],
    [{ id: 'x'.repeat(101) }, 'The address must have at most 100 characters, it has 101.'],
    [
      { title: 'a\u0000b' },
      'The title must not have control characters, it has &quot;\\u0000&quot;.',
    ],
    [
      { content: 'a\u001bb' },
      'The text must not have control characters, it has &quot;\\u001b&quot;.',
    ],
  ])('refuses %j', async (wrong, message) => {
    const { status, text } = await create({ title: 'T', content: 'x', ...wrong })
    expect(status).toBe(422)
    expect(text).toContain(message)
  })

  it('takes the longest of everything', async () => {
    const { status } = await create({
      title: '𝒳'.repeat(limits.title),
      author: '𝒳'.repeat(limits.author),
      id: 'x'.repeat(limits.id),
      content: 'x',
    })
    expect(status).toBe(303)
  })

  it('takes a text of 4 MiB in any script, and not a byte more', async () => {
    const content = '語'.repeat(Math.floor(limits.content / 3)) + 'x'
    expect(Buffer.byteLength(content)).toBe(limits.content)
    expect((await create({ title: 'Long', content })).status).toBe(303)
    expect((await row('long'))?.content).toBe(content)
    const { status, text } = await create({ title: 'Longer', content: `${content}x` })
    expect(status).toBe(422)
    expect(text).toContain('must have at most 4,194,304 bytes, it has 4,194,305.')
    expect(text).toContain(content)
  })

  it('answers more than any entry may be with a page', async () => {
    const { status, text } = await create({ title: 'T', content: 'x'.repeat(14 * 2 ** 20) })
    expect(status).toBe(413)
    expect(text).toContain('<h1>That is too much</h1>')
  })

  it('says that an address is taken, and leaves what has it alone', async () => {
    await create({ title: 'First', content: 'one' })
    const { status, text } = await create({ title: 'First', content: 'two' })
    expect(status).toBe(422)
    expect(text).toContain('The address “first” belongs to another entry')
    expect(text).toContain('>\ntwo</textarea>')
    expect((await row('first'))?.content).toBe('one')
  })

  it('lets one of two at the same moment have an address', async () => {
    const answers = await Promise.all([1, 2].map((n) => create({ title: 'Same', content: `${n}` })))
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([303, 422]))
  })

  it('refuses a form that is none', async () => {
    expect((await blog.post('/blog/;create_form', { json: {} })).status).toBe(415)
  })
})

describe('memberUpdate', () => {
  const edit = (form: Record<string, string>, id = 'e') =>
    blog.post(`/blog/${id}/;edit_form`, { form })
  const published = new Date('2020-01-01')

  beforeEach(async () => {
    await entry.insert({ id: 'e', title: 'Title', content: 'Text', published, updated: published })
  })

  it('shows the entry in the form', async () => {
    const { text } = await blog.get('/blog/e/;edit_form')
    expect(text).toContain('value="Title"')
    expect(text).toContain('>\nText</textarea>')
    expect(text).toContain('<input type="hidden" name="version" value="1">')
    expect(text).not.toContain('name="id"')
  })

  it('saves, and dates the change but not the entry', async () => {
    const { status, header } = await edit({ title: 'New', content: 'New text', version: '1' })
    expect(status).toBe(303)
    expect(header('location')).toBe('/blog/e/')
    const saved = await row('e')
    expect(saved).toMatchObject({ title: 'New', content: 'New text', version: 2, published })
    expect(saved?.updated.getTime()).toBeGreaterThan(published.getTime())
    expect((await blog.get('/blog/e/')).text).toContain('Changed')
  })

  it('tells the second of two, loses neither text, and then lets the second decide', async () => {
    await edit({ title: 'Theirs', content: 'Their text', version: '1' })
    const { status, text } = await edit({ title: 'Mine', content: 'My text', version: '1' })
    expect(status).toBe(409)
    expect(text).toContain('Someone else saved this entry while you were writing')
    expect(text).toContain('>\nMy text</textarea>')
    expect(text).toContain('>\nTheir text</textarea>')
    expect(text).toContain('name="version" value="2"')
    expect(await row('e')).toMatchObject({ title: 'Theirs', version: 2 })
    expect((await edit({ title: 'Both', content: 'Both', version: '2' })).status).toBe(303)
    expect(await row('e')).toMatchObject({ title: 'Both', version: 3 })
  })

  it('saves one of two that come at the same moment', async () => {
    const answers = await Promise.all(
      [1, 2].map((n) => edit({ title: `${n}`, content: 'x', version: '1' })),
    )
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([303, 409]))
  })

  it.each(['', '0', '-1', 'x', '99999999999999999999'])(
    'saves nothing over a version of %j',
    async (version) => {
      expect((await edit({ title: 'New', content: 'x', version })).status).toBe(409)
      expect((await row('e'))?.title).toBe('Title')
    },
  )

  it('keeps what was typed, and the version, when something is wrong', async () => {
    const { status, text } = await edit({ title: '', content: 'typed', version: '1' })
    expect(status).toBe(422)
    expect(text).toContain('>\ntyped</textarea>')
    expect(text).toContain('name="version" value="1"')
    expect(text).toContain('The title must not be empty.')
  })

  it('is 404 for an entry that does not exist', async () => {
    expect((await edit({ title: 'T', content: 'x', version: '1' }, 'none')).status).toBe(404)
    expect((await blog.get('/blog/none/;edit_form')).status).toBe(404)
  })
})

describe('the site', () => {
  const form = { title: 'T', content: 'x' }

  it('goes from / and from a path without its slash to the blog', async () => {
    expect((await blog.get('/')).header('location')).toBe('/blog/')
    expect((await blog.get('/blog')).header('location')).toBe('/blog/')
  })

  it('refuses a post from another site, and saves nothing', async () => {
    const foreign = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]
    for (const headers of foreign) {
      const { status, text } = await blog.post('/blog/;create_form', { form, headers })
      expect(status).toBe(403)
      expect(text).toContain('<h1>That came from somewhere else</h1>')
    }
    expect(await entry.select().count()).toBe(0)
    const own = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }
    expect((await blog.post('/blog/;create_form', { form, headers: own })).status).toBe(303)
  })

  it('answers for its own hosts only', async () => {
    const status = async (host: string) => (await blog.get('/blog/', { headers: { host } })).status
    expect(await status('127.0.0.1:8080')).toBe(200)
    expect(await status('[::1]:8080')).toBe(200)
    expect(await status('evil.example')).toBe(421)
  })

  it('says what is wrong with a request as a sentence', async () => {
    const { status, text } = await blog.get('/blog/%ff/')
    expect(status).toBe(400)
    expect(text).toContain('<h1>The request can’t be answered</h1>')
    expect(text).toContain('<p>The path must be percent-encoded UTF-8.</p>')
  })

  it('allows what a path has and says so', async () => {
    const { status, header, text } = await blog.delete('/blog/')
    expect(status).toBe(405)
    expect(header('allow')).toBe('GET, HEAD, OPTIONS')
    expect(text).toContain('<h1>That can’t be done here</h1>')
  })

  it('lets nothing run and nobody frame it, on pages and on errors', async () => {
    const answers = await Promise.all([
      blog.get('/blog/'),
      blog.get('/nowhere'),
      blog.get('/static/style.css'),
      blog.get('/blog/', { headers: { host: 'evil.example' } }),
    ])
    for (const { header } of answers) {
      expect(header('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/)
      expect(header('x-content-type-options')).toBe('nosniff')
      expect(header('referrer-policy')).toBe('same-origin')
    }
  })

  it('serves its own files and no others', async () => {
    const css = await blog.get('/static/style.css')
    expect(css.status).toBe(200)
    expect(css.header('content-type')).toBe('text/css; charset=utf-8')
    const outside = ['view.ts', '../view.ts', '%2e%2e%2fview.ts', '..%2f..%2fview.ts', '.', 'a/b']
    for (const path of outside) expect((await blog.get(`/static/${path}`)).status).toBe(404)
  })

  it('says nothing of an error but that there was one', async () => {
    await db.knex.schema.dropTable('entry')
    try {
      // What the cache has would stand for the error.
      const { status, text } = await blog.get('/blog/?uncached')
      expect(status).toBe(500)
      expect(text).toContain('<h1>Something went wrong</h1>')
      // SQLite, PostgreSQL, MariaDB.
      expect(text).not.toMatch(
        /no such table|relation "entry" does not exist|Table '.*' doesn't exist/,
      )
    } finally {
      await db.create()
    }
  })

  it('answers HEAD as GET, without the page', async () => {
    const { status, header, bytes } = await blog.head('/blog/')
    expect([status, header('content-type'), bytes.length]).toEqual([
      200,
      'text/html; charset=utf-8',
      0,
    ])
  })
})
