// What auth, cache and log do for the blog: who may read and write, what readers see, what the operator does.
import { client } from '@robaccia/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { addEntries, app, credentials, entry, reader, writer } from './blog.js'

const browser = { headers: { accept: 'text/html' } }
const hits = /^robaccia; hit/

afterEach(async () => {
  await entry.delete().all()
  // What writes by the model alone tells the cache nothing.
  await writeAs(await writer(), 'last')
  await entry.delete().all()
})

async function writeAs(blog: ReturnType<typeof client>, title: string): Promise<number> {
  const form = { title, content: 'x' }
  return (await blog.post('/blog/;create_form', { form })).status
}

describe('reading', () => {
  it('is public, and comes from the cache', async () => {
    await addEntries(12)
    for (const path of ['/blog/', '/blog/index.atom', '/blog/entry-1/']) {
      const first = await client(app).get(path)
      expect([path, first.status]).toEqual([path, 200])
      expect(first.header('cache-control')).toBe('public, max-age=0')
      const second = await client(app).get(path)
      expect(second.header('cache-status')).toMatch(hits)
      expect(second.text).toBe(first.text)
    }
  })

  it('comes from the cache for the writer too, and is no page of theirs', async () => {
    await addEntries(1)
    const blog = await writer()
    const { header } = await blog.get('/blog/entry-1/')
    expect(header('cache-control')).toBe('public, max-age=0')
    const again = await client(app).get('/blog/entry-1/')
    expect(again.header('cache-status')).toMatch(hits)
    expect(again.header('set-cookie')).toBeUndefined()
  })

  it('shows everybody at once what somebody has written', async () => {
    await addEntries(12)
    const older = /\?after=[^"]*/.exec((await client(app).get('/blog/')).text)?.[0] ?? ''
    const paths = ['/blog/', `/blog/${older}`, '/blog/index.atom', '/blog/entry-1/']
    for (const path of paths) await client(app).get(path)

    const blog = await writer()
    expect(await writeAs(blog, 'Brand new')).toBe(303)
    expect((await client(app).get('/blog/')).text).toContain('Brand new')
    expect((await client(app).get('/blog/index.atom')).text).toContain('Brand new')

    const form = { title: 'Entry 1 again', content: 'Edited', version: '1' }
    expect((await blog.post('/blog/entry-1/;edit_form', { form })).status).toBe(303)
    for (const path of paths.slice(1, 2).concat('/blog/entry-1/')) {
      expect((await client(app).get(path)).text).toContain('Entry 1 again')
    }
  })

  it('is not of what was wrong a moment ago', async () => {
    expect((await client(app).get('/blog/late/')).status).toBe(404)
    await entry.insert({ id: 'late', title: 'Late', content: 'x' })
    expect((await client(app).get('/blog/late/')).status).toBe(200)
  })
})

describe('writing', () => {
  it.each(['/blog/;create_form', '/blog/entry-1/;edit_form'])(
    'asks a stranger at %s to log in, and comes back',
    async (path) => {
      await addEntries(1)
      const blog = client(app)
      const { status, header } = await blog.get(path, browser)
      expect(status).toBe(303)
      expect(header('location')).toBe(`/login/?next=${encodeURIComponent(path)}`)
      expect(header('cache-control')).toBe('private')
      const form = { ...credentials, next: path }
      const there = await blog.post('/login/', { form, follow: true })
      expect(there.target).toBe(path)
      expect(there.text).toContain('<a href="/logout/">Log out</a>')
    },
  )

  it('takes nothing from a stranger, and makes nothing old', async () => {
    await addEntries(1)
    await client(app).get('/blog/')
    const form = { title: 'Not mine', content: 'x', version: '1' }
    for (const path of ['/blog/;create_form', '/blog/entry-1/;edit_form']) {
      expect((await client(app).post(path, { form })).status).toBe(401)
      const { status, text } = await client(app).post(path, { form, ...browser })
      expect(status).toBe(401)
      expect(text).toContain('your browser still has it')
    }
    expect((await client(app).post('/logout/')).status).toBe(303)
    expect(await entry.select('title')).toEqual([{ title: 'Entry 1' }])
    expect((await client(app).get('/blog/')).header('cache-status')).toMatch(hits)
  })

  it('takes nothing from who has logged out', async () => {
    const blog = await writer()
    expect((await blog.post('/logout/')).header('location')).toBe('/')
    expect(await writeAs(blog, 'Too late')).toBe(401)
  })

  it('takes no wrong password', async () => {
    const form = { ...credentials, password: 'sword' }
    expect((await client(app).post('/login/', { form })).status).toBe(422)
  })
})

describe('/metrics', () => {
  it('are for the writer alone', async () => {
    const { get } = reader()
    await get('/blog/')
    const refused = await get('/metrics')
    expect([refused.status, refused.header('www-authenticate')]).toEqual([
      401,
      'Basic realm="Metrics", charset="UTF-8"',
    ])
    const authorization = `Basic ${btoa(`${credentials.name}:${credentials.password}`)}`
    const page = await get('/metrics', { headers: { authorization } })
    expect(page.text).toMatch(
      /^http_requests_total\{method="GET",route="\/blog\/",status="200"\} \d/m,
    )
  })
})
