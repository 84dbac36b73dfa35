// The table of kinds in the package's README, held: its SQL types and stored forms are read back from
// each database, and the edges of each kind make the round trip.
import { readFileSync } from 'node:fs'
import {
  bigInteger,
  boolean,
  database,
  date,
  datetime,
  decimal,
  float,
  integer,
  json,
  now,
  randomUuid,
  string,
  text,
  uuid,
  increments,
  type Database,
  type Dialect,
} from '@robaccia/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'

const readme = readFileSync(new URL('../../packages/db/README.md', import.meta.url), 'utf8')
const [, section = ''] = readme.split('\n## Kinds of columns\n')
const [kindsTable = ''] = section.split('\n## ')

const columns = {
  string: string(100),
  text: text(),
  integer: integer(),
  bigInteger: bigInteger(),
  float: float(),
  decimal: decimal(18, 2),
  boolean: boolean(),
  date: date(),
  datetime: datetime(),
  json: json(),
  uuid: uuid(),
  increments: increments(),
}

// The same columns for tests that take any of them: typed as one whose value is unknown.
const anyColumns = columns as unknown as Record<keyof typeof columns, ReturnType<typeof json>>

interface ReadmeRow {
  readonly kind: keyof typeof columns
  readonly type: string
  readonly value: unknown
  readonly stored: Readonly<Record<Dialect, { readonly type: string; readonly form: string }>>
}

const rows: readonly ReadmeRow[] = kindsTable
  .split('\n')
  .filter((line) => /^\| `\w+(?:<T>)?\([^`]*\)` +\| `/.test(line))
  .map((line) => {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, code]) => code ?? ''))
    const [[kind] = [], [type] = [], [value] = [], ...stored] = cells
    const [sqlite, postgres, mysql] = stored.map(([sql = '', form = '']) => ({ type: sql, form }))
    return {
      kind: kind?.replace(/\W.*/, '') as keyof typeof columns,
      type: type ?? '',
      // oxlint-disable-next-line typescript/no-implied-eval -- the README's own text, as the value that it shows
      value: new Function(`return (${value})`)(),
      stored: { sqlite, postgres, mysql } as ReadmeRow['stored'],
    }
  })

/** The SQL type that the database itself says a column has. */
async function typeOf(db: Database, column: string): Promise<string> {
  const sql = {
    sqlite: `select type from pragma_table_info('everything') where name = '${column}'`,
    postgres: `select format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = 'everything'::regclass and attname = '${column}'`,
    mysql: `select column_type as type from information_schema.columns
      where table_schema = database() and table_name = 'everything' and column_name = '${column}'`,
  }[db.dialect]
  const [row] = await raw(db, sql)
  // MariaDB tells the widths of integers, MySQL 8 does not; and its json is a longtext.
  return String(row?.['type'])
    .toLowerCase()
    .replace(/^(int|bigint)\(\d+\)/, '$1')
}

async function storedForm(db: Database, column: string): Promise<string> {
  const type = db.dialect === 'mysql' ? 'char' : 'text'
  const name = db.dialect === 'mysql' ? `\`${column}\`` : `"${column}"`
  const [row] = await raw(db, `select cast(${name} as ${type}) as form from everything`)
  return String(row?.['form'])
}

async function raw(db: Database, sql: string): Promise<readonly Record<string, unknown>[]> {
  const answer = await db.knex.raw(sql)
  return { sqlite: answer, postgres: answer.rows, mysql: answer[0] }[db.dialect]
}

test('the README has a row for each kind', () => {
  expect(rows.map(({ kind }) => kind).toSorted()).toEqual(Object.keys(columns).toSorted())
})

