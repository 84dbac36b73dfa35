import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { string } from '@robaccia/db'
import { capture } from './capture.js'
import { site } from './site.js'

describe('create', () => {
  it('says what it made, and that there is nothing to do the second time', async () => {
    const blog = site()
    const first = await capture(blog, ['create'])
    expect(first).toEqual({
      code: 0,
      out: 'made table entry\nmade index entry_updated_index\nmade table person\n',
      err: '',
    })
    expect(await capture(blog, ['create'])).toEqual({ code: 0, out: 'nothing to do\n', err: '' })
    await blog.db.close()
  })
})

describe('routes', () => {
  it('lists method, path expression, name and view in columns', async () => {
    const { code, out } = await capture(site(), ['routes'])
    expect(code).toBe(0)
    expect(out).toBe(
      [
        'METHOD  PATH         NAME  VIEW',
        'GET     /blog/       list  list',
        'POST    /blog/       list  POST',
        'GET     /blog/{id}/  -     member',
        '',
      ].join('\n'),
    )
  })

  it('gives the same to programs as JSON', async () => {
    const { code, out } = await capture(site(), ['routes', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual([
      {
        path: '/blog/',
        name: 'list',
        methods: [
          { method: 'GET', view: 'list' },
          { method: 'POST', view: 'POST' },
        ],
      },
      { path: '/blog/{id}/', name: null, methods: [{ method: 'GET', view: 'member' }] },
    ])
  })

  it('has colours only where they can be shown', async () => {
    const plain = await capture(site(), ['routes'], { terminal: true })
    const coloured = await capture(site(), ['routes'], { terminal: true, colors: true })
    expect(plain.out).not.toContain('\u001B')
    expect(coloured.out).toContain('\u001B[1mMETHOD')
  })
})

describe('check', () => {
  it('finds nothing where the database has all tables and every route can match', async () => {
    const blog = site()
    await blog.db.create()
    expect(await capture(blog, ['check'])).toEqual({ code: 0, out: 'nothing found\n', err: '' })
    await blog.db.close()
  })

  it('names missing tables, columns and indexes and says what to do about them', async () => {
    const blog = site()
    await blog.db.knex.schema.createTable('entry', (table) => table.string('id', 100).primary())
    const { code, out } = await capture(blog, ['check'])
    expect(code).toBe(1)
    expect(out).toContain('the database lacks table person: make it with `manage create`\n')
    expect(out).toContain('the database lacks column entry.title: add it by ALTER TABLE')
    expect(out).toContain('the database lacks index entry_updated_index: make it with')
    await blog.db.close()
  })

  it('names a route that never matches and the one that takes its paths', async () => {
    const view: App = (environ, startResponse) => text(environ, startResponse, 'new')
    const blog = site()
    await blog.db.create()
    blog.urls.add('/blog/new/', { GET: view })
    expect(await capture(blog, ['check'])).toEqual({
      code: 1,
      out: 'the route GET /blog/new/ never matches, since /blog/{id}/ before it takes its paths: add it earlier, or remove it\n',
      err: '',
    })
    await blog.db.close()
  })
})

describe('check --database', () => {
  it('finds nothing where the database is as the model says', async () => {
    const blog = site()
    await blog.db.create()
    expect(await capture(blog, ['check', '--database'])).toEqual({
      code: 0,
      out: 'nothing found\n',
      err: '',
    })
    await blog.db.close()
  })

  it('names each difference, but in tables of others', async () => {
    const blog = site()
    await blog.db.create()
    const on = blog.db.dialect === 'mysql' ? ' on entry' : ''
    await blog.db.knex.raw(`drop index entry_updated_index${on}`)
    await blog.db.knex.raw('alter table person add column age bigint not null default 1')
    await blog.db.knex.raw('create table session (id text)')
    await blog.db.knex.raw('create table knex_migrations (id integer)')
    const lines = [
      'index entry_updated_index of entry must be on (updated), got none',
      'person.age must not be there, got bigInteger()',
      'table session must not be there, got one of 1 column',
    ]
    const all = await capture(blog, ['check', '--database'])
    expect(all).toEqual({ code: 1, out: `${lines.join('\n')}\n`, err: '' })
    const some = await capture(blog, ['check', '--database', '--ignore', 'session,other'])
    expect(some).toEqual({ code: 1, out: `${lines.slice(0, 2).join('\n')}\n`, err: '' })
    await blog.db.close()
  })

  it('refuses --ignore without it', async () => {
    const blog = site()
    expect(await capture(blog, ['check', '--ignore', 'a'])).toEqual({
      code: 2,
      out: '',
      err: 'error: --ignore must come with --database\n',
    })
    await blog.db.close()
  })
})

describe('inspectdb', () => {
  const people = `import { string } from '@robaccia/db'
import { db } from './dbconfig.js'

export const person = db.table('person', {
  id: string(100).primary(),
})
`

  it('prints the model of all tables, or of those that it is told', async () => {
    const blog = site()
    await blog.db.create()
    const { code, out, err } = await capture(blog, ['inspectdb'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(
      `export const entry = db.table('entry', {\n  id: string(100).primary(),\n`,
    )
    expect(out).toContain('  updated: string(20).index(),\n')
    const some = await capture(blog, ['inspectdb', 'person'])
    expect(some).toEqual({ code: 0, out: people, err: '' })
    const both = await capture(blog, ['inspectdb', 'person', 'entry'])
    expect(both.out.split('export')).toHaveLength(3)
    await blog.db.close()
  })

  it('names the tables that there are where one is not', async () => {
    const blog = site()
    await blog.db.create()
    expect(await capture(blog, ['inspectdb', 'entry', 'people'])).toEqual({
      code: 2,
      out: '',
      err: 'error: a table must be one of entry, person, got people\n',
    })
    await blog.db.close()
  })

  it('says that a database is empty', async () => {
    const blog = site()
    const { code, out, err } = await capture(blog, ['inspectdb'])
    expect([code, out, err]).toEqual([0, '', 'the database has no tables\n'])
    await blog.db.close()
  })
})

describe('shell', () => {
  it('knows db and every table by its name and by its export', async () => {
    const blog = site()
    await blog.db.create()
    const { code, out } = await capture(blog, ['shell'], {
      input: [
        `await entry.insert({ id: 'a', title: 'A', updated: '2026' })`,
        `const titles = (await entry.select()).map(row => row.title)`,
        `;[...titles, people === person, model.entry === entry, db.tables instanceof Array]`,
      ].join('\n'),
    })
    expect(code).toBe(0)
    expect(out).toBe(`[ 'A', true, true, true ]\n`)
    await blog.db.close()
  })

  it('says on a terminal what it knows, and keeps the history in a file', async () => {
    const history = join(await mkdtemp(join(tmpdir(), 'robaccia-')), 'history')
    vi.stubEnv('NODE_REPL_HISTORY', history)
    const blog = site()
    const { code, out } = await capture(blog, ['shell'], {
      terminal: true,
      input: 'await Promise.resolve(40 + 2)\n.exit\n',
    })
    vi.unstubAllEnvs()
    await blog.db.close()
    expect(code).toBe(0)
    expect(out).toMatch(/^entry, person, people, db, model; /)
    expect(out).toContain('42')
    expect(await readFile(history, 'utf8')).toContain('await Promise.resolve(40 + 2)')
  })

  it('runs -c CODE and prints the value of its last expression, unless that is undefined', async () => {
    const blog = site()
    await blog.db.create()
    const code = `const n = await people.select().count(); n + 1`
    expect(await capture(blog, ['shell', '-c', code])).toEqual({ code: 0, out: '1\n', err: '' })
    const silent = await capture(blog, ['shell', '--code', 'await db.create(); undefined'])
    expect(silent).toEqual({ code: 0, out: '', err: '' })
    await blog.db.close()
  })

  it.each([
    [
      'what is thrown',
      '1\nnothing.there',
      /^error: ReferenceError: nothing is not defined \(line 2: nothing\.there\)\n$/,
    ],
    [
      'a rejection',
      'await Promise.reject(new Error("no such post"))',
      /^error: Error: no such post \(line 1: .*\)\n$/,
    ],
    ['a rejection by no error', 'await Promise.reject(7)', /^error: thrown: 7\n$/],
    ['a rejection by nothing', 'await Promise.reject(undefined)', /^error: thrown: undefined\n$/],
    ['a rejection by false', 'await Promise.reject(false)', /^error: thrown: false\n$/],
    [
      'an object without a prototype',
      'throw Object.create(null)',
      /^error: thrown: \[.*\] \{\}\n$/,
    ],
    [
      'an error of a file that ends in shell',
      `throw Object.assign(new Error('x'), { stack: 'at /app/shell:1:2' })`,
      /^error: Error: x\n$/,
    ],
    [
      'what a timer throws meanwhile',
      `setTimeout(() => { throw new Error('late') }); await new Promise(() => {})`,
      /^error: Error: late\n$/,
    ],
    ['what does not parse', '1 +* 2', /^error: SyntaxError: .*\n$/],
    ['code that stops half-way', '(1 +\n', /^error: SyntaxError: Unexpected end of input\n$/],
  ])('tells %s in one line, and ends with 1', async (_what, code, message) => {
    const blog = site()
    const ran = await capture(blog, ['shell', '-c', code])
    const piped = await capture(blog, ['shell'], { input: code })
    await blog.db.close()
    for (const { code: exit, out, err } of [ran, piped]) {
      expect([exit, out]).toEqual([1, ''])
      expect(err).toMatch(message)
    }
  })

  it('leaves what is a global already alone', async () => {
    const blog = site()
    blog.db.table('process', { id: string(10).primary() })
    const { out } = await capture(blog, ['shell'], { input: 'typeof process.exit' })
    await blog.db.close()
    expect(out).toBe(`'function'\n`)
  })
})
