import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  type AnyColumn,
  type AnyTable,
  bigInteger,
  type Database,
  database,
  datetime,
  decimal,
  float,
  integer,
  json,
  string,
} from '@robaccia/db'
import { drift, modelSource, readSchema } from '@robaccia/db/inspect'
import { schemaOf } from '@robaccia/db/migrations'
import { assert, asyncProperty } from 'fast-check'
import { format, type Options } from 'prettier'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { databases, type TestDatabase } from './databases.js'
import { define, randomModel } from './random-models.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const style: Options = { parser: 'typescript', semi: false, singleQuote: true, printWidth: 100 }

/** In this folder, so that a model finds the packages as an app beside them does. */
const folder = join(import.meta.dirname, 'models')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The tables that a model's text defines, in a database of its own. The text stays for the type check. */
async function tablesOf(source: string): Promise<readonly AnyTable[]> {
  const inner = mkdtempSync(join(folder, 'model-'))
  const config = `import { database } from '@robaccia/db'\n\nexport const db = database('sqlite::memory:')\n`
  writeFileSync(join(inner, 'dbconfig.ts'), config)
  writeFileSync(join(inner, 'model.ts'), source)
  await import(join(inner, 'model.ts'))
  const { db } = (await import(join(inner, 'dbconfig.ts'))) as { readonly db: Database }
  return db.tables
}

async function made(open: TestDatabase['open'], statements: readonly string[]): Promise<Database> {
  const { db, remove } = await open()
  onTestFinished(remove)
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const statement of statements) await db.knex.raw(statement)
  return db
}

describe.each(databases)('modelSource on $name', ({ open }) => {
  test('gives back a model of which create made the tables', { timeout: 120_000 }, async () => {
    await assert(
      asyncProperty(randomModel, async (model) => {
        const { db, remove } = await open()
        try {
          define(db, model)
          await db.create()
          const found = await readSchema(db)
          const source = modelSource(found)
          const others = source.replaceAll(/^\/\/ in the database: no primary key, .*\n/gm, '')
          expect(others).not.toContain('//')
          expect(source).toBe(await format(source, style))
          expect(drift(schemaOf(await tablesOf(source)), found)).toEqual([])
        } finally {
          await remove()
        }
      }),
      { numRuns: 8, endOnFailure: true },
    )
  })

  test('gives back the model of the blog', async () => {
    const { url, remove } = await open()
    vi.stubEnv('DATABASE_URL', url)
    // The blog's modules come with packages of their own, whose databases no others know.
    vi.resetModules()
    const { db } = await import('../../apps/blog/dbconfig.js')
    const { entry } = await import('../../apps/blog/model.js')
    const own = await import('@robaccia/db/inspect')
    vi.unstubAllEnvs()
    onTestFinished(async () => {
      await db.close()
      await remove()
    })
    await db.create()
    const source = own.modelSource(await own.readSchema(db))
    expect(source).toBe(`import { datetime, integer, now, string, text } from '@robaccia/db'
import { db } from './dbconfig.js'

export const entry = db.table('entry', {
  id: string(100).primary(),
  title: string(200),
  author: string(100).default(''),
  content: text(),
  published: datetime().default(now()).index(),
  updated: datetime().default(now()),
  version: integer().default(1),
})
`)
    expect(schemaOf(await tablesOf(source))).toEqual(schemaOf([entry]))
  })
})