describe.each(databases)('on $name', ({ open }) => {
  let opened: OpenDatabase
  beforeAll(async () => {
    opened = await open()
    const everything = opened.db.table('everything', columns)
    await opened.db.create()
    await everything.insert(
      Object.fromEntries(rows.map(({ kind, value }) => [kind, value])) as never,
    )
  })
  afterAll(() => opened.remove())

  test.each(rows)('$kind is stored as the README says', async ({ kind, type, value, stored }) => {
    const { db } = opened
    const said = stored[db.dialect]
    expect(await typeOf(db, kind)).toBe(said.type)
    expect(await storedForm(db, kind)).toBe(said.form)

    const everything = db.tables[0] as unknown as {
      select(): { first(): Promise<Record<string, unknown>> }
    }
    const read = (await everything.select().first())[kind]
    expect(read).toEqual(value)
    expect(read instanceof Date ? 'Date' : kind === 'json' ? 'T' : typeof read).toBe(type)
  })
})

const edges = {
  string: ['', ' a ', "it's", '\\', '🦀'.repeat(100), 'Ä\n\t"%_?'],
  text: ['', 'é'.repeat(100_000), 'a\r\nb', '? ?? :x $1'],
  integer: [-(2 ** 31), -1, 0, 2 ** 31 - 1],
  bigInteger: [-(2n ** 63n), -9007199254740993n, 0n, 9007199254740993n, 2n ** 63n - 1n],
  float: [-Number.MAX_VALUE, -0.1, 0, Number.EPSILON, 1 / 3, 123456789.123, Number.MAX_VALUE],
  decimal: [
    '-9999999999999999.99',
    '-0.05',
    '0.00',
    '0.05',
    '9.99',
    '10.00',
    '9999999999999999.99',
  ],
  boolean: [false, true],
  date: ['0001-01-01', '1969-12-31', '2024-02-29', '9999-12-31'],
  datetime: [
    '0001-01-01T00:00:00.000Z',
    '1883-11-18T12:03:57.001Z',
    '1969-12-31T23:59:59.999Z',
    '2026-03-29T01:30:00.120Z',
    '9999-12-31T23:59:59.999Z',
  ].map((iso) => new Date(iso)),
  json: [{}, [], [1, { a: [null, 'é\n"\\u0000'] }], 'text', 0, false, 1e21, { z: 1, a: 2 }],
  uuid: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
} as const

/** Kinds whose edges stand in their order, and can be compared. */
const ordered = ['integer', 'bigInteger', 'float', 'decimal', 'date', 'datetime', 'uuid'] as const

