// What the types of @robaccia/db promise: a misspelt column and a value of a wrong type do not
// compile in any query. Each @ts-expect-error is one such mistake.
import {
  type AnyColumn,
  bigInteger,
  type ColumnDefinition,
  database,
  datetime,
  decimal,
  increments,
  type Insert,
  integer,
  json,
  many,
  now,
  one,
  randomUuid,
  type Row,
  string,
  text,
  type Update,
  uuid,
} from '@robaccia/db'
import { expectTypeOf, test } from 'vitest'

const db = database('sqlite::memory:')

const author = db.table('author', { id: increments(), name: string(50) })
const entry = db.table('entry', {
  id: string(100).primary(),
  title: string(100),
  content: text().default(''),
  updated: datetime().default(now()).index(),
  version: integer().default(1),
  views: bigInteger().default(0n),
  price: decimal(10, 2).nullable(),
  meta: json<{ tags: string[] }>().nullable(),
  author: integer().references(() => author.id, { onDelete: 'cascade' }),
})

test('Row, Insert and Update follow the definition', () => {
  expectTypeOf<Row<typeof entry>>().toEqualTypeOf<{
    id: string
    title: string
    content: string
    updated: Date
    version: number
    views: bigint
    price: string | null
    meta: { tags: string[] } | null
    author: number
  }>()
  expectTypeOf<Insert<typeof entry>>().toEqualTypeOf<{
    id: string
    title: string
    author: number
    content?: string
    updated?: Date
    version?: number
    views?: bigint
    price?: string | null
    meta?: { tags: string[] } | null
  }>()
  expectTypeOf<Insert<typeof author>>().toEqualTypeOf<{ id?: number; name: string }>()
  expectTypeOf<Update<typeof author>>().toEqualTypeOf<{ id?: number; name?: string }>()
  expectTypeOf(entry.id).toEqualTypeOf<ColumnDefinition<string, 'string'>>()
  expectTypeOf(entry.table.name).toEqualTypeOf<'entry'>()
})

test('json that is promised to be nothing is unknown', () => {
  const table = db.table('unknown', { id: increments(), value: json() })
  expectTypeOf<Row<typeof table>>().toEqualTypeOf<{ id: number; value: unknown }>()
  expectTypeOf<Insert<typeof table>['value']>().toEqualTypeOf<unknown>()
})

test('a definition', () => {
  // @ts-expect-error -- a column can't be named as a query is
  db.table('reserved', { select: integer() })
  // @ts-expect-error -- a default of another type
  integer().default('1')
  // @ts-expect-error -- now() is for dates
  integer().default(now())
  // @ts-expect-error -- randomUuid() is for a uuid
  datetime().default(randomUuid())
  uuid().default(randomUuid())
  // @ts-expect-error -- a reference to a column of another type
  string(10).references(() => author.id)
  integer()
    .nullable()
    .references(() => author.id)
  // @ts-expect-error -- no such column
  integer().references(() => author.ids)
  // @ts-expect-error -- no such word
  integer().references(() => author.id, { onDelete: 'forget' })
  const node = db.table('node', {
    id: increments(),
    parent: integer()
      .nullable()
      .references((): AnyColumn => node.id),
  })
  expectTypeOf<Row<typeof node>>().toEqualTypeOf<{ id: number; parent: number | null }>()
})

test('select', async () => {
  expectTypeOf(await entry.select()).toEqualTypeOf<Row<typeof entry>[]>()
  expectTypeOf(await entry.select('id', 'updated')).toEqualTypeOf<{ id: string; updated: Date }[]>()
  // @ts-expect-error -- no such column
  entry.select('titel')
})

