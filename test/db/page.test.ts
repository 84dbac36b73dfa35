import {
  bigInteger,
  boolean,
  type Database,
  database,
  date,
  datetime,
  decimal,
  float,
  increments,
  integer,
  json,
  page,
  type SelectQuery,
  string,
  uuid,
} from '@robaccia/db'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

function tables(db: Database) {
  const author = db.table('author', { id: increments(), name: string(20).unique() })
  const item = db.table('item', {
    group: string(20),
    number: integer(),
    id: integer().primary(),
    text: string(20).nullable(),
    count: integer().nullable(),
    big: bigInteger(),
    price: decimal(10, 2).nullable(),
    ratio: float().nullable(),
    done: boolean(),
    day: date(),
    moment: datetime().nullable(),
    key: uuid().nullable(),
    author: integer()
      .nullable()
      .references(() => author.id),
  })
  return { author, item }
}

/** All pages from the first on, and the cursor that gave the last. */
async function walk<C, R>(query: SelectQuery<C, R>, size: number) {
  const pages: R[][] = []
  let cursor: string | undefined
  for (;;) {
    const { rows, next } = await page(query, { after: cursor, size })
    pages.push(rows)
    if (next === undefined) return { pages, cursor }
    cursor = next
  }
}

/** The pages from that of a cursor back to the first. */
async function walkBack<C, R>(query: SelectQuery<C, R>, size: number, start: string | undefined) {
  const pages: R[][] = []
  for (let cursor = start; ;) {
    const { rows, previous } = await page(query, { after: cursor, size })
    pages.push(rows)
    if (previous === undefined) return pages
    cursor = previous
  }
}

const few = [null, 'a', 'A', 'ä', '', '😀', 'ab']
const items = fc.record({
  group: fc.constantFrom('x', 'y'),
  number: fc.integer({ min: -2, max: 2 }),
  text: fc.constantFrom(...few),
  count: fc.constantFrom(null, -1, 0, 2 ** 31 - 1),
  big: fc.constantFrom(0n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n),
  price: fc.constantFrom(null, '0.10', '-5.00', '99999999.99'),
  ratio: fc.constantFrom(null, 0.1, 0.2, 1 / 3, -1e300),
  done: fc.boolean(),
  day: fc.constantFrom('2026-03-29', '0001-01-01', '9999-12-31'),
  moment: fc.constantFrom(null, new Date(0), new Date(1), new Date('2026-03-29T01:30:00.120Z')),
  key: fc.constantFrom(
    null,
    'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    '00000000-0000-0000-0000-000000000000',
  ),
  author: fc.constantFrom(null, 1, 2),
})
const columns = ['group', 'number', 'text', 'count', 'big', 'price', 'ratio'] as const
const others = ['done', 'day', 'moment', 'key', 'author', 'id'] as const
const orders = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom(...columns, ...others, 'writer.name' as const),
    fc.constantFrom('asc' as const, 'desc' as const),
  ),
  { maxLength: 4, selector: ([name]) => name },
)

