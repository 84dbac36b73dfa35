import { isDeepStrictEqual } from 'node:util'
import {
  type AnyColumn,
  database,
  datetime,
  decimal,
  increments,
  integer,
  now,
  randomUuid,
  string,
  text,
  uuid,
} from '@robaccia/db'
import { drift, readSchema } from '@robaccia/db/inspect'
import {
  changes,
  migrationTransaction,
  perform,
  renameColumn,
  renameTable,
  schemaOf,
  type SchemaState,
  type TableState,
} from '@robaccia/db/migrations'
import { assert, asyncProperty } from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databases, type OpenDatabase, type TestDatabase } from './databases.js'
import { define, randomModel } from './random-models.js'

async function opened(open: TestDatabase['open']): Promise<OpenDatabase> {
  const one = await open()
  onTestFinished(one.remove)
  return one
}

/** A state as the database can tell it: no old names, no order, no defaults that `insert` makes. */
function shape(state: SchemaState, dialect: string): unknown {
  const byName = <Named extends { readonly name: string }>(all: readonly Named[]) =>
    all.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const table = ({ was: _was, ...one }: TableState) => ({
    ...one,
    columns: byName(one.columns).map(({ was: _old, ...column }) => {
      const { default: value, length = 0, ...rest } = column
      const random = isDeepStrictEqual(value, randomUuid())
      const long = dialect === 'mysql' && length > 640
      return {
        ...rest,
        ...(value === undefined || random ? {} : { default: value }),
        ...(long ? { kind: 'text', length: 0 } : { length }),
      }
    }),
    indexes: byName(one.indexes),
    foreignKeys: byName(one.foreignKeys),
  })
  return byName([...state.values()]).map(table)
}