test('where', () => {
  const query = entry.select()
  query.where({ id: 'x', price: null }).where('updated', '<', new Date()).where('version', 1)
  // @ts-expect-error -- no such column in the object
  query.where({ titel: 'x' })
  // @ts-expect-error -- a value of another type in the object
  query.where({ version: 'x' })
  // @ts-expect-error -- undefined is no value
  query.where({ title: undefined })
  // @ts-expect-error -- no such column
  query.where('titel', 'x')
  // @ts-expect-error -- a value of another type
  query.where('version', 'x')
  // @ts-expect-error -- null in a column that has none
  query.where('title', null)
  // @ts-expect-error -- no such column, with an operator
  query.where('titel', '=', 'x')
  // @ts-expect-error -- a value of another type, with an operator
  query.where('updated', '<', '2026-01-01')
  // @ts-expect-error -- no such operator
  query.where('version', '=<', 1)
  // @ts-expect-error -- like is for strings
  query.where('version', 'like', 1)
  query.where('title', 'like', '%x%')
  // @ts-expect-error -- no such column in a group
  query.where((group) => group.where('titel', 'x'))
})

test('orWhere and whereNot', () => {
  const query = entry.select()
  // @ts-expect-error -- no such column
  query.orWhere('titel', 'x')
  // @ts-expect-error -- a value of another type
  query.orWhere({ version: 'x' })
  // @ts-expect-error -- no such column
  query.whereNot({ titel: 'x' })
  // @ts-expect-error -- a value of another type
  query.whereNot('version', '>', 'x')
})

test('whereIn', () => {
  entry.select().whereIn('version', [1, 2])
  // @ts-expect-error -- no such column
  entry.select().whereIn('titel', ['x'])
  // @ts-expect-error -- a value of another type
  entry.select().whereIn('version', ['x'])
  // @ts-expect-error -- null is in no list
  entry.select().whereIn('price', [null])
})

test('whereNull and whereNotNull', () => {
  // @ts-expect-error -- no such column
  entry.select().whereNull('titel')
  // @ts-expect-error -- no such column
  entry.select().whereNotNull('titel')
})

test('orderBy, limit and offset', () => {
  // @ts-expect-error -- no such column
  entry.select().orderBy('titel')
  // @ts-expect-error -- no such direction
  entry.select().orderBy('title', 'down')
  // @ts-expect-error -- a number is needed
  entry.select().limit('10')
  // @ts-expect-error -- a number is needed
  entry.select().offset('10')
})

test('first and count', async () => {
  expectTypeOf(await entry.select('id').first()).toEqualTypeOf<{ id: string } | undefined>()
  expectTypeOf(await entry.select().count()).toEqualTypeOf<number>()
  // @ts-expect-error -- conditions come before first
  entry.select().first().where({ id: 'x' })
  // @ts-expect-error -- count has no column
  entry.select().count('titel')
})

test('insert', async () => {
  const row = { id: 'x', title: 'x', author: 1 }
  expectTypeOf(await entry.insert(row)).toEqualTypeOf<Row<typeof entry>>()
  expectTypeOf(await entry.insert([row])).toEqualTypeOf<Row<typeof entry>[]>()
  // @ts-expect-error -- no such column
  entry.insert({ ...row, titel: 'x' })
  // @ts-expect-error -- a value of another type
  entry.insert({ ...row, version: 'x' })
  // @ts-expect-error -- a column without a default is left out
  entry.insert({ id: 'x', author: 1 })
  // @ts-expect-error -- no such column in one of many
  entry.insert([{ id: 'x', author: 1, titel: 'x' }])
})

test('update', async () => {
  expectTypeOf(await entry.update({ title: 'x' }).where({ id: 'x' })).toEqualTypeOf<number>()
  // @ts-expect-error -- no such column
  entry.update({ titel: 'x' })
  // @ts-expect-error -- a value of another type
  entry.update({ version: 'x' })
  // @ts-expect-error -- no such column in the condition
  entry.update({ title: 'x' }).where({ titel: 'x' })
})

test('delete', async () => {
  expectTypeOf(await entry.delete().all()).toEqualTypeOf<number>()
  // @ts-expect-error -- no such column
  entry.delete().where('titel', 'x')
  // @ts-expect-error -- a value of another type
  entry.delete().where({ version: 'x' })
})

test('increment', () => {
  entry.update().increment('version').increment('views', 2n).increment('price', '0.10')
  // @ts-expect-error -- no such column
  entry.update().increment('versoin')
  // @ts-expect-error -- not a number
  entry.update().increment('title')
  // @ts-expect-error -- a value of another type
  entry.update().increment('views', 2)
  entry.update().decrement('version', 2).decrement('views')
  // @ts-expect-error -- not a number
  entry.update().decrement('title')
  // @ts-expect-error -- a value of another type
  entry.update().decrement('price', 1)
})

