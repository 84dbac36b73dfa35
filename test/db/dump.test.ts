import {
  type AnyColumn,
  bigInteger,
  boolean,
  database,
  type Database,
  date,
  datetime,
  decimal,
  float,
  increments,
  integer,
  json,
  randomUuid,
  string,
  text,
  uuid,
} from '@robaccia/db'
import { dump, load, LoadError } from '@robaccia/db/dump'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databases, type OpenDatabase, type TestDatabase } from './databases.js'

async function opened(open: TestDatabase['open']): Promise<OpenDatabase> {
  const one = await open()
  onTestFinished(one.remove)
  return one
}

async function dumped(db: Database, tables?: readonly string[]): Promise<string> {
  let all = ''
  await dump(db, (some) => void (all += some), tables && { tables })
  return all
}

async function* cut(all: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(all)
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

/** A table with every kind, each once with a value and once, where it may be, with null. */
function kinds(db: Database) {
  return db.table('item', {
    id: increments(),
    name: string(30).nullable(),
    content: text().nullable(),
    n: integer().nullable(),
    big: bigInteger().nullable(),
    real: float().nullable(),
    price: decimal(18, 2).nullable(),
    open: boolean().nullable(),
    day: date().nullable(),
    moment: datetime().nullable(),
    meta: json().nullable(),
    code: uuid().nullable(),
  })
}

const nothing = { name: null, content: null, n: null, big: null, real: null, price: null }
const rows = [
  {
    id: 0,
    name: "O'Neil \u2028 \\ ? ?? :a $1",
    content: 'lines\r\nand "quotes" 🦀\n',
    n: -(2 ** 31),
    big: 2n ** 63n - 1n,
    real: 0.1,
    price: '-9999999999999999.99',
    open: false,
    day: '0001-01-01',
    moment: new Date('9999-12-31T23:59:59.999Z'),
    meta: { a: [1, null, 'x\n'], b: '🦀' },
    code: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  },
  { ...nothing, id: 7, open: null, day: null, moment: null, meta: null, code: null },
]

const pairs = databases.flatMap((from) => databases.map((to) => ({ from, to })))

describe.each(pairs)('from $from.name to $to.name', ({ from, to }) => {
  test('every kind of value comes over, and the counter goes on behind the rows', async () => {
    const source = await opened(from.open)
    const item = kinds(source.db)
    await source.db.create()
    await item.insert(rows)
    expect(await item.select().orderBy('id')).toEqual(rows)

    const target = await opened(to.open)
    const copy = kinds(target.db)
    await target.db.create()
    const all = await dumped(source.db)
    expect(await load(target.db, cut(all, 7))).toEqual({ item: 2 })
    expect(await copy.select().orderBy('id')).toEqual(rows)
    expect((await copy.insert({ name: 'next' })).id).toBe(8)
    const again = (await dumped(target.db)).split('\n').slice(1, 4)
    expect(again.map((line) => JSON.parse(line) as unknown)).toEqual(
      all
        .split('\n')
        .slice(1, 4)
        .map((line) => JSON.parse(line) as unknown),
    )
  })
})

/** Three tables that refer to each other and to themselves, in no good order. */
function circle(db: Database) {
  const comment = db.table('comment', {
    id: increments(),
    person: integer().references((): AnyColumn => person.id),
  })
  const person = db.table('person', {
    id: increments(),
    team: integer()
      .nullable()
      .references((): AnyColumn => team.id),
    boss: integer()
      .nullable()
      .references((): AnyColumn => person.id),
  })
  const team = db.table('team', {
    id: increments(),
    lead: integer()
      .nullable()
      .references(() => person.id),
  })
  return { comment, person, team }
}

/** Two tables, the second defined first. */
function blog(db: Database) {
  const comment = db.table('comment', {
    id: increments(),
    entry: string(20).references((): AnyColumn => entry.id),
    content: text().default(''),
  })
  const entry = db.table('entry', { id: string(20).primary(), title: string(20).unique() })
  return { comment, entry }
}

const twoRows = [
  '{"robaccia":"dump","version":1,"tables":{"entry":["id","title"],"comment":["id","entry"]}}',
  '{"table":"entry"}',
  '["a","A"]',
  '["b","B"]',
  '{"table":"comment"}',
  '[1,"a"]',
  '{"rows":{"entry":2,"comment":1}}',
]

describe.each(databases)('load on $name', ({ open }) => {
  test('takes tables that refer to each other and to themselves', async () => {
    const { db } = await opened(open)
    const { comment, person, team } = circle(db)
    await db.create()
    await person.insert({ id: 1 })
    await person.insert({ id: 2, boss: 1 })
    await team.insert({ id: 1, lead: 2 })
    await person.update({ team: 1, boss: 2 }).where({ id: 1 })
    await comment.insert({ person: 1 })
    const all = await dumped(db)
    await comment.delete().all()
    await person.update({ team: null, boss: null }).all()
    await team.delete().all()
    await person.delete().all()

    expect(await load(db, cut(all))).toEqual({ team: 1, person: 2, comment: 1 })
    expect(await person.select().orderBy('id')).toEqual([
      { id: 1, team: 1, boss: 2 },
      { id: 2, team: null, boss: 1 },
    ])
    // The keys hold again.
    await expect(Promise.resolve(person.insert({ boss: 99 }))).rejects.toThrow(
      /must refer to a row of/,
    )
  })

  test('finds a row of such tables that refers to nothing, and keeps none', async () => {
    const { db } = await opened(open)
    const { person } = circle(db)
    await db.create()
    const lines = [
      '{"robaccia":"dump","version":1,"tables":{"person":["id","boss"]}}',
      '{"table":"person"}',
      '[1,2]',
      '[3,99]',
      '[2,null]',
      '{"rows":{"person":3}}',
    ]
    await expect(load(db, cut(lines.join('\n')))).rejects.toThrow(
      'person.boss must refer to rows of person that the dump or the database has, got 1 that do not',
    )
    expect(await person.select().count()).toBe(0)
    await expect(Promise.resolve(person.insert({ boss: 99 }))).rejects.toThrow(
      /must refer to a row of/,
    )
  })

  test('refuses tables that have rows, unless it is to append', async () => {
    const { db } = await opened(open)
    const { comment, entry } = blog(db)
    await db.create()
    const all = twoRows.join('\n')
    await load(db, cut(all))
    await expect(load(db, cut(all))).rejects.toThrow(
      'the table entry must be empty, got rows: load into an empty database, or append',
    )
    const more = all.replaceAll('"a"', '"c"').replace('"A"', '"C"').replaceAll('"b"', '"d"')
    const lines = more.replace('"B"', '"D"').replace('[1,', '[2,')
    await load(db, cut(lines), { append: true })
    expect(await entry.select('id').orderBy('id')).toHaveLength(4)
    expect(await comment.select().orderBy('id')).toEqual([
      { id: 1, entry: 'a', content: '' },
      { id: 2, entry: 'c', content: '' },
    ])
    expect((await comment.insert({ entry: 'a' })).id).toBe(3)
  })

  test.each([
    [
      'a value that is too long',
      3,
      '["b","a title of more than twenty characters"]',
      /^line 4 of the dump: entry\.title must have at most 20 characters$/,
    ],
    [
      'a value of another type',
      5,
      '["1","a"]',
      /^line 6 of the dump: comment\.id must be an integer$/,
    ],
    [
      'null where it must not be',
      3,
      '["b",null]',
      /^line 4 of the dump: entry\.title must be a value, it is not nullable$/,
    ],
    [
      'a key that is there already',
      3,
      '["a","B"]',
      /^line 4 of the dump: id of entry must be unique, got a value that exists$/,
    ],
    [
      'a row that refers to nothing',
      5,
      '[1,"x"]',
      /^line 6 of the dump: a row of comment must refer to rows that the dump or the database has$/,
    ],
    [
      'a value too many',
      3,
      '["b","B","C"]',
      /^line 4 of the dump: a row of entry must have 2 values, got 3$/,
    ],
    [
      'what is no JSON',
      3,
      '["b","B"',
      /^line 4 of the dump must be a row or the name of a table, in JSON$/,
    ],
    [
      'a row before its table',
      1,
      '["a","A"]',
      /^line 2 of the dump must come behind a line that names its table$/,
    ],
    [
      'a table that the first line lacks',
      4,
      '{"table":"other"}',
      /^line 5 of the dump must name a table of the first line, got "other"$/,
    ],
    [
      'a count that is wrong',
      6,
      '{"rows":{"entry":3,"comment":1}}',
      /^the dump must have the 3 rows of entry that its last line tells, got 2$/,
    ],
    [
      'a dump that is cut off',
      6,
      '',
      /^the dump must end with its counts, but is cut off behind line 6$/,
    ],
    [
      'lines behind the end',
      6,
      '{"rows":{"entry":2,"comment":1}}\n["c"]',
      /^line 8 of the dump must not be there: the dump has ended before it$/,
    ],
    [
      'another format',
      0,
      '{"robaccia":"dump","version":2,"tables":{}}',
      /^the dump must begin with the line that names its tables, got something else$/,
    ],
    [
      'an unknown table',
      0,
      '{"robaccia":"dump","version":1,"tables":{"person":["id"]}}',
      /^the tables of the dump must be among comment, entry, got "person"$/,
    ],
    [
      'an unknown column',
      0,
      '{"robaccia":"dump","version":1,"tables":{"entry":["id","name"]}}',
      /^the dump's columns of entry must be among id, title, got "name"$/,
    ],
    [
      'a column that is missing',
      0,
      '{"robaccia":"dump","version":1,"tables":{"entry":["id"]}}',
      /^the dump must have entry\.title, which has no default$/,
    ],
  ])('names %s, and keeps nothing', async (_, index, line, message) => {
    const { db } = await opened(open)
    const { entry } = blog(db)
    await db.create()
    const failing = load(db, cut(twoRows.with(index, line).join('\n')))
    await expect(failing).rejects.toThrow(LoadError)
    await expect(failing).rejects.toThrow(message)
    expect(await entry.select().count()).toBe(0)
  })

  test('says, as dump does, which table must be made first', async () => {
    const { db } = await opened(open)
    blog(db)
    await expect(load(db, cut(twoRows.join('\n')))).rejects.toThrow(
      'the database must have table comment, which the model has: make it first',
    )
    await expect(dumped(db)).rejects.toThrow('the database must have table comment')
  })

  test('refuses bytes that are no UTF-8', async () => {
    const { db } = await opened(open)
    blog(db)
    await db.create()
    async function* input() {
      yield `${twoRows.slice(0, 3).join('\n')}\n`
      yield Uint8Array.of(0x22, 0xff)
    }
    await expect(load(db, input())).rejects.toThrow(/^line 4 of the dump must be UTF-8/)
  })

  test('fills in what the dump lacks', async () => {
    const { db } = await opened(open)
    const item = db.table('item', {
      id: increments(),
      code: uuid().default(randomUuid()),
      n: integer().default(3),
      note: text().nullable(),
    })
    await db.create()
    const header = '{"robaccia":"dump","version":1,"tables":{"item":[]}}'
    await load(db, cut([header, '{"table":"item"}', '[]', '[]', '{"rows":{"item":2}}'].join('\n')))
    const [first, second] = await item.select()
    expect(first).toMatchObject({ n: 3, note: null })
    expect(first?.code).not.toBe(second?.code)
  })
})

describe.each(databases)('dump on $name', ({ open }) => {
  test('writes referred tables first, and only those that are wanted', async () => {
    const { db } = await opened(open)
    blog(db)
    await db.create()
    await load(db, cut(twoRows.join('\n')))
    const [header, ...lines] = (await dumped(db)).trimEnd().split('\n')
    expect(header).toBe(
      '{"robaccia":"dump","version":1,"tables":{"entry":["id","title"],"comment":["id","entry","content"]}}',
    )
    expect(lines).toEqual(twoRows.slice(1).with(4, '[1,"a",""]'))
    expect(await dumped(db, ['comment'])).not.toContain('entry"}')
    await expect(dumped(db, ['other'])).rejects.toThrow(
      new TypeError('a table to dump must be one of entry, comment, got "other"'),
    )
  })

  test('is of one moment, and lets others write meanwhile', async () => {
    const { db, url } = await opened(open)
    if (url === 'sqlite::memory:') return
    const { comment, entry } = blog(db)
    await db.create()
    await load(db, cut(twoRows.join('\n')))
    const other = database(url)
    onTestFinished(() => other.close())
    const theirs = blog(other)
    let all = ''
    await dump(db, async (some) => {
      if (some === '{"table":"comment"}\n') {
        await theirs.entry.insert({ id: 'late', title: 'Late' })
        await theirs.comment.insert({ entry: 'late' })
      }
      all += some
    })
    expect(all).not.toContain('late')
    expect(await comment.select().count()).toBe(2)
    expect(await entry.select().count()).toBe(3)
  })

  test('reads no further than what is written, also large rows', async () => {
    const { db } = await opened(open)
    const entry = db.table('entry', { id: integer().primary(), content: text() })
    await db.create()
    const count = 3000
    await entry.insert(
      Array.from({ length: count }, (_, id) => ({ id, content: `${id}`.padStart(2000, 'x') })),
    )
    let largest = 0
    const seen: [done: number, total: number][] = []
    const ids: unknown[] = []
    const onProgress = (done: number, total: number) => void seen.push([done, total])
    await dump(
      db,
      (some) => {
        largest = Math.max(largest, some.length)
        for (const line of some.trimEnd().split('\n')) {
          const value = JSON.parse(line) as unknown
          if (Array.isArray(value)) ids.push(value[0])
        }
      },
      { onProgress },
    )
    expect(largest).toBeLessThan(600_000)
    expect(ids.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: count }, (_, id) => id),
    )
    expect(seen.at(-1)).toEqual([count, count])
  })

  test('says that a number can be in no dump', async () => {
    const { db } = await opened(open)
    if (db.dialect !== 'postgres') return
    db.table('item', { id: increments(), real: float() })
    await db.create()
    await db.knex('item').insert({ real: 'NaN' })
    await expect(dumped(db)).rejects.toThrow('item.real must be a finite number in every row')
  })
})
