import { bigInteger, type Database, decimal, float, increments, integer } from '@robaccia/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

function makeTable(db: Database) {
  return db.table('item', {
    id: increments(),
    n: integer().default(0),
    m: integer().default(0),
    big: bigInteger().default(0n),
    price: decimal(18, 2).default('0'),
    ratio: float().default(0),
    none: integer().nullable(),
  })
}

describe.each(databases)('increment on $name', ({ open }) => {
  let opened: OpenDatabase
  let item: ReturnType<typeof makeTable>
  fixture(open, makeTable, (made) => {
    opened = made
    item = made.tables
  })
  beforeEach(async () => {
    await item.delete().all()
    await item.insert({})
  })

  const now = () => item.select().first()
  const update = () => item.update().all()

  test('adds and takes away, 1 unless told otherwise', async () => {
    await update().increment('n').increment('big').increment('price').increment('ratio')
    expect(await now()).toMatchObject({ n: 1, big: 1n, price: '1.00', ratio: 1 })
    await update().decrement('n', 5).decrement('big').decrement('price', '0.10').decrement('ratio')
    expect(await now()).toMatchObject({ n: -4, big: 0n, price: '0.90', ratio: 0 })
    await update().decrement('n', -5).increment('price', '-0.90')
    expect(await now()).toMatchObject({ n: 1, price: '0.00' })
  })

  test('is exact for large numbers', async () => {
    const most = 2n ** 63n - 1n
    await update().increment('big', most).increment('price', '9999999999999999.98')
    expect(await now()).toMatchObject({ big: most, price: '9999999999999999.98' })
    await update().decrement('big', 1n).increment('price', '0.01')
    expect(await now()).toMatchObject({ big: most - 1n, price: '9999999999999999.99' })
    await update()
      .decrement('big', most - 1n)
      .decrement('price', '9999999999999999.98')
    expect(await now()).toMatchObject({ big: 0n, price: '0.01' })
  })

  test('leaves null as it is', async () => {
    await update().increment('none').increment('n')
    expect(await now()).toMatchObject({ none: null, n: 1 })
  })

  test('gives back what it made', async () => {
    expect(await update().increment('n', 2).returning('n')).toEqual([{ n: 2 }])
  })

  test.each([
    ['n', 2 ** 31 - 1, 'must be an integer from -2147483648 to 2147483647'],
    ['big', 2n ** 63n - 1n, 'must fit in 64 bits'],
    ['price', '9999999999999999.99', 'must have at most 16 digits before its point and 2 after it'],
    ['ratio', Number.MAX_VALUE, 'must be finite'],
  ] as const)('says that %s could not hold a sum', async (name, most, rule) => {
    const message = `item.${name} ${rule}, got a sum that it could not hold`
    for (const query of [
      update().increment(name as 'n', most as never),
      update().decrement(name as 'n', most as never),
    ]) {
      await query
      for (const again of [query, query.returning('id')]) {
        // The least integer is one lower than the highest is high.
        const over = Promise.resolve(again).then(() => query)
        await expect(over).rejects.toMatchObject({ name: 'RangeError', message })
      }
      await item.update({ n: 0, big: 0n, price: '0', ratio: 0 }).all()
    }
  })

  test('names the column of several, where the database does', async () => {
    const over = update()
      .increment('m')
      .increment('n', 2 ** 31 - 1)
    await over
    await expect(Promise.resolve(over)).rejects.toThrow(
      opened.db.dialect === 'postgres'
        ? /^item\.m must be .*, and item\.n must be .*, got a sum/
        : /^item\.n must be an integer from -2147483648 to 2147483647, got a sum/,
    )
    expect(await now()).toMatchObject({ m: 1, n: 2 ** 31 - 1 })
  })
})
