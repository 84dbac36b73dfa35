import {
  type AnyColumn,
  database,
  datetime,
  decimal,
  increments,
  integer,
  json,
  now,
  string,
  text,
  uuid,
} from '@robaccia/db'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databases } from './databases.js'

describe.each(databases)('create on $name', ({ open }) => {
  test('makes tables in the order of their references, once, and says what', async () => {
    const { db, remove } = await open()
    onTestFinished(remove)
    const comment = db.table('comment', {
      id: increments(),
      entry: string(100)
        .references(() => entry.id, { onDelete: 'cascade' })
        .index(),
    })
    const entry = db.table('entry', {
      id: string(100).primary(),
      slug: string(100).unique(),
      updated: datetime().default(now()).index(),
    })
    expect(await db.missing()).toEqual(['table comment', 'table entry'])
    expect(await db.create()).toEqual([
      'table entry',
      'index entry_slug_unique',
      'index entry_updated_index',
      'table comment',
      'index comment_entry_index',
    ])
    expect(await db.create()).toEqual([])
    expect(await db.missing()).toEqual([])
    await entry.insert({ id: 'a', slug: 'a' })
    await comment.insert({ entry: 'a' })
    await entry.delete().where({ id: 'a' })
    expect(await comment.select().count()).toBe(0)
    await expect(Promise.resolve(comment.insert({ entry: 'x' }))).rejects.toThrow(
      /must refer to a row of/,
    )
  })

  test('makes tables that refer to each other and to themselves', async () => {
    const { db, remove } = await open()
    onTestFinished(remove)
    const person = db.table('person', {
      id: increments(),
      team: integer()
        .nullable()
        .references((): AnyColumn => team.id),
      boss: integer()
        .nullable()
        .references((): AnyColumn => person.id, { onDelete: 'set null' }),
      code: uuid().unique(),
      friend: uuid()
        .nullable()
        .references((): AnyColumn => person.code),
    })
    const team = db.table('team', {
      id: increments(),
      lead: integer()
        .nullable()
        .references(() => person.id),
    })
    expect((await db.create()).filter((made) => made.startsWith('table'))).toEqual([
      'table team',
      'table person',
    ])
    expect(await db.create()).toEqual([])
    const late = team.insert({ lead: 99 })
    await expect(Promise.resolve(late)).rejects.toThrow(/must refer to a row of/)
    await expect(Promise.resolve(person.delete().all())).resolves.toBe(0)
  })

  test('a composite key is unique as a whole', async () => {
    const { db, remove } = await open()
    onTestFinished(remove)
    const vote = db.table('vote', {
      user: integer().primary(),
      entry: string(100).primary(),
      n: integer(),
    })
    await db.create()
    await vote.insert([
      { user: 1, entry: 'a', n: 1 },
      { user: 1, entry: 'b', n: 1 },
    ])
    await expect(Promise.resolve(vote.insert({ user: 1, entry: 'a', n: 2 }))).rejects.toMatchObject(
      {
        columns: ['user', 'entry'],
      },
    )
    expect(await vote.update({ n: 3 }).where({ user: 1 }).returning('entry', 'n')).toHaveLength(2)
  })

  test('makes each table once for processes that start together', async () => {
    const { url, remove } = await open()
    onTestFinished(remove)
    if (url === 'sqlite::memory:') return
    const together = Array.from({ length: 4 }, () => database(url))
    for (const one of together) one.table('entry', { id: increments(), title: string(9).index() })
    const made = await Promise.all(together.map((one) => one.create()))
    expect(made.flat()).toEqual(['table entry', 'index entry_title_index'])
    await Promise.all(together.map((one) => one.close()))
  })

  test('missing tells columns and indexes, create makes the indexes', async () => {
    const { db, url, remove } = await open()
    onTestFinished(remove)
    if (url === 'sqlite::memory:') return
    db.table('entry', { id: string(100).primary(), title: string(100) })
    await db.create()
    const later = database(url)
    later.table('entry', {
      id: string(100).primary(),
      title: string(100).index(),
      version: integer().default(1).index(),
    })
    expect(await later.missing()).toEqual([
      'column entry.version',
      'index entry_title_index',
      'index entry_version_index',
    ])
    expect(await later.create()).toEqual(['index entry_title_index'])
    expect(await later.missing()).toEqual(['column entry.version', 'index entry_version_index'])
    await later.close()
  })

  test('names are at most 63 characters, cut ones with a hash', async () => {
    const { db, remove } = await open()
    onTestFinished(remove)
    const long = 'a'.repeat(63)
    const table = db.table(long, {
      [long]: string(10).index(),
      [`b${long.slice(1)}`]: string(10).index(),
    })
    const names = table.table.indexes.map(({ name }) => name)
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(name).toMatch(/^a{48}_[\da-f]{8}_index$/)
    await db.create()
    expect(await db.create()).toEqual([])
  })

  test('a long string is a string too', async () => {
    const { db, remove } = await open()
    onTestFinished(remove)
    const page = db.table('page', {
      id: string(640).primary(),
      content: string(30_000),
      more: string(30_000),
    })
    await db.create()
    const row = { id: '🦀'.repeat(640), content: '🦀'.repeat(30_000), more: '' }
    await page.insert(row)
    expect(await page.select()).toEqual([row])
  })
})

