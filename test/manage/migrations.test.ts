// The commands for migrations, one application that grows, on each database.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { selector, text } from '@robaccia/core'
import { type AnyTable, type Database, database, integer, string } from '@robaccia/db'
import type { Site } from '@robaccia/manage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databases, type OpenDatabase } from '../db/databases.js'
import { capture } from './capture.js'

/** A site at one moment: its model is what these tables are. */
function siteOf(url: string, folder: string, define: (db: Database) => readonly AnyTable[]) {
  const db = database(url)
  define(db)
  const urls = selector().add('/', { GET: (environ, start) => text(environ, start, 'home') })
  const migrations = pathToFileURL(`${folder}/`)
  return { app: urls, urls, db, model: {}, migrations } satisfies Site
}

const first = (db: Database) => [db.table('entry', { id: integer().primary(), titel: string(50) })]
const second = (db: Database) => [
  db.table('entry', {
    id: integer().primary(),
    title: string(50).was('titel'),
    author: string(20).default(''),
  }),
]

let folder: string
beforeEach(async () => {
  // Inside this folder, so that a migration finds the package that it imports.
  folder = await mkdtemp(join(import.meta.dirname, 'migrations-'))
})
afterEach(() => rm(folder, { recursive: true }))

const onDisk = databases.filter(({ name }) => name !== 'SQLite memory')