describe.each(databases)('edges on $name', ({ open }) => {
  let opened: OpenDatabase
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.remove())

  test.each(Object.keys(edges) as (keyof typeof edges)[])(
    '%s makes the round trip, in rows and in conditions',
    async (kind) => {
      const { db } = opened
      const table = db.table(`edge_${kind}`, {
        id: integer().primary(),
        value: anyColumns[kind],
        empty: anyColumns[kind].nullable(),
      })
      await db.create()
      const values: readonly unknown[] = edges[kind]
      const given = values.map((value, id) => ({ id, value, empty: null }))
      expect(await table.insert(given)).toEqual(given)
      expect(await table.select().orderBy('id')).toEqual(given)
      expect(await table.select().whereNull('empty').count()).toBe(values.length)
      if (kind === 'json') return

      for (const row of given) {
        expect(await table.select().where({ value: row.value })).toEqual([row])
        expect(await table.select().whereIn('value', [row.value] as never[])).toEqual([row])
      }
    },
  )

  test.each(ordered)('%s is compared and ordered by its value', async (kind) => {
    const { db } = opened
    const table = db.table(`order_${kind}`, {
      id: integer().primary(),
      value: anyColumns[kind],
    })
    await db.create()
    const values: readonly unknown[] = edges[kind]
    await table.insert(values.map((value, id) => ({ id, value })).toReversed())
    const sorted = await table.select().orderBy('value')
    expect(sorted.map(({ value }) => value)).toEqual(values)
    for (const [id, value] of values.entries()) {
      expect(await table.select().where('value', '<', value).count()).toBe(id)
      expect(await table.select().where('value', '>=', value).count()).toBe(values.length - id)
    }
  })

  test('strings are compared by case and ordered by code points', async () => {
    const { db } = opened
    const word = db.table('word', { id: string(20).primary() })
    await db.create()
    await word.insert(['b', 'a', 'B', 'é', '🦀', 'ａ'].map((id) => ({ id })))
    const sorted = await word.select().orderBy('id')
    expect(sorted.map(({ id }) => id)).toEqual(['B', 'a', 'b', 'é', 'ａ', '🦀'])
    expect(await word.select().where({ id: 'b' })).toEqual([{ id: 'b' }])
    await word.insert([{ id: '5%' }, { id: '50' }])
    expect(await word.select().where('id', 'like', '5\\%')).toEqual([{ id: '5%' }])
    if (db.dialect !== 'postgres') return
    // A server whose own collation is C would sort like that anyway.
    const [column] = await raw(
      db,
      "select collation_name from information_schema.columns where table_name = 'word' and table_schema = current_schema()",
    )
    expect(column?.['collation_name']).toBe('C')
  })

  test('a bigint beyond 2^53 is neither lost nor rounded', async () => {
    const { db } = opened
    const big = db.table('big', { id: bigInteger().primary(), n: bigInteger().default(0n) })
    await db.create()
    await big.insert({ id: 9007199254740993n })
    await big.update({ n: 9007199254740992n }).where({ id: 9007199254740993n })
    await big.update().increment('n').where({ id: 9007199254740993n })
    expect(await big.select()).toEqual([{ id: 9007199254740993n, n: 9007199254740993n }])
    expect(await big.select().where({ n: 9007199254740992n }).count()).toBe(0)
    await big.insert({ id: 9007199254740992n })
    const changed = big.update({ n: 1n }).where({ id: 9007199254740992n }).returning('id')
    expect(await changed).toEqual([{ id: 9007199254740992n }])
    await big.delete().where({ id: 9007199254740992n })
    await big.update().increment('n', -9007199254740993n).all()
    expect((await big.select().first())?.n).toBe(0n)
    await big.update({ n: 2n ** 63n - 1n }).all()
    await expect(Promise.resolve(big.update().increment('n').all())).rejects.toThrow()
    expect((await big.select().first())?.n).toBe(2n ** 63n - 1n)
  })

  test('a decimal is added to exactly', async () => {
    const { db } = opened
    const account = db.table('account', { id: integer().primary(), sum: decimal(18, 2) })
    await db.create()
    await account.insert({ id: 1, sum: '1234567890123456.78' })
    await account.update().increment('sum', '0.01').where({ id: 1 })
    expect((await account.select().first())?.sum).toBe('1234567890123456.79')
  })

  test('the default of the database has the one stored form', async () => {
    const { db } = opened
    const log = db.table('log', {
      id: integer().primary(),
      at: datetime().default(now()),
      day: date().default(now()),
      note: string(50).default('it\'s 100% "\\" ?'),
      long: string(5000).default("\\'?"),
      ok: boolean().default(true),
      price: decimal(5, 2).default('-1.50'),
      big: bigInteger().default(-(2n ** 63n)),
      data: json<{ a: string }>().default({ a: "'?\\" }),
      ratio: float().default(0.1),
      from: datetime().default(new Date('2026-01-02T03:04:05.006Z')),
      key: uuid().nullable().default(randomUuid()),
    })
    await db.create()
    const before = Date.now()
    await db.transaction(async () => {
      // Another program's session may be in any time zone.
      if (db.dialect === 'mysql') await db.knex.raw("set time_zone = '+05:00'")
      if (db.dialect === 'postgres') await db.knex.raw("set local time zone 'Asia/Tokyo'")
      await db.knex('log').insert({ id: 1 })
      if (db.dialect === 'mysql') await db.knex.raw("set time_zone = '+00:00'")
    })
    const row = await log.select().first()
    expect(row).toEqual({
      id: 1,
      at: expect.any(Date),
      day: new Date().toISOString().slice(0, 10),
      note: 'it\'s 100% "\\" ?',
      long: "\\'?",
      ok: true,
      price: '-1.50',
      big: -(2n ** 63n),
      data: { a: "'?\\" },
      ratio: 0.1,
      from: new Date('2026-01-02T03:04:05.006Z'),
      key: null,
    })
    const at = row?.at ?? new Date(0)
    expect(Math.abs(at.getTime() - before)).toBeLessThan(5000)
    // Equality finds it, so its stored form is that of a bound value.
    expect(await log.select().where({ at }).count()).toBe(1)
    const { at: ours, ...rest } = await log.insert({ id: 2 })
    expect(rest).toEqual({
      ...row,
      id: 2,
      at: undefined,
      key: expect.stringMatching(/^[\da-f-]{36}$/),
    })
    expect(await log.select().where('at', ours).whereIn('id', [1, 2]).count()).toBeGreaterThan(0)
  })

  test('a text of 4 MiB fits', async () => {
    const { db } = opened
    const page = db.table('page', { id: integer().primary(), content: text() })
    await db.create()
    const content = 'Robaccia'.repeat(512 * 1024)
    await page.insert({ id: 1, content })
    expect((await page.select().first())?.content === content).toBe(true)
  })
})