describe('table', () => {
  const db = database('sqlite::memory:')

  test('has its columns as data, in order', () => {
    const author = db.table('author', { id: uuid().primary() })
    const entry = db.table('entry', {
      id: string(100).primary(),
      author: uuid().references(() => author.id, { onDelete: 'cascade' }),
      meta: json<{ a: number }>().nullable(),
    })
    expect(entry.table).toMatchObject({
      name: 'entry',
      primaryKey: ['id'],
      indexes: [],
      columns: [
        { table: 'entry', name: 'id', kind: 'string', length: 100, primary: true, nullable: false },
        { name: 'author', kind: 'uuid', references: { onDelete: 'cascade' } },
        { name: 'meta', kind: 'json', nullable: true },
      ],
    })
    expect(entry.id).toBe(entry.table.columns[0])
    expect(entry.author.references?.target()).toBe(author.id)
    expect(db.tables.slice(-2)).toEqual([author, entry])
  })

  db.table('post', { tag_name: string(10).index() })

  test.each([
    ['1st', { id: integer() }, /^a table name must be a letter and up to 62 letters/],
    ['entry', { id: integer() }, /^a table name must be there once, .* got entry twice$/],
    ['Entry', { id: integer() }, /^a table name must be there once, .* got Entry twice$/],
    ['t', { id: integer(), Id: integer() }, /^a column name of t must be there once, .* got Id/],
    ['t', { constructor: integer() }, /must not be what every object has, got "constructor"$/],
    ['toString', { id: integer() }, /^a table name must not be what every object has/],
    [
      'post_tag',
      { name: string(10).index() },
      /^an index name must be there once, whatever its case, got post_tag_name_index twice$/,
    ],
    ['t', { 'a b': integer() }, /^a column name of t must be a letter.*got "a b"$/],
    ['t', { select: integer() }, /must not be one of insert, select, .*got 'select'$/],
    ['t', { id: 'string' as never }, /^t\.id must be a column like string\(100\), got "string"$/],
    ['t', {}, /^table t must have a column, got none$/],
    ['t', { id: text().primary() }, /^t\.id must be a string\(n\) to be a key or have an index/],
    [
      't',
      { id: string(641).index() },
      /^the index \(id\) of t must have at most 640 characters, got 641$/,
    ],
    ['t', { a: string(400).primary(), b: string(400).primary() }, /primary key \(a, b\) of t/],
    ['t', { id: integer().primary().nullable() }, /^t\.id must not be nullable/],
    ['t', { id: increments(), b: integer().primary() }, /must be its whole primary key/],
    [
      't',
      { id: integer().references(() => ({}) as AnyColumn, { onDelete: 'set null' }) },
      /must be nullable/,
    ],
    ['t', { id: string(2).default('abc') }, /^t\.id must have at most 2 characters, got "abc"$/],
  ] as const)('%s %o is refused', (name, columns, message) => {
    expect(() => db.table(name, columns as never)).toThrow(message)
  })

  test('a size is checked', () => {
    const untyped: (...sizes: unknown[]) => unknown = string as never
    expect(() => string(0)).toThrow(
      'length of string() must be an integer from 1 to 1000000, got 0',
    )
    expect(() => untyped()).toThrow('got undefined')
    expect(() => decimal(19, 2)).toThrow(
      'precision of decimal() must be an integer from 1 to 18, got 19',
    )
    expect(() => decimal(4, 5)).toThrow('scale of decimal() must be an integer from 0 to 4, got 5')
  })

  test('a reference must be to a key of the same kind', async () => {
    const other = database('sqlite::memory:')
    const a = other.table('a', { id: integer().primary(), n: integer() })
    other.table('b', { a: integer().references(() => a.n) })
    await expect(other.create()).rejects.toThrow(
      'b.a must refer to a primary or unique column, got a.n',
    )
    const third = database('sqlite::memory:')
    const c = third.table('c', { id: string(5).primary() })
    third.table('d', { c: text().references(() => c.id) })
    await expect(third.create()).rejects.toThrow(
      'd.c must refer to a column of its own kind text(), got c.id of string()',
    )
  })
})
