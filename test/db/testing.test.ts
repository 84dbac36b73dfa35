import { atomic, compose, errors, selector, text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { database, type Database, increments, integer, string, UniqueViolation } from '@robaccia/db'
import { testDatabase } from '@robaccia/db/testing'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases } from './databases.js'
import { fixture } from './fixture.js'

function makeTable(db: Database) {
  return db.table('item', { id: increments(), name: string(20).unique(), n: integer().default(0) })
}

describe.each(databases)('testDatabase on $name', ({ open }) => {
  let db: Database
  let item: ReturnType<typeof makeTable>
  let hooks: ReturnType<typeof testDatabase>

  fixture(open, makeTable, async (made) => {
    db = made.db
    item = made.tables
    await item.insert({ name: 'fixture' })
    hooks = testDatabase(db)
  })
  afterAll(async () => {
    expect(await names()).toEqual(['fixture'])
  })
  beforeEach(() => hooks.begin())
  afterEach(() => hooks.rollback())

  const names = async () => (await item.select('name').orderBy('name')).map(({ name }) => name)

  test.each([1, 2])('undoes what a test wrote (%i)', async () => {
    expect(await names()).toEqual(['fixture'])
    await item.insert({ name: 'a' })
    await item.knex.insert({ name: 'b' })
    await item.delete().where({ name: 'fixture' })
    expect(await names()).toEqual(['a', 'b'])
  })

  test.each([1, 2])('undoes what the app’s own transactions committed (%i)', async () => {
    await db.transaction(() => item.insert({ name: 'a' }))
    const failing = db.transaction(async () => {
      await item.insert({ name: 'b' })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await names()).toEqual(['a', 'fixture'])
  })

  test('goes on after a violation', async () => {
    await expect(item.insert({ name: 'fixture' })).rejects.toThrow(UniqueViolation)
    expect(await names()).toEqual(['fixture'])
    await item.insert({ name: 'a' })
  })

  test('holds queries that come from elsewhere', async () => {
    await item.insert({ name: 'a' })
    const seen = await new Promise<string[]>((resolve, reject) => {
      setTimeout(() => void names().then(resolve, reject), 5)
    })
    expect(seen).toEqual(['a', 'fixture'])
  })

  test.each([1, 2])('undoes what stays outside of a request that is refused (%i)', async () => {
    const site = client(
      compose(
        errors(),
        atomic(db),
      )(
        selector().add('/', {
          POST: async (environ, startResponse) => {
            await item.insert({ name: 'inside' })
            await db.outside(() => item.insert({ name: 'outside' }))
            return text(environ, startResponse, 'no', { status: 403 })
          },
        }),
      ),
    )
    expect((await site.post('/')).status).toBe(403)
    expect(await names()).toEqual(['fixture', 'outside'])
  })

  test('takes queries that were made before it', async () => {
    const query = item.select().where({ name: 'a' })
    await item.insert({ name: 'a' })
    await hooks.rollback()
    hooks.begin()
    expect(await query).toEqual([])
  })

  test('refuses to close, and to begin twice', async () => {
    await expect(db.close()).rejects.toThrow('close() must be called after the rollback()')
    expect(() => hooks.begin()).toThrow('begin() must come after rollback(), got it twice')
  })
})

describe('testDatabase', () => {
  test('waits for queries that a test did not await', async () => {
    const db = database('sqlite::memory:')
    const item = makeTable(db)
    await db.create()
    const { begin, rollback } = testDatabase(db)
    begin()
    const settled = item.insert({ name: 'a' }).then((row) => row)
    await rollback()
    expect((await settled).name).toBe('a')
    expect(await item.select().count()).toBe(0)
    await rollback()
    await db.close()
  })
})
