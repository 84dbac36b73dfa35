import {
  type AnyColumn,
  bigInteger,
  type Database,
  database,
  datetime,
  increments,
  integer,
  many,
  one,
  page,
  string,
  uuid,
} from '@robaccia/db'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

function tables(db: Database) {
  const author = db.table('author', { id: increments(), name: string(20).unique() })
  const entry = db.table('entry', {
    id: string(20).primary(),
    title: string(20),
    writer: integer().references(() => author.id),
    editor: integer()
      .nullable()
      .references(() => author.id),
  })
  const comment = db.table('comment', {
    id: increments(),
    about: string(20).references(() => entry.id),
    answers: integer()
      .nullable()
      .references((): AnyColumn => comment.id),
    text: string(20),
    likes: integer().default(0),
  })
  const tag = db.table('tag', { name: string(20).primary() })
  const label = db.table('label', {
    entry: string(20)
      .primary()
      .references(() => entry.id),
    tag: string(20)
      .primary()
      .references(() => tag.name),
  })
  return { author, entry, comment, tag, label }
}

describe.each(databases)('with on $name', ({ open }) => {
  let opened: OpenDatabase
  let model: ReturnType<typeof tables>

  fixture(open, tables, async (made) => {
    opened = made
    model = made.tables
    const { author, entry, comment, tag, label } = model
    await author.insert([
      { id: 1, name: 'Ann' },
      { id: 2, name: 'Bob' },
    ])
    await entry.insert([
      { id: 'a', title: 'A', writer: 1, editor: 2 },
      { id: 'b', title: 'B', writer: 2 },
      { id: 'c', title: 'C', writer: 1, editor: 1 },
    ])
    await comment.insert([
      { id: 1, about: 'a', text: 'first', likes: 1 },
      { id: 2, about: 'b', text: 'second', likes: 2 },
      { id: 3, about: 'a', text: 'third', likes: 3, answers: 1 },
      { id: 4, about: 'a', text: 'fourth', likes: 4, answers: 1 },
    ])
    await tag.insert([{ name: 'x' }, { name: 'y' }])
    await label.insert([
      { entry: 'a', tag: 'x' },
      { entry: 'a', tag: 'y' },
      { entry: 'c', tag: 'y' },
    ])
  })

  const entries = () => model.entry.select('id').orderBy('id')
  /** How many statements something asks of the database. */
  async function statements(fn: () => PromiseLike<unknown>): Promise<number> {
    let count = 0
    const counted = ({ sql }: { sql: string }) => void (/^select/i.test(sql) && count++)
    const { knex } = opened.db
    knex.on('query', counted)
    await fn()
    knex.removeListener('query', counted)
    return count
  }

  test('loads the children of all rows in one query', async () => {
    const query = entries().with({ comments: many(model.comment.select().orderBy('id'), 'about') })
    const rows = await query
    expect(rows.map(({ id, comments }) => [id, comments.map((each) => each.text)])).toEqual([
      ['a', ['first', 'third', 'fourth']],
      ['b', ['second']],
      ['c', []],
    ])
    expect(rows[1]?.comments).toEqual([
      { id: 2, about: 'b', answers: null, text: 'second', likes: 2 },
    ])
    expect(await statements(() => query)).toBe(2)
  })

  test('loads the parents of all rows in one query', async () => {
    const { author, entry } = model
    const query = entry
      .select('id')
      .orderBy('id')
      .with({ by: one(author.select(), 'writer'), edited: one(author.select('name'), 'editor') })
    expect(await query).toEqual([
      { id: 'a', by: { id: 1, name: 'Ann' }, edited: { name: 'Bob' } },
      { id: 'b', by: { id: 2, name: 'Bob' }, edited: null },
      { id: 'c', by: { id: 1, name: 'Ann' }, edited: { name: 'Ann' } },
    ])
    expect(await statements(() => query)).toBe(3)
  })

  test('gives only the columns that were asked for', async () => {
    const { comment, entry } = model
    const rows = await entry
      .select('title')
      .orderBy('id')
      .with({ comments: many(comment.select('text').orderBy('id'), 'about') })
    expect(rows[1]).toEqual({ title: 'B', comments: [{ text: 'second' }] })
  })

  test('follows a reference of a table to itself both ways', async () => {
    const { comment } = model
    const rows = await comment
      .select('id')
      .orderBy('id')
      .with({
        question: one(comment.select('text'), 'answers'),
        replies: many(comment.select('text').orderBy('id'), 'answers'),
      })
    expect(rows[0]).toEqual({
      id: 1,
      question: null,
      replies: [{ text: 'third' }, { text: 'fourth' }],
    })
    expect(rows[3]).toEqual({ id: 4, question: { text: 'first' }, replies: [] })
  })

  test('takes conditions, order, limit and offset of the children for each row', async () => {
    const { comment } = model
    const texts = async (query: ReturnType<typeof comment.select>) =>
      (await entries().with({ comments: many(query, 'about') })).map(({ comments }) =>
        comments.map((each) => (each as { text?: string }).text),
      )
    const best = comment.select().orderBy('likes', 'desc')
    expect(await texts(best.limit(2))).toEqual([['fourth', 'third'], ['second'], []])
    expect(await texts(best.limit(1).offset(1))).toEqual([['third'], [], []])
    expect(await texts(best.offset(2))).toEqual([['first'], [], []])
    expect(await texts(best.limit(0))).toEqual([[], [], []])
    expect(await texts(best.where({ likes: 1 }).orWhere('likes', '>', 3))).toEqual([
      ['fourth', 'first'],
      [],
      [],
    ])
    expect(await texts(best.where('likes', '<', 4).limit(1))).toEqual([['third'], ['second'], []])
    const nulls = comment.select().orderBy('answers').orderBy('id', 'desc').limit(2)
    expect(await texts(nulls)).toEqual([['first', 'fourth'], ['second'], []])
  })

  test('nests', async () => {
    const { author, comment, entry, label, tag } = model
    const rows = await author
      .select('name')
      .orderBy('id')
      .with({
        entries: many(
          entry
            .select('title')
            .orderBy('title')
            .with({
              comments: many(
                comment
                  .select('text')
                  .orderBy('id')
                  .limit(1)
                  .with({ entry: one(entry.select('title'), 'about') }),
                'about',
              ),
              tags: many(
                label
                  .select('tag')
                  .orderBy('tag')
                  .with({ its: one(tag.select(), 'tag') }),
                'entry',
              ),
            }),
          'writer',
        ),
      })
    expect(rows[0]?.entries[0]).toEqual({
      title: 'A',
      comments: [{ text: 'first', entry: { title: 'A' } }],
      tags: [
        { tag: 'x', its: { name: 'x' } },
        { tag: 'y', its: { name: 'y' } },
      ],
    })
    expect(rows[1]?.entries.map(({ title }) => title)).toEqual(['B'])
  })

  test('goes with join, where, limit, first, count and page', async () => {
    const { author, comment } = model
    const query = entries()
      .with({ comments: many(comment.select('id').orderBy('id'), 'about') })
      .join(author, 'writer', 'id', { as: 'by' })
      .where('by.name', 'Ann')
    const a = { id: 'a', by: { id: 1, name: 'Ann' }, comments: [{ id: 1 }, { id: 3 }, { id: 4 }] }
    const c = { id: 'c', by: { id: 1, name: 'Ann' }, comments: [] }
    expect(await query).toEqual([a, c])
    expect(await query.limit(1)).toEqual([a])
    expect(await query.orderBy('title').first()).toEqual(a)
    expect(await query.count()).toBe(2)
    const { rows, next } = await page(query, { size: 1 })
    expect(rows).toEqual([a])
    expect((await page(query, { size: 1, after: next })).rows).toEqual([c])
    expect(await query.where({ title: 'none' })).toEqual([])
    const joined = comment
      .select('id')
      .join(model.entry, 'about', 'id')
      .orderBy('entry.title', 'desc')
      .orderBy('id')
      .limit(1)
    const [first] = await entries().with({ comments: many(joined, 'about') })
    expect(first?.comments).toMatchObject([{ id: 1, entry: { title: 'A' } }])
  })

  test('sees what its transaction sees', async () => {
    const { db } = opened
    const failing = db.transaction(async () => {
      await model.comment.insert({ id: 9, about: 'c', text: 'new' })
      const rows = await entries().with({ comments: many(model.comment.select('text'), 'about') })
      expect(rows[2]?.comments).toEqual([{ text: 'new' }])
      const [row] = await model.comment
        .select('text')
        .where({ id: 9 })
        .with({ entry: one(model.entry.select('title'), 'about') })
      expect(row?.entry.title).toBe('C')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
  })

  test('loads for more rows than a statement takes values', async () => {
    const { db } = opened
    const failing = db.transaction(async () => {
      const { author, entry } = model
      const numbers = Array.from({ length: 4500 }, (_, n) => n)
      await entry.insert(numbers.map((n) => ({ id: `n${n}`, title: `${n}`, writer: 1 })))
      await model.comment.insert(
        numbers.map((n) => ({ id: 10_000 + n, about: `n${n}`, text: `of ${n}` })),
      )
      const rows = await entry
        .select('title')
        .where('id', 'like', 'n%')
        .with({
          by: one(author.select('name'), 'writer'),
          comments: many(model.comment.select('text').limit(1), 'about'),
        })
      expect(rows).toHaveLength(4500)
      for (const { title, by, comments } of rows) {
        expect([by.name, comments]).toEqual(['Ann', [{ text: `of ${title}` }]])
      }
      throw new Error('done')
    })
    await expect(failing).rejects.toThrow('done')
  }, 60_000)
})

const kinds = {
  bigInteger: {
    column: () => bigInteger(),
    values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  },
  datetime: {
    column: () => datetime(),
    values: fc.date({ min: new Date(0), max: new Date(2 ** 42), noInvalidDate: true }),
  },
  uuid: { column: () => uuid(), values: fc.uuid().map((each) => each.toLowerCase()) },
  string: {
    column: () => string(20),
    values: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
      .filter((each) => !/[\0\s]/.test(each)),
  },
}

describe.each(databases)('with on $name finds by a key', ({ open }) => {
  test.each(Object.entries(kinds))('of the kind %s', async (_kind, { column, values }) => {
    const { db, remove } = await open()
    try {
      const parent = db.table('parent', { key: column().primary() })
      const child = db.table('child', {
        id: integer().primary(),
        of: column().references(() => parent.key as AnyColumn),
      })
      await db.create()
      const keys =
        fc.sample(
          fc.uniqueArray(values as fc.Arbitrary<never>, {
            minLength: 20,
            maxLength: 20,
            comparator: (a, b) => String(a) === String(b),
          }),
          1,
        )[0] ?? []
      await parent.insert(keys.map((key) => ({ key })))
      await child.insert(keys.map((key, id) => ({ id, of: key })))
      const rows = await parent.select().with({ children: many(child.select(), 'of') })
      expect(rows).toHaveLength(20)
      for (const { key, children } of rows) expect(children.map((each) => each.of)).toEqual([key])
      const back = await child.select().with({ parent: one(parent.select(), 'of') })
      for (const row of back) expect(row.parent.key).toEqual(row.of)
    } finally {
      await remove()
    }
  })
})

describe('with', () => {
  const db = database('sqlite::memory:')
  const { author, comment, entry } = tables(db)
  afterAll(() => db.close())

  test('refuses what no reference leads to', () => {
    expect(() => author.select().with({ x: many(comment.select(), 'about') })).toThrow(
      'comment.about must refer to author to be loaded with it, got a reference to entry',
    )
    expect(() => entry.select().with({ x: many(comment.select(), 'text') })).toThrow(
      'comment.text must refer to entry to be loaded with it, got no reference',
    )
    expect(() => entry.select().with({ x: one(comment.select(), 'writer') })).toThrow(
      'entry.writer must refer to comment to be loaded with it, got a reference to author',
    )
    expect(() => entry.select().with({ x: many(comment.select(), 'abuot' as never) })).toThrow(
      'a column of comment must be one of id, about, answers, text, likes, got "abuot"',
    )
  })

  test('refuses a name that the row has', () => {
    const comments = many(comment.select(), 'about')
    expect(() => entry.select('id').with({ title: comments } as never)).toThrow(
      "a relation must have a name of its own, got 'title', which the row has already",
    )
    expect(() => entry.select().with({ comments }).with({ comments })).toThrow('of its own')
    expect(() => entry.select().with({ 'a b': comments })).toThrow('the name of a relation must be')
    const joined = entry.select().with({ author: comments })
    expect(() => joined.join(author, 'writer', 'id')).toThrow('of its own')
  })

  test('refuses a join that hides the column of a relation', async () => {
    const towns = database('sqlite::memory:')
    const city = towns.table('city', { id: increments() })
    const person = towns.table('person', {
      id: increments(),
      city: integer().references(() => city.id),
    })
    await towns.create()
    const query = person.select('id').join(city, 'city', 'id')
    expect(await query).toEqual([])
    const homes = query.with({ home: one(city.select(), 'city') })
    await expect(Promise.resolve(homes)).rejects.toThrow(
      "the join of city must have a name of its own ({ as: '…' }), got 'city', which the row has already",
    )
    await expect(page(query.orderBy('city'))).rejects.toThrow('of its own')
    await towns.close()
  })

  test.each([{}, null, 'comment'])('refuses %j, which is no relation', (given) => {
    expect(() => entry.select().with({ comments: given } as never)).toThrow(
      'the relation comments must be what many() or one() gives, got',
    )
  })

  test('refuses conditions for the one row that there is', () => {
    for (const query of [author.select().where({ id: 1 }), author.select().limit(1)]) {
      expect(() => one(query, 'writer')).toThrow(
        'the query of one() must come without conditions, limit and offset',
      )
    }
  })

  test('refuses another database', () => {
    const other = tables(database('sqlite::memory:'))
    expect(() => entry.select().with({ x: many(other.comment.select(), 'about') })).toThrow(
      'the query of a relation must be of the same database',
    )
  })

  test('says that a row refers to none', async () => {
    await db.create()
    await db.knex.raw('pragma foreign_keys = off')
    await entry.insert({ id: 'x', title: 'X', writer: 7, editor: 8 })
    const editors = entry.select('id').with({ ed: one(author.select(), 'editor') })
    expect(await editors).toEqual([{ id: 'x', ed: null }])
    const writers = entry.select().with({ by: one(author.select(), 'writer') })
    await expect(Promise.resolve(writers)).rejects.toThrow(
      'entry.writer must refer to a row of author, got one that does not exist',
    )
  })
})