test('join', async () => {
  const joined = entry.select('id').join(author, 'author', 'id', { as: 'writer' })
  expectTypeOf((await joined)[0]?.writer).toEqualTypeOf<Row<typeof author> | undefined>()
  const left = entry.select('id').leftJoin(author, 'author', 'id', { as: 'writer' })
  expectTypeOf((await left)[0]?.writer).toEqualTypeOf<Row<typeof author> | null | undefined>()
  expectTypeOf(
    (await author.select().join(entry, 'id', 'author')).map((row) => row.entry.id),
  ).toEqualTypeOf<string[]>()
  joined.where('writer.name', 'Ann').orderBy('writer.name')
  // @ts-expect-error -- no such column of this table
  entry.select().join(author, 'authr', 'id', { as: 'writer' })
  // @ts-expect-error -- no such column of the other table
  entry.select().join(author, 'author', 'ids', { as: 'writer' })
  // @ts-expect-error -- columns of different types
  entry.select().join(author, 'author', 'name', { as: 'writer' })
  // @ts-expect-error -- no such column of the joined table
  joined.where('writer.nam', 'Ann')
  // @ts-expect-error -- a value of another type
  joined.where({ 'writer.name': 1 })
  // @ts-expect-error -- a table that is not joined
  entry.select().where('writer.name', 'Ann')
})

test('returning', async () => {
  const row = { id: 'x', title: 'x', author: 1 }
  expectTypeOf(await entry.insert(row).returning('id')).toEqualTypeOf<{ id: string }>()
  expectTypeOf(await entry.insert([row]).returning('id')).toEqualTypeOf<{ id: string }[]>()
  expectTypeOf(await entry.update({ title: 'x' }).all().returning('title')).toEqualTypeOf<
    { title: string }[]
  >()
  // @ts-expect-error -- no such column
  entry.insert(row).returning('titel')
  // @ts-expect-error -- no such column
  entry.update({ title: 'x' }).all().returning('titel')
  // @ts-expect-error -- no such column
  entry.delete().all().returning('titel')
})

test('transaction gives what its function gives', async () => {
  expectTypeOf(await db.transaction(() => entry.select().count())).toEqualTypeOf<number>()
  expectTypeOf(await db.transaction(() => 'x')).toEqualTypeOf<string>()
})

test('with', async () => {
  const rows = await author
    .select('name')
    .with({ entries: many(entry.select('id', 'title'), 'author') })
  expectTypeOf(rows.map((row) => row.entries)).toEqualTypeOf<{ id: string; title: string }[][]>()
  expectTypeOf(rows.map((row) => row.name)).toEqualTypeOf<string[]>()
  const note = db.table('note', {
    id: increments(),
    by: integer().references(() => author.id),
    about: string(100)
      .nullable()
      .references(() => entry.id),
  })
  const notes = await note.select().with({
    writer: one(author.select(), 'by'),
    entry: one(entry.select('title'), 'about'),
  })
  expectTypeOf(notes.map((row) => row.writer)).toEqualTypeOf<Row<typeof author>[]>()
  expectTypeOf(notes.map((row) => row.entry)).toEqualTypeOf<({ title: string } | null)[]>()
  const nested = await author.select().with({
    entries: many(
      entry.select('id').with({ writer: one(author.select('name'), 'author') }),
      'author',
    ),
  })
  expectTypeOf(nested[0]?.entries[0]?.writer).toEqualTypeOf<{ name: string } | undefined>()
  // @ts-expect-error -- no such column of the children
  many(entry.select(), 'auhtor')
  // @ts-expect-error -- no such column of this table
  note.select().with({ writer: one(author.select(), 'bye') })
  // @ts-expect-error -- a column's name
  note.select().with({ about: one(entry.select(), 'about') })
  // @ts-expect-error -- a table is no relation
  note.select().with({ writer: author })
})
