import {
  type Database,
  decimal,
  increments,
  integer,
  MigrationError,
  now,
  datetime,
  randomUuid,
  string,
  text,
  uuid,
  bigInteger,
} from '@robaccia/db'
import {
  changes,
  inverse,
  migrationTransaction,
  type Operation,
  perform,
  schemaOf,
  type SchemaState,
} from '@robaccia/db/migrations'
import { assert, asyncProperty } from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databases, type TestDatabase } from './databases.js'
import { fingerprint } from './fingerprint.js'
import { define, randomModel } from './random-models.js'

async function open(kind: TestDatabase): Promise<Database> {
  const opened = await kind.open()
  onTestFinished(opened.remove)
  return opened.db
}

function migrate(
  db: Database,
  from: SchemaState,
  operations: readonly Operation[],
): Promise<SchemaState> {
  return migrationTransaction(db, operations, () => perform(db, from, operations))
}

/** The schema of tables that `define` makes; of a database of its own, so that each may define them anew. */
async function schema(
  kind: TestDatabase,
  defineTables: (db: Database) => unknown,
): Promise<SchemaState> {
  const db = await open(kind)
  defineTables(db)
  return schemaOf(db.tables)
}

describe.each(databases)('perform on $name', (kind) => {
  // Some pairs in each run of the suite; PROPERTY_RUNS asks for more.
  test('makes of any model what create makes of any other, and back again', async () => {
    const runs = Number(process.env['PROPERTY_RUNS'] ?? 8)
    await assert(
      asyncProperty(randomModel, randomModel, async (first, second) => {
        const [one, other] = await Promise.all([kind.open(), kind.open()])
        try {
          const from = schemaOf(define(one.db, first))
          const to = schemaOf(define(other.db, second))
          await one.db.create()
          await other.db.create()
          const before = await fingerprint(one.db)
          const operations = changes(from, to)
          const after = await migrate(one.db, from, operations)
          expect(await fingerprint(one.db)).toEqual(await fingerprint(other.db))
          await migrate(one.db, after, operations.toReversed().map(inverse))
          expect(await fingerprint(one.db)).toEqual(before)
        } finally {
          await Promise.all([one.remove(), other.remove()])
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  }, 300_000)

  test('keeps the rows of a table that it changes, and of those that refer to it', async () => {
    const db = await open(kind)
    const entry = db.table('entry', {
      id: increments(),
      slug: string(20).unique(),
      price: decimal(6, 2),
      size: integer().default(3),
    })
    const comment = db.table('comment', {
      id: increments(),
      entry: integer().references(() => entry.id, { onDelete: 'cascade' }),
      reply_to: integer()
        .nullable()
        .references(() => comment.id, { onDelete: 'cascade' }),
    }) as never as { readonly id: never }
    await db.create()
    const from = schemaOf(db.tables)
    await db.knex('entry').insert([
      { id: 1, slug: 'a', price: db.dialect === 'sqlite' ? 1990 : '19.90', size: 3 },
      { id: 9, slug: 'b', price: db.dialect === 'sqlite' ? 5 : '0.05', size: 4 },
    ])
    await db.knex('comment').insert([
      { id: 1, entry: 1, reply_to: null },
      { id: 2, entry: 9, reply_to: 1 },
    ])
    // The last id, so that a counter that starts anew would give it again.
    await db.knex('comment').insert({ id: 7, entry: 1, reply_to: null })
    await db.knex('comment').where('id', 7).delete()

    const to = await schema(kind, (other) => {
      const post = other.table(
        'post',
        {
          id: increments(),
          title: string(40).was('slug').unique(),
          price: decimal(10, 4),
          size: bigInteger().nullable(),
          token: uuid().default(randomUuid()),
          made: datetime().default(now()),
          note: string(9).default('it?'),
        },
        { was: 'entry' },
      )
      const reply = other.table('comment', {
        id: increments(),
        entry: integer().references(() => post.id, { onDelete: 'cascade' }),
        reply_to: integer()
          .nullable()
          .index()
          .references(() => reply.id, { onDelete: 'set null' }),
      }) as never as { readonly id: never }
    })
    const operations = changes(from, to)
    const after = await migrate(db, from, operations)
    const rows = await db.knex('post').orderBy('id').select()
    expect(rows).toMatchObject([
      { id: 1, title: 'a', note: 'it?' },
      { id: 9, title: 'b', note: 'it?' },
    ])
    expect(new Set(rows.map(({ token }) => String(token))).size).toBe(2)
    expect(String(rows[0].token)).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    )
    expect(rows.map(({ price }) => String(price))).toEqual(
      db.dialect === 'sqlite' ? ['199000', '500'] : ['19.9000', '0.0500'],
    )
    expect(rows[0].made).toBeTruthy()
    expect(await db.knex('comment').orderBy('id').select('id', 'entry', 'reply_to')).toEqual([
      { id: 1, entry: 1, reply_to: null },
      { id: 2, entry: 9, reply_to: 1 },
    ])
    // Foreign keys are on again, and do what they now say.
    await expect(db.knex('comment').insert({ id: 30, entry: 5 })).rejects.toThrow()
    await db.knex('comment').where('id', 1).delete()
    expect(await db.knex('comment').select('id', 'reply_to')).toEqual([{ id: 2, reply_to: null }])
    if (db.dialect === 'sqlite') {
      const [counter] = await db.knex('sqlite_sequence').where('name', 'comment').select('seq')
      expect(counter).toEqual({ seq: 7 })
    }

    await migrate(db, after, operations.toReversed().map(inverse))
    expect(await db.knex('entry').orderBy('id').select('id', 'slug', 'size')).toMatchObject([
      { id: 1, slug: 'a' },
      { id: 9, slug: 'b' },
    ])
    expect(await db.knex('comment').select('id', 'entry')).toEqual([{ id: 2, entry: 9 }])
  })

  test.each([
    [
      'a new column that must have a value',
      { id: increments(), name: string(9).nullable(), n: bigInteger(), extra: integer() },
      'add column item.extra: item.extra must have a default or be nullable where there are rows, got 2 rows: give it a default, or make it nullable, fill it by runs(), and take nullable() away after that',
    ],
    [
      'a column that is null somewhere',
      { id: increments(), name: string(9), n: bigInteger() },
      'alter column item.name: item.name must not be null, got 1 row with null: fill them by runs() before',
    ],
    [
      'a string that is too long',
      { id: increments(), name: string(2).nullable(), n: bigInteger() },
      'alter column item.name: item.name must have at most 2 characters, got 1 row with more',
    ],
    [
      'a number that is too large',
      { id: increments(), name: string(9).nullable(), n: integer() },
      'alter column item.n: item.n must be between -2147483648 and 2147483647, got 1 row outside it',
    ],
  ])('refuses %s before it changes anything', async (_what, columns, message) => {
    const db = await open(kind)
    db.table('item', { id: increments(), name: string(9).nullable(), n: bigInteger() })
    await db.create()
    await db.knex('item').insert([
      { name: 'abc', n: '5' },
      { name: null, n: '5000000000' },
    ])
    const before = await fingerprint(db)
    const from = schemaOf(db.tables)
    const to = await schema(kind, (other) => other.table('item', columns))
    const error = new MigrationError(message)
    await expect(migrate(db, from, changes(from, to))).rejects.toThrow(error)
    expect(await fingerprint(db)).toEqual(before)
    expect(await db.knex('item').count({ n: '*' })).toMatchObject([{}])
  })

  test('refuses a unique index on values that are there twice, and a reference to no row', async () => {
    const db = await open(kind)
    const columns = { id: increments(), a: integer(), b: integer().nullable() }
    db.table('item', columns)
    await db.create()
    await db.knex('item').insert([
      { a: 1, b: 1 },
      { a: 1, b: 99 },
      { a: 2, b: null },
    ])
    const from = schemaOf(db.tables)
    const unique = await schema(kind, (other) =>
      other.table('item', { ...columns, a: integer().unique() }),
    )
    await expect(migrate(db, from, changes(from, unique))).rejects.toThrow(
      'add index item_a_unique: (a) of item must be unique, got 2 rows with values that others have',
    )
    const referring = await schema(kind, (other) => {
      const item = other.table('item', {
        ...columns,
        b: integer()
          .nullable()
          .references(() => item.id),
      }) as never as { readonly id: never }
    })
    await expect(migrate(db, from, changes(from, referring))).rejects.toThrow(
      'add foreign key item_b_foreign: item.b must refer to rows of item that exist, got 1 row without one: delete them, or point them elsewhere, by runs() before',
    )
  })

  test('a decimal keeps its digits or is refused', async () => {
    const db = await open(kind)
    db.table('item', { id: increments(), p: decimal(8, 3) })
    await db.create()
    await db.knex('item').insert({ p: db.dialect === 'sqlite' ? 12_340 : '12.340' })
    const from = schemaOf(db.tables)
    const narrower = async (p: ReturnType<typeof decimal>) => {
      const to = await schema(kind, (other) => other.table('item', { id: increments(), p }))
      return migrate(db, from, changes(from, to))
    }
    await expect(narrower(decimal(8, 1))).rejects.toThrow(
      'alter column item.p: item.p must fit in decimal(8, 1), got 1 row with more digits',
    )
    await expect(narrower(decimal(3, 2))).rejects.toThrow(
      'alter column item.p: item.p must fit in decimal(3, 2), got 1 row with more digits',
    )
    await narrower(decimal(4, 2))
    const [row] = await db.knex('item').select('p')
    expect(String(row.p)).toBe(db.dialect === 'sqlite' ? '1234' : '12.34')
  })

  test('runs a data step between operations, and all or nothing where the database can', async () => {
    const db = await open(kind)
    db.table('item', { id: increments(), name: string(20) })
    await db.create()
    await db.knex('item').insert({ name: 'Ada Lovelace' })
    const from = schemaOf(db.tables)
    const to = await schema(kind, (other) =>
      other.table('item', { id: increments(), first: string(20).default(''), name: string(20) }),
    )
    const operations: readonly Operation[] = [
      ...changes(from, to),
      {
        type: 'runs',
        up: async (inside) => {
          await inside.knex('item').update({ first: 'Ada' })
        },
        down: () => {},
      },
    ]
    const failing: readonly Operation[] = [
      ...operations,
      { type: 'runs', up: () => Promise.reject(new Error('no')), down: () => {} },
    ]
    const before = await fingerprint(db)
    const steps: number[] = []
    const attempt = migrationTransaction(db, failing, () =>
      perform(db, from, failing, {
        ran: async (done) => {
          steps.push(done)
        },
      }),
    )
    await expect(attempt).rejects.toThrow('no')
    expect(steps).toEqual([1, 2])
    if (db.dialect === 'mysql') {
      // What was done stays; the next run goes on behind it.
      await perform(db, from, operations, { done: 2 })
    } else {
      expect(await fingerprint(db)).toEqual(before)
      await migrate(db, from, operations)
    }
    expect(await db.knex('item').select('first', 'name')).toEqual([
      { first: 'Ada', name: 'Ada Lovelace' },
    ])
  })
})

const sqlite = databases.filter(({ name }) => name.startsWith('SQLite'))

describe.each(sqlite)('a table made anew on $name', (kind) => {
  test('keeps its triggers, the indexes of others and the views on it', async () => {
    const db = await open(kind)
    db.table('entry', { id: increments(), title: string(20), body: text() })
    await db.create()
    for (const statement of [
      'create table log (what text)',
      "create trigger noted after insert on entry begin insert into log values ('made ' || new.title); end",
      'create index entry_lower on entry (lower(title)) where title is not null',
      'create view titles as select title from entry',
      "create trigger logged after insert on log begin update entry set body = 'x' where id = 0; end",
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- in this order
      await db.knex.raw(statement)
    }
    await db.knex('entry').insert({ title: 'one', body: '' })
    const from = schemaOf(db.tables)
    const to = await schema(kind, (other) =>
      other.table('entry', { id: increments(), title: string(40), body: text().default('') }),
    )
    await migrate(db, from, changes(from, to))
    await db.knex('entry').insert({ title: 'two' })
    expect(await db.knex('log').select()).toEqual([{ what: 'made one' }, { what: 'made two' }])
    expect(await db.knex('titles').select()).toEqual([{ title: 'one' }, { title: 'two' }])
    const kept = await db.knex('sqlite_master').where('name', 'entry_lower').select('sql')
    expect(kept).toEqual([
      { sql: 'CREATE INDEX entry_lower on entry (lower(title)) where title is not null' },
    ])
  })

  test('is refused where it has a column that no migration knows', async () => {
    const db = await open(kind)
    db.table('entry', { id: increments(), title: string(20) })
    await db.create()
    await db.knex.raw('alter table entry add column extra text')
    const from = schemaOf(db.tables)
    const to = await schema(kind, (other) =>
      other.table('entry', { id: increments(), title: string(40) }),
    )
    await expect(migrate(db, from, changes(from, to))).rejects.toThrow(
      'alter column entry.title: table entry must have the columns that the migrations before say (id, title), got id, title, extra',
    )
  })

  test('is refused where rows would refer to nothing, and its foreign keys are on afterwards', async () => {
    const db = await open(kind)
    const entry = db.table('entry', { id: increments(), title: string(20) })
    db.table('comment', { id: increments(), entry: integer().references(() => entry.id) })
    await db.create()
    await db.knex('entry').insert({ id: 1, title: 'one' })
    await db.knex('comment').insert({ entry: 1 })
    const from = schemaOf(db.tables)
    const to = await schema(kind, (other) => {
      const post = other.table('entry', { id: increments(), title: string(40) })
      other.table('comment', { id: increments(), entry: integer().references(() => post.id) })
    })
    const operations: readonly Operation[] = [
      ...changes(from, to),
      { type: 'runs', up: async ({ knex }) => void (await knex('entry').delete()), down: () => {} },
    ]
    await expect(migrate(db, from, operations)).rejects.toThrow(
      'comment (to entry) must refer to rows that exist, got 1 row without one',
    )
    expect(await db.knex('entry').select()).toEqual([{ id: 1, title: 'one' }])
    expect(await db.knex.raw('pragma foreign_keys')).toEqual([{ foreign_keys: 1 }])
  })
})