/** A database of other programs, and its model. */
const foreign: Readonly<Record<string, readonly [statements: readonly string[], model: string]>> = {
  'SQLite memory': [
    [
      `create table "odd name" (id integer primary key)`,
      `create table "class" (id integer primary key autoincrement, "select" text, "a b" text,
        constructor text, "default" varchar(20) default 'x' check (length("default") > 0))`,
      `create table node (id text primary key, parent text references node on delete cascade,
        "weird\n*/ process.exit() // x" text, at datetime, price decimal(10,2), flag bool default 1)`,
      `create table team (id integer primary key autoincrement, lead integer references person(id))`,
      `create table person (id integer primary key autoincrement, mail varchar(50) unique collate nocase,
        team integer not null references team(id) on delete set null, a int, b int,
        unique (a, b), foreign key (a, b) references pair (x, y))`,
      `create table pair (x int, y int, z varchar(700) unique, note text, primary key (x, y))`,
      `create index lower_note on pair (lower(note))`,
      `create index note_index on pair (note)`,
      `create trigger log after insert on pair begin select 1; end`,
      `create view seen as select 1 as one`,
      `create virtual table words using fts5(word)`,
      `create table logs (line text, n tinyint default (abs(3)))`,
      `create table knex_migrations (id integer)`,
    ],
    `import { type AnyColumn, boolean, increments, integer, string, text } from '@robaccia/db'
import { db } from './dbconfig.js'

// left out: a check of default, length("default") > 0
// left out: select, a name that a table has for itself
// left out: a b, since a column name of class must be a letter and up to 62 letters, digits and underscores, got "a b"
// left out: constructor, since a column name of class must not be what every object has, got "constructor"
export const classTable = db.table('class', {
  id: increments(),
  default: string(20).nullable().default('x'),
})

// in the database: id is nullable
// left out: at, of the type datetime
// left out: price, of the type decimal(10,2)
// in the database: flag is bool
// in the database: id has no limit, which a key must have
// in the database: parent has no limit, which a key must have
// left out: weird */ process.exit() // x, since a column name of node must be a letter and up to 62 letters, digits and underscores, got "weird\\n*/ process.exit() // x"
export const node = db.table('node', {
  id: string(640).primary(),
  parent: string(640)
    .nullable()
    .references((): AnyColumn => node.id, { onDelete: 'cascade' }),
  flag: boolean().nullable().default(true),
})

// in the database: a is int
// in the database: b is int
// left out: foreign key (a, b) references pair (x, y) on delete no action
// in the database: the collation of mail is nocase
// in the database: person_mail_unique is called sqlite_autoindex_person_1
// left out: index sqlite_autoindex_person_2 (a, b, unique)
// left out: foreign key (team) references team (id), team must be nullable to have onDelete 'set null'
export const person = db.table('person', {
  id: increments(),
  mail: string(50).nullable().unique(),
  team: integer(),
  a: integer().nullable(),
  b: integer().nullable(),
})

export const team = db.table('team', {
  id: increments(),
  lead: integer()
    .nullable()
    .references(() => person.id),
})

// in the database: x is int
// in the database: x is nullable
// in the database: y is int
// in the database: y is nullable
// left out: index lower_note (on an expression)
// left out: trigger log
// in the database: note has no limit, which a key must have
// left out: index sqlite_autoindex_pair_1 (z, unique)
// in the database: pair_note_index is called note_index
export const pair = db.table('pair', {
  x: integer().primary(),
  y: integer().primary(),
  z: string(700).nullable(),
  note: string(640).nullable().index(),
})

// in the database: n is tinyint
// left out: the default of n, abs(3)
// in the database: no primary key, which page() needs
export const logs = db.table('logs', {
  line: text().nullable(),
  n: integer().nullable(),
})

// odd name: in the database: id is integer that counts up in another way
// odd name: left out: the table, since a table name must be a letter and up to 62 letters, digits and underscores, got "odd name"

// seen: left out: a view

// words: left out: a virtual table
`,
  ],
  PostgreSQL: [
    [
      `create type mood as enum ('a', 'b')`,
      `create table users (id bigserial primary key, code uuid default gen_random_uuid(),
        email text not null unique, mood mood default 'a', tags text[], at timestamp default now(),
        seen timestamptz default current_timestamp, small smallint, r real, c char(3), n numeric, v varchar,
        bool boolean default false, j json default '{}', ip inet)`,
      `create table "Order" (id int generated always as identity primary key,
        "user" bigint references users on delete set null on update cascade, total numeric(10,2) default 0,
        check (total >= 0))`,
      `create table part (id int, at date not null) partition by range (at)`,
      `create table part1 partition of part for values from ('2026-01-01') to ('2027-01-01')`,
      `create index on users using gin (tags)`,
      `create index lower_email on users (lower(email))`,
      `create materialized view seen as select 1 as one`,
      `create table knex_migrations (id int)`,
    ],
    `import {
  bigInteger,
  boolean,
  date,
  datetime,
  decimal,
  float,
  increments,
  integer,
  json,
  now,
  randomUuid,
  string,
  text,
  uuid,
} from '@robaccia/db'
import { db } from './dbconfig.js'

// in the database: id is bigint that counts up
// in the database: the default of code is gen_random_uuid()
// in the database: mood is enum (mood)
// left out: tags, of the type text[]
// left out: at, of the type timestamp without time zone
// in the database: seen is timestamp with time zone
// in the database: the default of seen is CURRENT_TIMESTAMP
// in the database: small is smallint
// in the database: r is real
// in the database: c is character(3)
// left out: n, of the type numeric
// in the database: v is character varying
// in the database: j is json
// left out: ip, of the type inet
// left out: index users_tags_idx (tags, by gin)
// left out: index lower_email (on an expression)
// in the database: the collation of email, c, v is default
// in the database: email has no limit, which a key must have
// in the database: users_email_unique is called users_email_key
export const users = db.table('users', {
  id: bigInteger().primary(),
  code: uuid().nullable().default(randomUuid()),
  email: string(640).unique(),
  mood: text().nullable().default('a'),
  seen: datetime().nullable().default(now()),
  small: integer().nullable(),
  r: float().nullable(),
  c: string(3).nullable(),
  v: text().nullable(),
  bool: boolean().nullable().default(false),
  j: json().nullable().default({}),
})

// in the database: id is integer that counts up in another way
// in the database: user has on update cascade
// left out: check (total >= (0)::numeric)
// in the database: Order_user_foreign is called Order_user_fkey
export const order = db.table('Order', {
  id: increments(),
  user: bigInteger()
    .nullable()
    .references(() => users.id, { onDelete: 'set null' }),
  total: decimal(10, 2).nullable().default('0.00'),
})

// in the database: part is partitioned
// in the database: no primary key, which page() needs
export const part = db.table('part', {
  id: integer().nullable(),
  at: date(),
})

// seen: left out: a materialized view
`,
  ],
  MariaDB: [
    [
      `create table users (id bigint unsigned auto_increment primary key, email varchar(255) not null unique,
        mood enum('a','b') default 'a', seen datetime default current_timestamp,
        at timestamp default current_timestamp on update current_timestamp, small tinyint,
        flag tinyint(1) default 0, r float, c char(3), n decimal(20,2), t mediumtext, b blob, y year)
        default charset latin1 collate latin1_swedish_ci`,
      `create table \`Order\` (id int auto_increment primary key, \`user\` bigint unsigned, name varchar(800),
        key name_ix (name(20)), check (name <> ''), foreign key (\`user\`) references users(id)
        on delete set null on update cascade) collate utf8mb4_general_ci`,
      `create view visible as select 1 as one`,
      `create trigger log before insert on users for each row set new.r = 1`,
      `create table knex_migrations (id int)`,
    ],
    `import {
  bigInteger,
  boolean,
  datetime,
  float,
  increments,
  integer,
  now,
  string,
  text,
} from '@robaccia/db'
import { db } from './dbconfig.js'

// in the database: id is bigint(20) unsigned that counts up
// in the database: mood is enum('a','b')
// in the database: seen is datetime
// in the database: the default of seen is current_timestamp()
// in the database: at is timestamp
// in the database: the default of at is current_timestamp()
// in the database: small is tinyint(4)
// in the database: r is float
// in the database: c is char(3)
// left out: n, of the type decimal(20,2)
// in the database: t is mediumtext
// left out: b, of the type blob
// left out: y, of the type year(4)
// in the database: at has on update current_timestamp()
// left out: trigger log
// in the database: the collation of email, mood, c, t is latin1_swedish_ci
// in the database: users_email_unique is called email
export const users = db.table('users', {
  id: bigInteger().primary(),
  email: string(255).unique(),
  mood: text().nullable().default('a'),
  seen: datetime().nullable().default(now()),
  at: datetime().nullable().default(now()),
  small: integer().nullable(),
  flag: boolean().nullable().default(false),
  r: float().nullable(),
  c: string(3).nullable(),
  t: text().nullable(),
})

// in the database: user is bigint(20) unsigned
// left out: index name_ix (name, on a prefix)
// in the database: user has on update cascade
// left out: check \`name\` <> ''
// in the database: the collation of name is utf8mb4_general_ci
// in the database: Order_user_index is called user
// in the database: Order_user_foreign is called Order_ibfk_1
export const order = db.table('Order', {
  id: increments(),
  user: bigInteger()
    .nullable()
    .index()
    .references(() => users.id, { onDelete: 'set null' }),
  name: string(800).nullable(),
})

// visible: left out: a view
`,
  ],
}