describe.each(databases)('readSchema on $name', ({ open }) => {
  test('reads what create made as the model says it', { timeout: 120_000 }, async () => {
    await assert(
      asyncProperty(randomModel, async (model) => {
        const { db, remove } = await open()
        try {
          const expected = schemaOf(define(db, model))
          await db.create()
          const found = await readSchema(db)
          expect(shape(found.tables, db.dialect)).toEqual(shape(expected, db.dialect))
          expect(found.remarks).toEqual([])
          expect(drift(expected, found)).toEqual([])
        } finally {
          await remove()
        }
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })
})

describe.each(databases)('readSchema on $name', ({ open }) => {
  test('reads what migrations made as what create makes', { timeout: 120_000 }, async () => {
    await assert(
      asyncProperty(randomModel, randomModel, async (first, second) => {
        const { db, remove } = await open()
        try {
          const from = schemaOf(define(db, first))
          await db.create()
          const to = schemaOf(define(database('sqlite::memory:'), second))
          const operations = changes(from, to)
          await migrationTransaction(db, operations, () => perform(db, from, operations))
          const found = await readSchema(db)
          expect(shape(found.tables, db.dialect)).toEqual(shape(to, db.dialect))
          expect(found.remarks).toEqual([])
          expect(drift(to, found)).toEqual([])
        } finally {
          await remove()
        }
      }),
      { numRuns: 8, endOnFailure: true },
    )
  })
})

describe.each(databases)('drift on $name', ({ open }) => {
  test('is there exactly where two models differ', { timeout: 120_000 }, async () => {
    await assert(
      asyncProperty(randomModel, randomModel, async (one, other) => {
        const { db, remove } = await open()
        try {
          const made = schemaOf(define(db, one))
          await db.create()
          const expected = schemaOf(define(database('sqlite::memory:'), other))
          const lines = drift(expected, await readSchema(db))
          const [left, right] = [made, expected].map((state) => shape(state, db.dialect))
          expect(lines.length === 0).toBe(isDeepStrictEqual(left, right))
        } finally {
          await remove()
        }
      }),
      { numRuns: 10, endOnFailure: true },
    )
  })
})

describe.each(databases)('drift on $name', ({ open }) => {
  test('finds nothing when tables and columns that refer are renamed', async () => {
    const { db } = await opened(open)
    const author = db.table('author', { id: increments() })
    db.table('entry', { id: increments(), author: integer().references(() => author.id) })
    await db.create()
    const before = schemaOf(db.tables)
    const operations = [renameTable('entry', 'post'), renameColumn('post', 'author', 'writer')]
    const after = await migrationTransaction(db, operations, () => perform(db, before, operations))
    expect(drift(after, await readSchema(db))).toEqual([])
  })

  test('counts all columns of a table that must not be there', async () => {
    const { db } = await opened(open)
    const other = { sqlite: 'x', postgres: 'x bytea', mysql: 'x blob' }[db.dialect]
    await db.knex.raw(`create table log (line text, ${other})`)
    const found = await readSchema(db)
    expect(drift(new Map(), found)).toEqual(['table log must not be there, got one of 2 columns'])
    const type = { sqlite: '(none)', postgres: 'bytea', mysql: 'blob' }[db.dialect]
    expect(found.remarks.filter(({ about }) => about === 'type').map((one) => one.found)).toContain(
      type,
    )
  })

  test('names table, column, what must be and what is, a line each', async () => {
    const { db } = await opened(open)
    db.table('author', { id: increments(), name: string(50).unique() })
    db.table('log', { line: string(9) })
    db.table('entry', {
      id: string(100).primary(),
      title: string(200).default('-'),
      price: decimal(12, 2),
      version: integer(),
      note: string(10),
      updated: datetime().default(now()),
      author: integer()
        .references(() => db.tables[0]?.table.columns[0] as AnyColumn, { onDelete: 'cascade' })
        .index(),
      old: text(),
    })
    await db.create()
    const wanted = database('sqlite::memory:')
    const author = wanted.table('author', { id: increments(), name: string(50) })
    const entry = wanted.table('entry', {
      id: string(100),
      part: integer().primary(),
      title: string(100).default('none').unique(),
      price: decimal(12, 4),
      version: integer().default(1),
      note: string(10).nullable(),
      updated: datetime().index(),
      author: integer()
        .nullable()
        .references(() => author.id, { onDelete: 'set null' }),
      code: uuid().default(randomUuid()),
    })
    wanted.table('comment', { id: string(100).references(() => entry.title) })
    expect(drift(schemaOf(wanted.tables), await readSchema(db))).toEqual([
      'index author_name_unique of author must not be there, got (name) unique',
      'entry.part must be there, got none',
      'entry.title must be string(100), got string(200)',
      'entry.title must have the default "none", got the default "-"',
      'entry.price must be decimal(12, 4), got decimal(12, 2)',
      'entry.version must have the default 1, got no default',
      'entry.note must be nullable, got not null',
      'entry.updated must have no default, got the default now()',
      'entry.author must be nullable, got not null',
      'entry.code must be there, got none',
      'entry.old must not be there, got text()',
      'the primary key of entry must be (part), got (id)',
      'index entry_title_unique of entry must be on (title) unique, got none',
      'index entry_updated_index of entry must be on (updated), got none',
      'index entry_author_index of entry must not be there, got (author)',
      'the foreign key of entry.author must be to author.id on delete set null, got to author.id on delete cascade',
      'table comment must be there, got none',
      'table log must not be there, got one of 1 column',
    ])
    const ignored = drift(schemaOf(wanted.tables), await readSchema(db), { ignore: ['log'] })
    expect(ignored.join('\n')).not.toContain('table log')
  })

  test('sees what the database does in another way than create makes it', async () => {
    const { db } = await opened(open)
    const statements = {
      sqlite: [
        `create table author (id integer primary key, "name" varchar(9) collate nocase not null)`,
        `create table item (id integer not null primary key check (id between -2147483648 and 2147483647),
          n integer not null, small smallint, price decimal(12, 2), at datetime default current_timestamp,
          author integer check (author between -2147483648 and 2147483647)
            references author on delete set default,
          total integer generated always as (n * 2), word varchar(9) default (lower('A')))`,
        `create unique index word on item (word)`,
        `create index part on item (word) where n > 0`,
        `create view entry as select * from item`,
      ],
      postgres: [
        `create table author (id serial primary key, "name" varchar(9) collate "POSIX" not null)`,
        `create table item (id integer not null primary key, n smallint not null, small smallint,
          price numeric, at timestamp, author integer references author on update cascade,
          total integer generated always as (1 + 1) stored, word varchar(9) collate "C" default lower('A'))`,
        `create unique index word on item (word)`,
        `create index part on item (word) where n > 0`,
        `create view entry as select * from item`,
      ],
      mysql: [
        `create table author (id int unsigned auto_increment primary key,
          name varchar(9) collate utf8mb4_general_ci not null)`,
        `create table item (id int not null primary key, n smallint not null, small smallint,
          price decimal(30, 2), at datetime, author int unsigned,
          total int generated always as (n * 2) stored,
          word varchar(9) collate utf8mb4_bin default (lower('A')),
          constraint item_author_foreign foreign key (author) references author (id) on update cascade)`,
        `create unique index word on item (word)`,
        `create index part on item (word(3))`,
        `create view entry as select * from item`,
      ],
    }[db.dialect]
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (const statement of statements) await db.knex.raw(statement)
    const wanted = database('sqlite::memory:')
    const author = wanted.table('author', { id: increments(), name: string(9) })
    wanted.table('item', {
      id: integer().primary(),
      n: integer(),
      small: integer().nullable(),
      price: decimal(12, 2).nullable(),
      at: datetime().nullable(),
      author: integer()
        .nullable()
        .references(() => author.id),
      total: integer(),
      word: string(9).nullable().unique(),
    })
    wanted.table('entry', { id: increments() })
    expect(drift(schemaOf(wanted.tables), await readSchema(db))).toEqual(
      {
        sqlite: [
          'author.id must be increments(), as SQL integer primary key autoincrement, got integer that counts up in another way',
          'author.name must have the collation binary, got nocase',
          'item.n must be integer(), as SQL integer check ("n" between -2147483648 and 2147483647), got integer',
          'item.small must be integer(), as SQL integer check ("small" between -2147483648 and 2147483647), got smallint',
          'item.price must be decimal(12, 2), as SQL integer decimal(12, 2) check (abs("price") < 1000000000000), got decimal(12, 2)',
          'item.at must be datetime(), as SQL datetime text, got datetime',
          'item.total must be integer(), as SQL integer check ("total" between -2147483648 and 2147483647), got generated integer',
          `item.word must have no default, got lower('A')`,
          'the index of item on (word) unique must be called item_word_unique, got word',
          'the foreign key of item.author must be to author.id on delete restrict, got none',
          'table entry must be there, got a view',
        ],
        postgres: [
          'author.id must be increments(), as SQL integer generated by default as identity (sequence name "author_id_counter"), got integer that counts up in another way',
          'author.name must have the collation C, got POSIX',
          'item.n must be integer(), as SQL integer, got smallint',
          'item.small must be integer(), as SQL integer, got smallint',
          'item.price must be decimal(12, 2), as SQL numeric(12, 2), got numeric',
          'item.at must be datetime(), as SQL timestamptz(3), got timestamp without time zone',
          'item.author must do nothing on update, got on update cascade',
          'item.total must be integer(), as SQL integer, got generated integer',
          `item.word must have no default, got lower('A'::text)`,
          'the index of item on (word) unique must be called item_word_unique, got word',
          'the foreign key of item.author must be called item_author_foreign, got item_author_fkey',
          'table entry must be there, got a view',
        ],
        mysql: [
          'author.id must be increments(), as SQL int auto_increment primary key, got int(10) unsigned',
          'author.name must have the collation utf8mb4_bin, got utf8mb4_general_ci',
          'item.n must be integer(), as SQL int, got smallint(6)',
          'item.small must be integer(), as SQL int, got smallint(6)',
          'item.price must be decimal(12, 2), as SQL decimal(12, 2), got decimal(30,2)',
          'item.at must be datetime(), as SQL datetime(3), got datetime',
          'item.author must be integer(), as SQL int, got int(10) unsigned',
          'item.author must do nothing on update, got on update cascade',
          'item.total must be integer(), as SQL int, got generated int(11)',
          `item.word must have no default, got lcase('A')`,
          'the index of item on (word) unique must be called item_word_unique, got word',
          'table entry must be there, got a view',
        ],
      }[db.dialect],
    )
  })
})
