import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { capture } from './capture.js'
import { site } from './site.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'robaccia-dump-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function blog(rows = 0) {
  const one = site()
  onTestFinished(() => one.db.close())
  await one.db.create()
  for (let n = 1; n <= rows; n++) {
    await one.model.entry.insert({ id: `${n}`, title: `Title ${n}`, updated: '2026' })
  }
  return one
}

describe('dump and load', () => {
  it('write the rows to stdout, and read them from stdin', async () => {
    const { code, out, err } = await capture(await blog(2), ['dump'])
    expect([code, err]).toEqual([0, ''])
    expect(out.split('\n')).toHaveLength(7)
    const other = await blog()
    expect(await capture(other, ['load'], { input: out })).toEqual({
      code: 0,
      out: 'entry: 2 rows\nperson: 0 rows\n',
      err: '',
    })
    expect((await capture(other, ['dump', '-'])).out).toBe(out)
  })

  it('write a file that only its owner may read, and read it where it was asked for', async () => {
    const file = join(folder, 'blog.jsonl')
    const full = await blog(3)
    const told = 'entry: 3 rows\nperson: 0 rows\n'
    expect(await capture(full, ['dump', file])).toEqual({ code: 0, out: told, err: '' })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    vi.stubEnv('INIT_CWD', dirname(file))
    try {
      expect((await capture(await blog(), ['load', basename(file)])).out).toBe(told)
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('show on a terminal how far they are', async () => {
    const file = join(folder, 'shown.jsonl')
    const terminal = { terminal: true }
    expect((await capture(await blog(3), ['dump', file], terminal)).err).toContain('3/3')
    const { size } = await stat(file)
    const loaded = await capture(await blog(), ['load', file], terminal)
    expect(loaded.err).toContain(`${size}/${size}`)
    expect(loaded.code).toBe(0)
  })

  it('name a bad line, and keep nothing', async () => {
    const { out } = await capture(await blog(2), ['dump'])
    const other = await blog()
    const input = out.replace('"Title 2"', '7')
    expect(await capture(other, ['load'], { input })).toEqual({
      code: 1,
      out: '',
      err: 'error: line 4 of the dump: entry.title must be a string\n',
    })
    expect(await other.model.entry.select().count()).toBe(0)
  })

  it('refuse tables that have rows, unless it is to append', async () => {
    const { out: input } = await capture(await blog(1), ['dump', '--tables', 'entry'])
    const other = await blog()
    await other.model.entry.insert({ id: 'x', title: 'X', updated: '2026' })
    const refused = await capture(other, ['load'], { input })
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('must be empty') })
    const { code, out } = await capture(other, ['load', '--append'], { input })
    expect([code, out]).toEqual([0, 'entry: 1 rows\n'])
  })

  it.each([
    [
      ['dump', '--tables', 'entry,people'],
      2,
      /^error: --tables must be among entry, person, got 'people'\n$/,
    ],
    [
      ['dump', 'nowhere/x.jsonl'],
      1,
      /^error: the file must be one that can be written, got .*x\.jsonl\n$/,
    ],
    [['dump', 'folder'], 1, /^error: the file must be one that can be written, got .*folder\n$/],
    [['load', 'folder'], 1, /^error: the file must be one that can be read, got .*folder\n$/],
    [
      ['load', 'none.jsonl'],
      1,
      /^error: the file must be one that can be read, got .*none\.jsonl\n$/,
    ],
    [['load', 'text.txt'], 1, /^error: the dump must begin with the line that names its tables/],
  ])('%j is refused in a line', async (argv, code, message) => {
    await mkdir(join(folder, 'folder'), { recursive: true })
    await writeFile(join(folder, 'text.txt'), 'some text\n')
    vi.stubEnv('INIT_CWD', folder)
    try {
      const answer = await capture(await blog(1), argv)
      expect(answer).toMatchObject({ code, out: '' })
      expect(answer.err).toMatch(message)
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('leave an older dump alone when a new one fails', async () => {
    const file = join(folder, 'old.jsonl')
    await capture(await blog(1), ['dump', file])
    const old = await readFile(file, 'utf8')
    const broken = await blog(1)
    await broken.db.knex.schema.dropTable('person')
    expect(await capture(broken, ['dump', file])).toEqual({
      code: 1,
      out: '',
      err: 'error: the database must have table person, which the model has: make it first\n',
    })
    expect(await readFile(file, 'utf8')).toBe(old)
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('load does not wait for somebody to type a dump', async () => {
    const { code, err } = await capture(await blog(), ['load'], { terminal: true })
    expect(code).toBe(2)
    expect(err).toBe('error: load must have a file, or a dump from a pipe\n')
  })
})