describe.each(databases.filter(({ name }) => name in foreign))(
  'modelSource of others on $name',
  ({ name, open }) => {
    test('prints what a model can say, and what it left out', async () => {
      const [statements, model] = foreign[name] ?? [[], '']
      const db = await made(open, statements)
      const source = modelSource(await readSchema(db))
      expect(source).toBe(model)
      expect(source).toBe(await format(source, style))
      expect((await tablesOf(source)).length).toBeGreaterThan(1)
    })
  },
)

describe('modelSource', () => {
  test('is laid out as by prettier, however long names and values are', async () => {
    const long = `l${'ong'.repeat(20)}`
    const db = database('sqlite::memory:')
    onTestFinished(() => db.close())
    const text = 'a word and '.repeat(10)
    const other = db.table(long, { [long]: integer().primary() })
    const target = (): AnyColumn => other.table.columns[0] as AnyColumn
    db.table('some', {
      [long]: integer().references(target, { onDelete: 'cascade' }),
      [`n${long}`]: integer().references(target),
      nullable_reference: integer().nullable().references(target, { onDelete: 'set null' }),
      some_longer_reference: integer().references(() => brief.some_longer_name_of_an_id, {
        onDelete: 'cascade',
      }),
      [`b${long}`]: bigInteger().default(-(2n ** 63n)),
      [`d${long}`]: decimal(18, 18).default('-0.123456789012345678'),
      [`w${long}`]: string(1000).default('a short word'),
      [`s${long}`]: string(1000).default('a word that is not that short'),
      [`t${long}`]: datetime().default(new Date('2026-11-25T10:00:00.123Z')),
      [`f${long}`]: float().default(-Number.MAX_VALUE),
      text: string(1000).default(text),
      texts: string(1000).nullable().default(text),
      quotes: string(100).default(`it's "so"`),
      more: string(100).default(`it's so\n\u2028\\`),
      [`j${long}`]: json().nullable().default({}),
      nested: json()
        .nullable()
        .default({ a: [1] }),
      simple: json().nullable().default([1, 'b', null]),
      odd: json().default(JSON.parse('{"__proto__":1,"a-b":2,"3":4,"é":5}')),
      tables: json().default([
        [1, 2],
        [3, 4],
      ]),
      deep: json().default({ title: text, list: [text, { text, numbers: ['1', 2] }], d: 'e' }),
      deeper: json()
        .nullable()
        .default([{ [long]: text, b: { c: [] } }, true])
        .nullable(),
    })
    const brief = db.table('a_table', { some_longer_name_of_an_id: integer().primary() })
    await db.create()
    const found = await readSchema(db)
    const source = modelSource(found)
    expect(source).toBe(await format(source, style))
    expect(source.match(/\n\n? {2}'l/g)).toHaveLength(1)
    expect(drift(schemaOf(await tablesOf(source)), found)).toEqual([])
  })

  test('gives tables names that JavaScript takes', async () => {
    const names = ['class', 'date', 'DB', 'user_account', 'userAccount', 'SalesOrder', 'a1', 'a_1']
    const db = await made(
      () => Promise.resolve(memory()),
      names.map((name) => `create table ${name} (id integer primary key autoincrement)`),
    )
    const source = modelSource(await readSchema(db))
    expect(source.match(/(?<=const )\w+/g)).toEqual([
      'classTable',
      'dateTable',
      'dbTable',
      'userAccount',
      'userAccountTable',
      'salesOrder',
      'a1',
      'a1Table',
    ])
    expect(await tablesOf(source)).toHaveLength(names.length)
  })

  test('prints only the tables that it is told, and what refers to others as a comment', async () => {
    const db = await made(
      () => Promise.resolve(memory()),
      [
        `create table a (id integer primary key autoincrement, b integer references b)`,
        `create table b (id integer primary key autoincrement)`,
      ],
    )
    const found = await readSchema(db)
    expect(modelSource(found, { tables: ['a'] })).toContain(
      `\n// left out: foreign key (b) references b (id), b must refer to a column that is there, got b.id\nexport`,
    )
    expect(modelSource(found, { tables: ['b'] })).not.toContain(`'a'`)
    expect(() => modelSource(found, { tables: ['b', 'c'] })).toThrow(
      new TypeError('a table must be one of a, b, got c'),
    )
  })

  test('says where the columns of a key are in another order than those of the table', async () => {
    const db = database('sqlite::memory:')
    onTestFinished(() => db.close())
    await db.knex.raw('create table pair (x integer, y integer, primary key (y, x))')
    expect(modelSource(await readSchema(db))).toContain('// in the database: primary key (y, x)\n')
  })

  test('is empty for an empty database', async () => {
    const db = await made(() => Promise.resolve(memory()), [])
    const found = await readSchema(db)
    expect(modelSource(found)).toBe('')
    expect(() => modelSource(found, { tables: ['c'] })).toThrow(/one of none at all, got c/)
  })
})

function memory() {
  const db = database('sqlite::memory:')
  return { db, url: '', remove: () => db.close() }
}

test('all models that were printed type-check', { timeout: 120_000 }, async () => {
  const options = {
    extends: '../../tsconfig.json',
    compilerOptions: { composite: false, incremental: false },
    include: ['.'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const result = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
    (error: { stdout: string }) => error,
  )
  expect(result.stdout).toBe('')
})
