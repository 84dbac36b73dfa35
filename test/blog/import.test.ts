import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { runCommand } from '@robaccia/manage'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addMissing, app, db, entry, importPosts, reader, urls } from './blog.js'
import { makePosts, postCount, somePosts, writePost } from './posts.js'

/** Collects what is written to a screen. */
class Screen extends Writable {
  text = ''
  readonly isTTY: boolean
  readonly columns = 80
  constructor(isTTY: boolean) {
    super()
    this.isTTY = isTTY
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.text += chunk.toString()
    done()
  }
}

async function importFrom(folder: string, isTTY = false) {
  const streams = { stdin: new PassThrough(), stdout: new Screen(isTTY), stderr: new Screen(isTTY) }
  const site = { app, urls, db, model: {}, commands: { import: importPosts } }
  const code = await runCommand(site, ['import', folder], streams)
  return { code, out: streams.stdout.text, err: streams.stderr.text }
}

const good = '---\ntitle: Good\ndate: 2026-01-01\nauthor: Ada\n---\n\nText\n'
let folder = ''

beforeEach(async () => {
  folder = await makePosts(0)
})

afterEach(async () => {
  await entry.delete().all()
})

describe('addMissing', () => {
  it('counts those that it added, also if one has its like among them', async () => {
    const row = (id: string) => ({ id, title: id, content: 'Text' })
    expect(await addMissing([row('a'), row('b')])).toBe(2)
    expect(await addMissing([row('b'), row('c'), row('c'), row('d')])).toBe(2)
    expect(await addMissing([])).toBe(0)
    expect(await entry.select().count()).toBe(4)
  })
})