describe.each(onDisk)('on $name', ({ open }) => {
  let opened: OpenDatabase
  const sites: Site[] = []
  beforeEach(async () => {
    opened = await open()
  })
  afterEach(async () => {
    await Promise.all(sites.splice(0).map(({ db }) => db.close()))
    await opened.remove()
  })
  const site = (define: (db: Database) => readonly AnyTable[]): Site => {
    const made = siteOf(opened.url, folder, define)
    sites.push(made)
    return made
  }

  it('a model that changes becomes migrations, and these become tables', async () => {
    const old = site(first)
    const made = await capture(old, ['makemigrations'])
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(/^made .*0001_initial\.ts\n {2}create table entry\n$/)
    expect(await capture(old, ['makemigrations'])).toMatchObject({ out: 'nothing has changed\n' })
    expect(await capture(old, ['migrate'])).toEqual({
      code: 0,
      out: 'applied 0001_initial\n',
      err: '',
    })
    expect(await capture(old, ['migrate'])).toMatchObject({ out: 'nothing to do\n' })
    await old.db.knex('entry').insert({ id: 1, titel: 'A' })

    const next = site(second)
    const words = 'rename column entry.titel to title, add column entry.author'
    expect(await capture(next, ['makemigrations', '--check'])).toEqual({
      code: 1,
      out: `the model has changes that no migration has: ${words}\n`,
      err: '',
    })
    expect(await capture(next, ['migrate'])).toMatchObject({
      code: 0,
      err: `the model has changes that no migration has (${words}): run \`manage makemigrations\`\n`,
    })
    const shown = await capture(next, ['makemigrations', '--dry-run'])
    expect(shown.out).toContain(`    addColumn('entry', 'author', string(20).default('')),\n`)
    expect(await readdir(folder)).toEqual(['0001_initial.ts'])
    await capture(next, ['makemigrations', '--name', 'author'])
    expect(await readFile(join(folder, '0002_author.ts'), 'utf8')).toContain(
      "  parent: '0001_initial',\n",
    )
    expect(await capture(next, ['check'])).toEqual({
      code: 1,
      out: 'the database lacks migrations (0002_author): apply them with `manage migrate`\n',
      err: '',
    })
    expect(await capture(next, ['create'])).toEqual({
      code: 0,
      out: 'applied 0002_author\n',
      err: '',
    })
    expect(await capture(next, ['check'])).toMatchObject({ code: 0, out: 'nothing found\n' })
    expect(await next.db.knex('entry').first()).toEqual({ id: 1, title: 'A', author: '' })

    const listed = await capture(next, ['migrations', '--json'])
    expect(JSON.parse(listed.out)).toMatchObject([
      { name: '0001_initial', batch: 1 },
      { name: '0002_author', batch: 2 },
    ])
    expect(await capture(next, ['migrate', '--to', '0001'])).toMatchObject({
      code: 0,
      out: 'nothing to do: `manage rollback --to 0001` undoes the 1 behind it\n',
    })
    expect(await capture(next, ['rollback', '--allow-drop'])).toMatchObject({
      code: 0,
      out: 'undid 0002_author\n',
    })
    expect((await capture(next, ['migrations'])).out).toMatch(
      /^MIGRATION {5}APPLIED {18}RUN\n0001_initial {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}1\n0002_author {3}pending {18}-\n$/,
    )
  })

  it('what drops something says how many rows hold it, and wants --allow-drop', async () => {
    const old = site(second)
    await capture(old, ['makemigrations'])
    await capture(old, ['create'])
    await old.db.knex('entry').insert([
      { id: 1, title: 'A', author: 'x' },
      { id: 2, title: 'B', author: '' },
    ])
    expect(await capture(old, ['rollback'])).toEqual({
      code: 1,
      out: '',
      err: 'error: the rollback would drop table entry (2 rows): say --allow-drop\n',
    })
    const next = site((db) => [db.table('entry', { id: integer().primary(), title: string(50) })])
    expect(await capture(next, ['makemigrations'])).toEqual({
      code: 1,
      out: '',
      err: 'error: the migration would drop column entry.author (2 rows): say --allow-drop, or, if it only has another name now, say so by was() in the model\n',
    })
    const allowed = await capture(next, ['makemigrations', '--allow-drop'])
    expect(allowed.out).toContain('  drop column entry.author\n')
    expect(await capture(next, ['migrate'])).toMatchObject({ code: 0, err: '' })
    expect(await next.db.knex('entry').first()).toEqual({ id: 1, title: 'A' })
  })

  it('a column without a default is refused where there are rows', async () => {
    const old = site(first)
    await capture(old, ['makemigrations'])
    await capture(old, ['migrate'])
    await old.db.knex('entry').insert({ id: 1, titel: 'A' })
    const next = site((db) => [
      db.table(
        'post',
        { id: integer().primary(), titel: string(50), by: string(9) },
        { was: 'entry' },
      ),
    ])
    expect(await capture(next, ['makemigrations'])).toEqual({
      code: 1,
      out: '',
      err: 'error: add column post.by: post.by must have a default or be nullable where there are rows, got 1 row: give it a default, or make it nullable, fill it by runs(), and take nullable() away after that\n',
    })
    await old.db.knex('entry').del()
    expect(await capture(next, ['makemigrations'])).toMatchObject({ code: 0, err: '' })
    await old.db.knex('entry').insert({ id: 1, titel: 'A' })
    const { code, err } = await capture(next, ['migrate'])
    expect(code).toBe(1)
    expect(err).toContain(
      'post.by must have a default or be nullable where there are rows, got 1 row',
    )
  })

  it('a database that was made by create is taken over by --fake', async () => {
    const { migrations: _none, ...before } = site(first)
    expect(await capture(before, ['create'])).toMatchObject({ out: 'made table entry\n' })
    const after = site(first)
    await capture(after, ['makemigrations'])
    const refused = await capture(after, ['migrate'])
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('note that by migrate --to 0001_initial --fake\n')
    expect(await capture(after, ['migrate', '--to', '1', '--fake'])).toEqual({
      code: 0,
      out: 'noted 0001_initial as applied\n',
      err: '',
    })
    expect(await capture(after, ['check'])).toMatchObject({ code: 0, out: 'nothing found\n' })
    expect(await capture(after, ['check', '--database'])).toMatchObject({ code: 0 })
    await after.db.knex.schema.alterTable('entry', (table) => table.dropColumn('titel'))
    expect(await capture(after, ['check'])).toEqual({
      code: 1,
      out: 'the database lacks column entry.titel, which its migrations have made: somebody has taken it away; put it back by hand\n',
      err: '',
    })
    const { code, out } = await capture(after, ['check', '--database'])
    expect([code, out]).toEqual([1, expect.stringMatching(/^entry\.titel must .*\n$/)])
  })

  it('sqlmigrate prints what runs, there and back', async () => {
    const old = site(first)
    await capture(old, ['makemigrations'])
    const there = await capture(old, ['sqlmigrate', '1'])
    expect(there.out).toMatch(/^(?:begin;\n)?-- create table entry\ncreate table .entry. .*;\n/)
    const back = await capture(old, ['sqlmigrate', '0001_initial', '--back'])
    expect(back.out).toMatch(/-- drop table entry\n.*drop table .entry.;\n/s)
  })
})

