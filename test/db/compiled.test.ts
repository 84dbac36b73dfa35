// Selects of one shape share their SQL: whatever they say, they must give what their own SQL would.
import { bigInteger, type Database, datetime, decimal, integer, page, string } from '@robaccia/db'
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

function tables(db: Database) {
  const columns = {
    id: integer().primary(),
    a: integer(),
    b: integer(),
    name: string(20).nullable(),
    big: bigInteger(),
    price: decimal(8, 2),
    at: datetime(),
  }
  return { item: db.table('item', columns), other: db.table('other', columns) }
}

describe.each(databases)('a select on $name', ({ open }) => {
  let opened: OpenDatabase
  let item: ReturnType<typeof tables>['item']
  let other: ReturnType<typeof tables>['other']
  const at = (day: number) => new Date(Date.UTC(2026, 0, day))

  fixture(open, tables, async (made) => {
    opened = made
    ;({ item, other } = made.tables)
    const rows = Array.from({ length: 30 }, (_, id) => ({
      id,
      a: id % 3,
      b: id % 5,
      name: id % 4 === 0 ? null : `name ${id % 4}`,
      big: BigInt(id) * 1_000_000_000_000n,
      price: `${id}.50`,
      at: at(id + 1),
    }))
    await item.insert(rows)
    await other.insert(rows.slice(0, 3))
  })

  /** How often Knex makes SQL while `work` runs. */
  async function compilations(work: () => PromiseLike<unknown>): Promise<number> {
    const { client } = opened.db.knex
    const spy = vi.spyOn(client, 'queryCompiler')
    try {
      await work()
      return spy.mock.calls.length
    } finally {
      spy.mockRestore()
    }
  }

  test('has its SQL made once, whatever its values are', async () => {
    const one = (id: number) => item.select().where({ id }).limit(1)
    await one(1)
    expect(await compilations(() => one(2))).toBe(0)
    expect(await compilations(() => item.select().where({ id: 3 }).first())).toBe(0)
    const list = () => page(item.select().orderBy('at', 'desc'), { size: 7 })
    const { next } = await list()
    expect(await compilations(list)).toBe(0)
    const after = (cursor = next) => page(item.select().orderBy('at', 'desc'), { after: cursor })
    const second = await after()
    expect(second.rows[0]?.id).toBe(22)
    expect(await compilations(() => after())).toBe(0)
  })

  test('has its limit in its SQL on SQLite, which would plan it anew for each that is bound', async () => {
    const limited = (limit: number) => item.select().limit(limit)
    await limited(1)
    const isSqlite = opened.db.dialect === 'sqlite'
    expect(await compilations(() => limited(2))).toBe(isSqlite ? 1 : 0)
    expect(await limited(3)).toHaveLength(3)
    const sent: string[] = []
    const listen = ({ sql }: { sql: string }) => void sent.push(sql)
    opened.db.knex.on('query', listen)
    await limited(3)
    opened.db.knex.off('query', listen)
    expect(sent).toEqual([expect.stringMatching(isSqlite ? / limit 3$/ : / limit (?:\?|\$1)$/)])
  })

  test('keeps values in their places, also equal ones', async () => {
    const find = async (a: number, b: number, limit = 30) =>
      (await item.select('id').where({ a, b }).orderBy('id').limit(limit)).map(({ id }) => id)
    expect(await find(1, 1)).toEqual([1, 16])
    expect(await find(1, 2)).toEqual([7, 22])
    expect(await find(2, 1)).toEqual([11, 26])
    expect(await find(2, 2, 2)).toEqual([2, 17])
    expect(await find(2, 2, 1)).toEqual([2])
  })

  test('of the same words on another table, or with other columns, is another', async () => {
    expect(await item.select('id').where({ a: 0 })).toHaveLength(10)
    expect(await other.select('id').where({ a: 0 })).toHaveLength(1)
    expect(await item.select('id', 'b').where({ id: 7 })).toEqual([{ id: 7, b: 2 }])
    expect(await item.select('b', 'id').where({ id: 7 })).toEqual([{ b: 2, id: 7 }])
    expect(await item.select('id').where({ b: 2 }).count()).toBe(6)
    const joined = (as: string) =>
      item.select('id').join(other, 'id', 'id', { as }).where({ id: 1 }).first()
    for (let time = 0; time < 2; time++) {
      expect(await joined('x')).toHaveProperty('x.id', 1)
      expect(await joined('y')).toHaveProperty('y.id', 1)
    }
  })

  test('with a value that the column can not hold finds nothing, and one that it can is found', async () => {
    const find = (a: number) => item.select().where({ a }).count()
    const rows = async (id: number) => (await item.select('id').where({ id })).length
    expect([await find(1), await rows(1), await rows(99_999_999_999), await rows(2)]).toEqual([
      10, 1, 0, 1,
    ])
    const wrong = item.select().where('a', '>', 99_999_999_999)
    await expect(Promise.resolve(wrong)).rejects.toThrow(RangeError)
  })

  test('takes any text for a value', async () => {
    for (const name of ['\u{E000}parameter 0\u{E000}', '?', ':name', "'; drop table item; --"]) {
      expect(await item.select().where({ name }).orWhere({ id: 1 })).toHaveLength(1)
    }
  })

  type Query = ReturnType<typeof item.select<'id'>>
  type Add = (query: Query) => Query
  const number = fc.integer({ min: -1, max: 30 })
  const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=')
  const name = fc.constantFrom(null, 'name 1', 'name 2', 'nobody')
  const simple: fc.Arbitrary<Add> = fc.oneof(
    number.map(
      (a): Add =>
        (query) =>
          query.where({ a }),
    ),
    fc.tuple(operator, number).map(
      ([by, b]): Add =>
        (query) =>
          query.where('b', by, b),
    ),
    name.map(
      (value): Add =>
        (query) =>
          query.where({ name: value }),
    ),
    name.map(
      (value): Add =>
        (query) =>
          query.whereNot({ name: value }),
    ),
    fc.tuple(operator, number).map(
      ([by, n]): Add =>
        (query) =>
          query.where('big', by, BigInt(n) * 1_000_000_000_000n),
    ),
    fc.tuple(operator, number).map(
      ([by, n]): Add =>
        (query) =>
          query.where('price', by, `${Math.abs(n)}.50`),
    ),
    fc.tuple(operator, number).map(
      ([by, n]): Add =>
        (query) =>
          query.where('at', by, at(Math.abs(n))),
    ),
    fc.array(number, { maxLength: 4 }).map(
      (ids): Add =>
        (query) =>
          query.whereIn('id', ids),
    ),
    fc.constantFrom('name%', '%2', '\\%', 'x').map(
      (pattern): Add =>
        (query) =>
          query.where('name', 'like', pattern),
    ),
    fc.constant<Add>((query) => query.whereNull('name')),
    fc.tuple(number, number).map(
      ([a, b]): Add =>
        (query) =>
          query.where((both) => both.where({ a }).orWhere({ b })),
    ),
    number.map(
      (id): Add =>
        (query) =>
          query.orWhere({ id }),
    ),
  )
  const anything = fc.record({
    conditions: fc.array(simple, { maxLength: 4 }),
    direction: fc.constantFrom('asc', 'desc'),
    limit: fc.option(fc.integer({ min: 0, max: 9 })),
    offset: fc.option(fc.integer({ min: 0, max: 9 })),
  })

  test('gives what its own SQL gives', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async ({ conditions, direction, limit, offset }) => {
        let query: Query = item.select('id')
        for (const add of conditions) query = add(query)
        query = query.orderBy('id', direction)
        if (limit !== null) query = query.limit(limit)
        if (limit !== null && offset !== null) query = query.offset(offset)
        expect(await query).toEqual([...(await query.knex)])
      }),
      { numRuns: 150 },
    )
  })
})