describe('import', () => {
  it('adds a folder of posts in one go, and twice nothing', async () => {
    const posts = await somePosts()
    const first = await importFrom(posts)
    const count = await entry.select().count()
    expect(first).toEqual({ code: 0, out: `${count} added, 0 already there, 0 skipped\n`, err: '' })
    expect(count).toBeGreaterThanOrEqual(postCount)
    const second = await importFrom(posts)
    expect(second).toEqual({
      code: 0,
      out: `0 added, ${count} already there, 0 skipped\n`,
      err: '',
    })
    expect(await entry.select().count()).toBe(count)
  })

  it('shows every post that it added', async () => {
    const posts = await makePosts(40)
    await importFrom(posts)
    const blog = reader()
    const rows = await entry.select()
    for (const { id } of rows) {
      const { status, text } = await blog.get(`/blog/${encodeURIComponent(id)}/`)
      expect(status).toBe(200)
      expect(text).not.toContain('<script')
      expect(text).not.toContain('<AlertBox')
    }
    expect(rows).toHaveLength(40)
  })

  it('takes what a post says about itself', async () => {
    await writePost(folder, 'deep/er/v1.2.3.md', good)
    await writePost(folder, 'named.mdx', good.replace('author: Ada', 'slug: Other Name'))
    await importFrom(folder)
    const published = new Date('2026-01-01')
    expect(await entry.select().orderBy('id')).toEqual([
      {
        id: 'other-name',
        title: 'Good',
        author: '',
        content: 'Text',
        published,
        updated: published,
        version: 1,
      },
      {
        id: 'v1.2.3',
        title: 'Good',
        author: 'Ada',
        content: 'Text',
        published,
        updated: published,
        version: 1,
      },
    ])
  })

  it('leaves an entry alone that was edited since', async () => {
    await writePost(folder, 'a.md', good)
    await importFrom(folder)
    await entry.update({ title: 'Edited' }).where({ id: 'a' })
    expect((await importFrom(folder)).out).toBe('0 added, 1 already there, 0 skipped\n')
    expect((await entry.select().first())?.title).toBe('Edited')
  })

  it('adds more posts than one transaction takes, but for the bad ones', async () => {
    const posts = await makePosts(450)
    await writePost(posts, '2015/bad.md', 'bad')
    const first = await importFrom(posts)
    expect(first.out).toBe('450 added, 0 already there, 1 skipped\n')
    expect(await entry.select().count()).toBe(450)
    const ids = (await entry.select('id').orderBy('id').limit(250)).map(({ id }) => id)
    await entry.delete().whereIn('id', ids)
    expect((await importFrom(posts)).out).toBe('250 added, 200 already there, 1 skipped\n')
  })

  it('keeps control characters of a name from the terminal', async () => {
    await writePost(folder, 'a\u001b[31mb.md', 'no front matter')
    expect((await importFrom(folder)).err).toMatch(/^a\ufffd\[31mb\.md: /)
  })

  it('says that a folder has no posts', async () => {
    expect(await importFrom(folder)).toMatchObject({
      code: 1,
      err: `error: the folder must have Markdown files (.md, .mdx), got none in ${folder}\n`,
    })
  })

  it('names each bad file with its reason, skips it, and adds the others', async () => {
    const bad: Record<string, [content: string | Uint8Array, reason: string]> = {
      'bytes.md': [Uint8Array.of(0xff, 0xfe), 'must be UTF-8'],
      'clash/good.md': [good, 'has the address of'],
      'control.md': [good.replace('Text', '\u0007'), 'The text must not have control characters'],
      'date.md': [good.replace('2026-01-01', 'soon'), 'must have a date'],
      'empty.md': ['', 'must begin with front matter'],
      'large.md': [
        `${good}${'x'.repeat(4 * 2 ** 20)}`,
        'The text must have at most 4,194,304 bytes',
      ],
      'larger.md': [`${good}${'x'.repeat(5 * 2 ** 20)}`, 'must have at most 4,259,840 bytes'],
      'long.md': [
        good.replace('Good', 'x'.repeat(201)),
        'The title must have at most 200 characters',
      ],
      'half.md': [good.replace('Good', '"\\ud800"'), 'The title must not have control characters'],
      'no-text.md': [good.replace('Text', ''), 'The text must not be empty'],
      'no-title.md': [good.replace('title: Good', ''), 'has no title'],
      'plain.mdx': ['# Text', 'must begin with front matter'],
      'yaml.md': [good.replace('Good', '{'), 'must have front matter in YAML'],
    }
    await writePost(folder, 'a/good.md', good)
    await writePost(folder, 'picture.png', Uint8Array.of(1))
    await mkdir(join(folder, 'folder.md'))
    await symlink('nowhere', join(folder, 'link.md'))
    for (const [name, [content]] of Object.entries(bad)) await writePost(folder, name, content)

    const { code, out, err } = await importFrom(folder)
    expect(code).toBe(1)
    expect(out).toBe('1 added, 0 already there, 14 skipped\n')
    const lines = err.trimEnd().split('\n')
    expect(lines).toHaveLength(14)
    expect(lines).toContain('link.md: must be a file that can be read')
    for (const [name, [, reason]] of Object.entries(bad)) {
      expect(lines.find((line) => line.startsWith(`${join(name)}: `))).toContain(reason)
    }
    expect((await importFrom(folder)).out).toBe('0 added, 1 already there, 14 skipped\n')
  })

  it('looks for the folder where the package manager was called', async () => {
    await writePost(folder, 'a.md', good)
    vi.stubEnv('INIT_CWD', dirname(folder))
    try {
      expect((await importFrom(basename(folder))).out).toBe('1 added, 0 already there, 0 skipped\n')
    } finally {
      vi.stubEnv('INIT_CWD', undefined)
    }
  })

  it('names a folder that can’t be read', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const wrong of [join(folder, 'none'), file]) {
      const { code, err } = await importFrom(wrong)
      expect(code).toBe(1)
      expect(err).toContain(`the folder must be one that can be read, got ${wrong}`)
    }
  })

  it('shows on a terminal how far it is', async () => {
    await writePost(folder, 'a.md', good)
    await writePost(folder, 'b.md', 'bad')
    const { err } = await importFrom(folder, true)
    expect(err).toContain('2/2')
    expect(err).toContain('b.md: must begin with front matter')
  })
})