describe('the commands for migrations', () => {
  async function inMemory<Result>(use: (site: Site) => Promise<Result>): Promise<Result> {
    const made = siteOf('sqlite::memory:', folder, first)
    try {
      return await use(made)
    } finally {
      await made.db.close()
    }
  }
  const write = (name: string, parent: string | undefined) =>
    writeFile(
      join(folder, name),
      `export const migration = { parent: ${JSON.stringify(parent)}, operations: [] }\n`,
    )

  it.each(['makemigrations', 'migrate', 'rollback', 'migrations', 'sqlmigrate 1'])(
    '%s says what is lacking in a site without a folder',
    async (line) => {
      await inMemory(async ({ migrations: _none, ...site }: Site) => {
        expect(await capture(site, line.split(' '))).toEqual({
          code: 1,
          out: '',
          err: "error: the site must say where its migrations are: give manage() migrations: new URL('./migrations/', import.meta.url)\n",
        })
      })
    },
  )

  it('find two branches, and say how to join them', async () => {
    await write('0001_initial.js', undefined)
    await write('0002_a.js', '0001_initial')
    await write('0002_b.js', '0001_initial')
    const words =
      "one migration must follow 0001_initial, got 0002_a and 0002_b: join the branches, by parent: '0002_a' in 0002_b if no database has that one yet\n"
    await inMemory(async (site) => {
      expect(await capture(site, ['check'])).toEqual({ code: 1, out: words, err: '' })
      expect(await capture(site, ['migrate'])).toEqual({ code: 1, out: '', err: `error: ${words}` })
    })
  })

  it.each([
    ['0001_a.js', 'export const nothing = 1', /0001_a\.js must export migration, got undefined: /],
    ['0001_a.js', 'export const migration = 7', /0001_a\.js must export migration, got 7: /],
    ['0001_a.js', 'export const migration = {}', /the operations of 0001_a\.js must be an array /],
    [
      '0001_a.js',
      'export const migration = { operations: [1] }',
      /the operations of 0001_a\.js must be an array /,
    ],
    [
      '0001_a.js',
      'export const migration = { parent: 1, operations: [] }',
      /the parent of 0001_a\.js must be undefined or a migration's name, got 1/,
    ],
    [
      '0001_a.js',
      "export const migration = { parent: '0000', operations: [] }",
      /the parent of 0001_a must be one of none at all, got "0000"/,
    ],
    [
      '0001_a.js',
      "export const migration = { parent: '0001_a', operations: [] }",
      /each migration must lead back to the first by its parents, got a circle of 0001_a/,
    ],
    ['0001_a.js', "throw new Error('oh no')", /migration 0001_a\.js must load, got oh no/],
    [
      '0001_a.js',
      "import { dropColumn, text } from '@robaccia/db/migrations'\nexport const migration = { operations: [dropColumn('entry', 'a', text())] }",
      /migration 0001_a: drop column entry\.a: a table must be one of none at all, got entry/,
    ],
  ])('say what is wrong with a file: %s %s', async (name, source, words) => {
    await writeFile(join(folder, name), source)
    await inMemory(async (site) => {
      const { code, err } = await capture(site, ['migrate'])
      expect(code).toBe(1)
      expect(err).toMatch(words)
      expect(err.trimEnd()).not.toContain('\n')
    })
  })

  it('refuse a migration in two files, and leave other files alone', async () => {
    await writeFile(join(folder, 'README.md'), '# Migrations')
    await writeFile(join(folder, '0001_a.d.ts'), 'export {}')
    await mkdir(join(folder, 'old'))
    await write('0001_a.js', undefined)
    await inMemory(async (site) => {
      expect(await capture(site, ['migrate'])).toMatchObject({ code: 0, out: 'applied 0001_a\n' })
    })
    await write('0001_a.mjs', undefined)
    await inMemory(async (site) => {
      expect(await capture(site, ['migrate'])).toMatchObject({
        code: 1,
        err: 'error: a migration must be one file, got 0001_a.js and 0001_a.mjs\n',
      })
    })
  })

  it('write JavaScript where the migrations are JavaScript', async () => {
    await write('0001_a.mjs', undefined)
    await inMemory(async (site) => {
      await capture(site, ['makemigrations'])
      expect(await readFile(join(folder, '0002_create_entry.mjs'), 'utf8')).toContain('@type')
      expect(await capture(site, ['migrate'])).toMatchObject({
        code: 0,
        out: 'applied 0001_a\napplied 0002_create_entry\n',
      })
    })
  })

  it('write an empty one for a data step', async () => {
    await inMemory(async (site) => {
      await capture(site, ['makemigrations'])
      await capture(site, ['makemigrations', '--empty', '--name', 'fill'])
      expect(await readFile(join(folder, '0002_fill.ts'), 'utf8')).toContain('  operations: [],\n')
    })
  })

  it.each([
    [
      ['makemigrations', '--name', '../x'],
      "name must be 1 to 100 letters, digits and underscores, got '../x'",
    ],
    [['rollback', '--all', '--to', '1'], 'rollback must have --to or --all, got both'],
    [['migrate', '--lock-timeout', '-1'], 'It must be a whole number from 0 up to 86400.'],
  ])('refuse %s', async (argv, words) => {
    await inMemory(async (site) => {
      const { code, err } = await capture(site, argv)
      expect(code).toBe(2)
      expect(err).toContain(words)
    })
  })

  it('ask for --allow-drop also when the database does not answer', async () => {
    await inMemory((site) => capture(site, ['makemigrations']))
    const gone = siteOf('postgres://nobody@127.0.0.1:1/none', folder, () => [])
    const { code, err } = await capture(gone, ['makemigrations'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /^error: the migration would drop table entry; how many rows hold something can't be known: .*: say --allow-drop/,
    )
    expect(await capture(gone, ['makemigrations', '--allow-drop'])).toMatchObject({ code: 0 })
    await gone.db.close()
  })
})