test('json is not compared', async () => {
  const db = database('sqlite::memory:')
  const table = db.table('t', { value: json<string>() })
  expect(() => table.select().where('value', 'a')).toThrow('t.value must not be compared')
  expect(() => table.select().whereIn('value', ['a'])).toThrow('t.value must not be compared')
  await db.close()
})

describe('the rule of a kind', () => {
  const wrong: readonly [keyof typeof edges, unknown, RegExp][] = [
    ['string', 42, /^t\.value must be a string, got 42$/],
    ['string', 'x'.repeat(101), /^t\.value must have at most 100 characters, got "x{58}…$/],
    ['string', 'a\0b', /^t\.value must not contain U\+0000, got "a\\u0000b"$/],
    ['text', '\ud800', /must be well-formed Unicode/],
    ['integer', 2 ** 31, /must be an integer from -2147483648 to 2147483647, got 2147483648$/],
    ['integer', 1.5, /must be an integer, got 1\.5$/],
    ['integer', Number.NaN, /must be an integer, got NaN$/],
    ['integer', '1', /must be an integer, got "1"$/],
    ['bigInteger', 1, /must be a bigint, got 1$/],
    ['bigInteger', 2n ** 63n, /must fit in 64 bits, got 9223372036854775808n$/],
    ['float', Number.POSITIVE_INFINITY, /must be finite, got Infinity$/],
    ['float', Number.NaN, /must be a number, got NaN$/],
    ['decimal', 1.5, /must be a decimal number as a string/],
    ['decimal', '1e3', /must be a decimal number like '1\.50', got "1e3"$/],
    ['decimal', '1.555', /must have at most 16 digits before its point and 2 after it/],
    ['decimal', '12345678901234567', /must have at most 16 digits/],
    ['boolean', 1, /must be a boolean, got 1$/],
    ['date', '2026-02-30', /must be a day 'YYYY-MM-DD' of the years 0001 to 9999/],
    ['date', new Date(0), /must be a string 'YYYY-MM-DD', got 1970-01-01T00:00:00\.000Z$/],
    ['datetime', new Date(Number.NaN), /must be a valid Date, got an invalid Date$/],
    ['datetime', '2026-01-01', /must be a valid Date, got "2026-01-01"$/],
    ['datetime', new Date(8.64e15), /must be in the years 0001 to 9999/],
    ['json', () => 1, /must be what JSON can say, got a function$/],
    ['json', { n: 1n }, /must be what JSON can say, got an object$/],
    ['json', { a: ['\0'] }, /must contain neither U\+0000 nor lone surrogates/],
    ['uuid', 'x', /must be a UUID like/],
    ['uuid', null, /must be a value, it is not nullable, got null$/],
  ]

  test.each(wrong)('%s refuses %o', async (kind, value, message) => {
    const db = database('sqlite::memory:')
    const table = db.table('t', { value: anyColumns[kind] })
    await expect(Promise.resolve(table.insert({ value }))).rejects.toThrow(message)
    await db.close()
  })
})
