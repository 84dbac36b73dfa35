import { type AnyColumn, type Database, database, increments, integer, string } from '@robaccia/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

function tables(db: Database) {
  const author = db.table('author', { id: increments(), name: string(50).unique() })
  const genre = db.table('genre', { name: string(50).primary() })
  const book = db.table('book', {
    id: integer().primary(),
    author: integer().references(() => author.id),
    genre: string(50)
      .nullable()
      .references(() => genre.name),
    sequel: integer()
      .nullable()
      .references((): AnyColumn => book.id, { onDelete: 'set null' }),
  })
  const chapter = db.table('chapter', {
    id: integer().primary(),
    book: integer().references(() => book.id, { onDelete: 'cascade' }),
  })
  const note = db.table('note', {
    id: integer().primary(),
    chapter: integer().references(() => chapter.id),
  })
  return { author, genre, book, chapter, note }
}

describe.each(databases)('ForeignKeyViolation on $name', ({ open }) => {
  let opened: OpenDatabase
  let model: ReturnType<typeof tables>

  fixture(open, tables, (made) => {
    opened = made
    model = made.tables
  })

  beforeEach(async () => {
    const { author, genre, book, chapter, note } = model
    await note.delete().all()
    await book.delete().all()
    await author.delete().all()
    await genre.delete().all()
    await author.insert([
      { id: 1, name: 'Ann' },
      { id: 2, name: 'Bob' },
    ])
    await genre.insert({ name: 'crime' })
    await book.insert({ id: 1, author: 1, genre: 'crime' })
    await chapter.insert({ id: 1, book: 1 })
  })

  const broken = (work: PromiseLike<unknown>, reason: string, names: [string, string, string]) =>
    expect(Promise.resolve(work)).rejects.toMatchObject({
      name: 'ForeignKeyViolation',
      reason,
      table: names[0],
      columns: [names[1]],
      target: names[2],
    })

  test('names what an insert refers to in vain', async () => {
    const { book, chapter } = model
    await broken(book.insert({ id: 2, author: 9 }), 'missing', ['book', 'author', 'author'])
    await broken(book.insert({ id: 2, author: 1, genre: 'x' }), 'missing', [
      'book',
      'genre',
      'genre',
    ])
    await broken(book.insert({ id: 2, author: 1, sequel: 99 }), 'missing', [
      'book',
      'sequel',
      'book',
    ])
    await broken(chapter.insert({ id: 2, book: 9 }), 'missing', ['chapter', 'book', 'book'])
  })

  test('names the one row of many that refers in vain', async () => {
    const { chapter } = model
    const rows = [2, 3, 4].map((id) => ({ id, book: id === 4 ? 9 : 1 }))
    await broken(chapter.insert(rows), 'missing', ['chapter', 'book', 'book'])
    expect(await chapter.select().count()).toBe(1)
  })

  test('names what an update refers to in vain', async () => {
    const { book } = model
    const update = book.update({ author: 1, genre: 'x' }).where({ id: 1 })
    await broken(update, 'missing', ['book', 'genre', 'genre'])
  })

  test('names what refers to a deleted row', async () => {
    const { author, genre } = model
    await broken(author.delete().where({ name: 'Ann' }), 'referred', ['book', 'author', 'author'])
    await broken(genre.delete().all(), 'referred', ['book', 'genre', 'genre'])
    expect(await author.delete().where({ name: 'Bob' })).toBe(1)
  })

  test('names what refers to a row that would be deleted with another', async () => {
    const { book, note } = model
    await note.insert({ id: 1, chapter: 1 })
    await broken(book.delete().where({ id: 1 }), 'referred', ['note', 'chapter', 'chapter'])
  })

  test('names what refers to a key that is changed', async () => {
    const { author, genre } = model
    await broken(genre.update({ name: 'x' }).all(), 'referred', ['book', 'genre', 'genre'])
    await broken(author.update({ id: 9 }).where({ id: 1 }), 'referred', [
      'book',
      'author',
      'author',
    ])
  })

  test('is told of an update and a delete that give their rows', async () => {
    const { author, book } = model
    const update = book.update({ author: 9 }).where({ id: 1 }).returning('id')
    await broken(update, 'missing', ['book', 'author', 'author'])
    const gone = author.delete().where({ id: 1 }).returning('id')
    await broken(gone, 'referred', ['book', 'author', 'author'])
  })

  test('leaves a transaction of its own to go on', async () => {
    const { author, book } = model
    await opened.db.transaction(async () => {
      const attempt = opened.db.transaction(() => book.insert({ id: 2, author: 9 }))
      await broken(attempt, 'missing', ['book', 'author', 'author'])
      await author.insert({ id: 9, name: 'Eve' })
      await book.insert({ id: 2, author: 9 })
    })
    expect(await book.select().where({ author: 9 }).count()).toBe(1)
  })

  test('has a message without values', async () => {
    const { author, book } = model
    await expect(
      Promise.resolve(book.insert({ id: 2, author: 1, genre: 'secret' })),
    ).rejects.toThrow(/^genre of book must refer to a row of genre, got one that does not exist$/)
    await expect(Promise.resolve(author.delete().where({ name: 'Ann' }))).rejects.toThrow(
      /^a row of author must stay while others refer to it, got author of book$/,
    )
  })
})

test('a table that the database lacks does not hide what happened', async () => {
  const db = database('sqlite::memory:')
  const { author, book } = tables(db)
  await db.create()
  db.table('late', { id: increments(), author: integer().references(() => author.id) })
  const [ann] = await author.insert([{ name: 'Ann' }])
  await book.insert({ id: 2, author: ann?.id ?? 0 })
  await expect(Promise.resolve(author.delete().all())).rejects.toMatchObject({ table: 'book' })
  await book.delete().all()
  await db.knex.raw('create table other (author integer references author (id))')
  await db.knex.raw('insert into other select id from author')
  await expect(Promise.resolve(author.delete().all())).rejects.toMatchObject({
    name: 'ForeignKeyViolation',
    table: 'author',
    columns: [],
    reason: 'referred',
  })
  await db.close()
})
