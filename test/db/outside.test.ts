import { type Database, database, increments, integer, string } from '@robaccia/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

// Without a unique key: MariaDB locks the gaps between rows of one that were deleted lately.
function makeTable(db: Database) {
  return db.table('item', { id: increments(), name: string(20), n: integer().default(0) })
}

describe.each(databases)('outside on $name', ({ open }) => {
  let opened: OpenDatabase
  let db: Database
  let item: ReturnType<typeof makeTable>

  fixture(open, makeTable, (made) => {
    opened = made
    db = made.db
    item = made.tables
  })
  beforeEach(async () => void (await item.delete().all()))

  /** The same database by another that waits less. */
  async function impatiently(fn: (impatient: Database, its: typeof item) => Promise<unknown>) {
    const isAlone = db.dialect === 'sqlite'
    const other = isAlone ? db : database(opened.url, { busyTimeout: 200 })
    await fn(other, isAlone ? item : makeTable(other))
    if (!isAlone) await other.close()
  }
  const add = (name: string) => () => item.insert({ name })
  const names = async () => (await item.select('name').orderBy('name')).map(({ name }) => name)
  const failing = (fn: () => Promise<unknown>) => {
    const problem = new Error('the outer fails')
    const outer = db.transaction(async () => {
      await fn()
      throw problem
    })
    return expect(outer).rejects.toBe(problem)
  }

  test('stays when the transaction around it is rolled back', async () => {
    await failing(async () => {
      await item.insert({ name: 'inside' })
      const made = await db.outside(add('outside'))
      expect(made.name).toBe('outside')
    })
    expect(await names()).toEqual(['outside'])
  })

  test('stays once when the transaction around it is committed', async () => {
    await db.transaction(async () => {
      await item.insert({ name: 'inside' })
      await db.outside(add('outside'))
    })
    expect(await names()).toEqual(['inside', 'outside'])
  })

  test('stays when it comes before the first query, and when there is no transaction', async () => {
    await failing(async () => {
      await db.outside(add('first'))
      await item.insert({ name: 'inside' })
    })
    await db.outside(add('alone'))
    expect(await names()).toEqual(['alone', 'first'])
  })

  test('counts what is counted in it', async () => {
    const { id } = await item.insert({ name: 'attempts' })
    const attempt = () => item.update().increment('n').where({ id })
    await failing(async () => {
      await item.insert({ name: 'inside' })
      await db.outside(attempt)
      await db.outside(attempt)
    })
    await db.transaction(async () => {
      await item.insert({ name: 'second' })
      await db.outside(attempt)
    })
    expect((await item.select('n').where({ id }).first())?.n).toBe(3)
  })

  test('is all or nothing', async () => {
    await db.transaction(async () => {
      await item.insert({ name: 'inside' })
      const broken = db.outside(async () => {
        await item.insert({ name: 'outside' })
        throw new Error('no')
      })
      await expect(broken).rejects.toThrow('no')
    })
    expect(await names()).toEqual(['inside'])
  })

  test('stays from inside savepoints that are rolled back', async () => {
    await failing(async () => {
      await item.insert({ name: 'inside' })
      await failing(async () => {
        await item.insert({ name: 'savepoint' })
        await db.outside(add('outside'))
      })
      expect(await names()).toEqual(
        db.dialect === 'sqlite' ? ['inside', 'outside'] : expect.arrayContaining(['inside']),
      )
      await db.transaction(() => db.outside(add('second')))
    })
    expect(await names()).toEqual(['outside', 'second'])
  })

  test('nests', async () => {
    await failing(async () => {
      await item.insert({ name: 'inside' })
      await db.outside(async () => {
        await item.insert({ name: 'outside' })
        await db.outside(add('nested'))
      })
      const broken = db.outside(async () => {
        await item.insert({ name: 'broken' })
        await db.outside(add('kept'))
        throw new Error('no')
      })
      await expect(broken).rejects.toThrow('no')
    })
    expect(await names()).toEqual(['kept', 'nested', 'outside'])
  })

  test('does not wait for the connections of transactions', { timeout: 10_000 }, async () => {
    const one = (n: number) =>
      failing(async () => {
        await item.select()
        await new Promise((resolve) => setTimeout(resolve, 20))
        await db.outside(add(`${n}`))
      })
    const numbers = Array.from({ length: 15 }, (_, n) => n)
    await Promise.all(numbers.map(one))
    expect(await item.select().count()).toBe(15)
  })

  test('gives up a row that the transaction around it holds', async () => {
    const { id } = await item.insert({ name: 'a' })
    await impatiently(async (impatient, its) => {
      const change = () => its.update().increment('n').where({ id })
      const both = impatient.transaction(async () => {
        await change()
        await impatient.outside(change)
      })
      if (db.dialect === 'sqlite') return both
      await expect(both).rejects.toMatchObject({
        name: 'DatabaseError',
        message: expect.stringMatching(/^a row must be free in time, got locked/) as unknown,
      })
    })
    expect((await item.select('n').first())?.n).toBe(db.dialect === 'sqlite' ? 2 : 0)
  })

  test('says so when what stays can’t stay', async () => {
    const { id } = await item.insert({ name: 'taken' })
    await impatiently(async (impatient, its) => {
      const late = impatient.transaction(async () => {
        await its.delete().where({ id })
        await impatient.outside(() => its.insert({ id, name: 'again' }))
        throw new Error('no')
      })
      // A server has locked the row, SQLite finds it there when it runs this again.
      await expect(late).rejects.toMatchObject({
        name: 'DatabaseError',
        message: expect.stringMatching(
          db.dialect === 'sqlite' ? /^what was run by outside/ : /^a row must be free in time/,
        ) as unknown,
      })
    })
    expect(await names()).toEqual(['taken'])
  })
})