describe.each(databases)('page on $name', ({ open }) => {
  let opened: OpenDatabase
  let model: ReturnType<typeof tables>

  fixture(open, tables, async (made) => {
    opened = made
    model = made.tables
    await model.author.insert([
      { id: 1, name: 'Ann' },
      { id: 2, name: 'Bob' },
    ])
  })
  beforeEach(() => model.item.delete().all())

  const plain = { big: 0n, done: false, day: '2026-01-01', group: 'x', number: 1 }
  const add = (...ids: number[]) => model.item.insert(ids.map((id) => ({ ...plain, id })))
  const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id)

  test('gives every row once in any order, forth and back', async () => {
    const { author, item } = model
    await fc.assert(
      fc.asyncProperty(
        fc.array(items, { maxLength: 12 }),
        orders,
        fc.integer({ min: 1, max: 5 }),
        async (rows, by, size) => {
          await item.delete().all()
          await item.insert(rows.map((each, id) => ({ ...each, id })))
          let query = item.select().leftJoin(author, 'author', 'id', { as: 'writer' })
          for (const [name, direction] of by) query = query.orderBy(name, direction)
          const last = by.at(-1)?.[1] ?? 'asc'
          const all = await query.orderBy('id', last)
          const { pages, cursor } = await walk(query, size)
          expect(pages.flat()).toEqual(all)
          const back = await walkBack(query, size, cursor)
          expect(back).toEqual(pages.toReversed())
        },
      ),
      { numRuns: 40 },
    )
  })

  test('is not moved by rows that come and go', async () => {
    await add(1, 2, 3, 4, 5, 6)
    const query = model.item.select('id').orderBy('id')
    const first = await page(query, { size: 2 })
    await model.item.delete().whereIn('id', [1, 2, 3])
    await add(0)
    const second = await page(query, { after: first.next, size: 2 })
    expect(second.rows).toEqual([{ id: 4 }, { id: 5 }])
    const before = await page(query, { after: second.previous, size: 2 })
    expect([before.rows, before.previous]).toEqual([[{ id: 0 }, { id: 4 }], undefined])
  })

  test('leads back from where all further rows are gone', async () => {
    await add(1, 2, 3, 4, 5, 6)
    const query = model.item.select().orderBy('id')
    const { next } = await page(query, { size: 4 })
    await model.item.delete().whereIn('id', [5, 6])
    const empty = await page(query, { after: next, size: 2 })
    expect([empty.rows, empty.next]).toEqual([[], undefined])
    const back = await page(query, { after: empty.previous, size: 2 })
    expect(ids(back.rows)).toEqual([3, 4])
  })

  test('keeps to the conditions, whatever or is among them', async () => {
    await add(1, 2, 3, 4, 5, 6)
    const query = model.item.select().where({ id: 1 }).orWhere('id', '>', 3)
    const { pages } = await walk(query, 2)
    expect(pages.map(ids)).toEqual([
      [1, 4],
      [5, 6],
    ])
  })

  test('gives the columns that are selected and no others', async () => {
    await add(1, 2)
    const query = model.item.select('number').orderBy('day')
    const { rows, next } = await page(query, { size: 1 })
    expect(rows).toEqual([{ number: 1 }])
    expect((await page(query, { after: next, size: 1 })).rows).toEqual([{ number: 1 }])
  })

  test('gives each row of a join once', async () => {
    const { author, item } = model
    await add(1, 2, 3)
    await item.update({ author: 1 }).all()
    const query = author.select('name').join(item, 'id', 'author').orderBy('name')
    const { pages } = await walk(query, 2)
    expect(pages.flat().map((each) => each.item.id)).toEqual([1, 2, 3])
  })

  test('sees what its transaction sees', async () => {
    const query = model.item.select()
    const count = await opened.db.transaction(async () => {
      await add(1)
      return (await page(query)).rows.length
    })
    expect(count).toBe(1)
  })
})

describe('page', () => {
  const db = database('sqlite::memory:')
  const entry = db.table('entry', { id: increments(), title: string(20), data: json().nullable() })
  const loose = db.table('loose', { title: string(20) })
  beforeAll(async () => {
    await db.create()
    for (let number = 0; number < 30; number++) await entry.insert({ title: `${number}` })
  })
  afterAll(() => db.close())

  test('has 20 rows unless told otherwise', async () => {
    expect((await page(entry.select())).rows).toHaveLength(20)
    expect((await page(entry.select(), { after: null, size: 30 })).next).toBeUndefined()
  })

  test.each([0, -1, 1001, 1.5, Number.NaN])('has no size %s', async (size) => {
    await expect(page(entry.select(), { size })).rejects.toThrow(
      `the size of a page must be an integer from 1 to 1000, got ${size}`,
    )
  })

  test('refuses what it can make no pages of', async () => {
    await expect(page(entry.select().limit(3))).rejects.toThrow('without limit and offset')
    await expect(page(loose.select())).rejects.toThrow('loose must have a primary key for page()')
    await expect(page(entry.select().orderBy('data'))).rejects.toThrow('must not be compared')
  })

  test('has cursors that a URL takes as they are', async () => {
    const { next } = await page(entry.select().orderBy('title'))
    expect(next).toMatch(/^[\w-]+$/)
  })

  const forged = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')

  test.each(['', 'x', '%%%', 'bnVsbA', forged('sideways', ''), forged(), 'a'.repeat(10_000)])(
    'answers 400 to a cursor that is none (%#)',
    async (after) => {
      await expect(page(entry.select(), { after })).rejects.toMatchObject({
        status: 400,
        expose: true,
        message: 'the cursor must be one that this list gave, got another text',
      })
    },
  )

  test('answers 400 to a cursor of another list', async () => {
    const { next } = await page(entry.select().orderBy('title'))
    for (const query of [entry.select(), entry.select().orderBy('title', 'desc')]) {
      await expect(page(query, { after: next })).rejects.toMatchObject({
        status: 400,
        message: "the cursor must be one that this list gave, got another list's",
      })
    }
  })

  test.each([
    [1, 1],
    ['1', null],
    ['1', 2 ** 40],
    ['1', { $gt: 0 }],
  ])(
    'answers 400 to a cursor with values that the columns could not have (%j, %j)',
    async (title, id) => {
      const { next = '' } = await page(entry.select().orderBy('title'))
      const [way, order] = JSON.parse(Buffer.from(next, 'base64url').toString())
      const after = forged(way, order, title, id)
      await expect(page(entry.select().orderBy('title'), { after })).rejects.toMatchObject({
        status: 400,
        message: expect.stringMatching(/got one with a value that (?:title|id) can't have$/),
      })
    },
  )
})
