// Connections: how many there are, how long they are waited for, what happens when one is lost, and at the end.
import {
  type Database,
  database,
  type DatabaseOptions,
  DatabaseError,
  integer,
  many,
  one,
  type SlowQuery,
  string,
} from '@robaccia/db'
import { beforeAll, afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

const isServer = ({ name }: { name: string }) => !name.startsWith('SQLite')
const closed = 'the database must be open, but close() was called'
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

function tableOf(db: Database) {
  return db.table('item', { id: integer().primary(), name: string(20).default('') })
}

test.each([
  [{ acquireTimeout: 0 }, 'acquireTimeout of a database must be an integer from 1 to 2147483647'],
  [{ closeTimeout: -1 }, 'closeTimeout of a database must be an integer from 0 to 2147483647'],
  [{ pool: { max: 0 } }, 'pool.max of a database must be an integer from 1 to 10000, got 0'],
  [
    { pool: { outside: 0 } },
    'pool.outside of a database must be an integer from 1 to 10000, got 0',
  ],
  [{ pool: { min: 3, max: 2 } }, 'pool.min of a database must be an integer from 0 to 2, got 3'],
  [
    { slowQuery: { threshold: 0.5, log() {} } },
    'slowQuery.threshold of a database must be an integer',
  ],
] satisfies [DatabaseOptions, string][])('the limits %j are refused', (options, message) => {
  expect(() => database('sqlite::memory:', options)).toThrow(message)
  expect(() => database('sqlite::memory:', options)).toThrow(RangeError)
})

test('a log of slow queries that is no function is refused', () => {
  // @ts-expect-error -- as from JavaScript
  const open = () => database('sqlite::memory:', { slowQuery: { threshold: 1, log: 'stderr' } })
  expect(open).toThrow('slowQuery.log of a database must be a function, got "stderr"')
})

describe.each(databases)('the pool of $name', ({ name, open }) => {
  let opened: OpenDatabase
  fixture(open, tableOf, async (made) => {
    opened = made
    await opened.db.knex('item').insert({ id: 1, name: 'one' })
  })

  /** The database by another pool; one in memory is another database. */
  async function another(options: DatabaseOptions) {
    const db = database(opened.url, options)
    const item = tableOf(db)
    if (name === 'SQLite memory') {
      await db.create()
      await item.insert({ id: 1, name: 'one' })
    }
    onTestFinished(() => db.close().catch(() => {}))
    return { db, item }
  }

  test('says that no connection got free, and how long it waited', async () => {
    const { db, item } = await another({ pool: { max: 1 }, acquireTimeout: 1000 })
    // Outside of any transaction, though it is called within one.
    let query: () => Promise<unknown> = async () => {}
    const ready = new Promise<void>((resolve) => {
      void Promise.resolve().then(() => {
        query = () => Promise.resolve(item.select())
        resolve()
      })
    })
    await ready
    let release: () => void = () => {}
    let hold: () => void = () => {}
    const holding = new Promise<void>((resolve) => (hold = resolve))
    const held = db.transaction(async () => {
      await item.select()
      hold()
      await new Promise<void>((resolve) => (release = resolve))
    })
    await holding
    const error: unknown = await query().catch((reason: unknown) => reason)
    release()
    await held
    expect(error).toBeInstanceOf(DatabaseError)
    expect(String(error)).toMatch(
      isServer({ name })
        ? /^DatabaseError: one of the 1 connections to \S+ must be free within 1 s, got none: raise pool\.max/
        : /^DatabaseError: the connection to \S+ must be free within 1 s, got one in use/,
    )
    expect(await item.select()).toHaveLength(1)
  })

  test('close lets end what runs, transactions with their next queries too, and refuses what is new', async () => {
    const { db, item } = await another({})
    const done: string[] = []
    const transaction = db.transaction(async () => {
      await item.select()
      await sleep(50)
      await item.insert({ id: 2 })
      await item.delete().where({ id: 2 })
      done.push('transaction')
    })
    const queued = Array.from({ length: 15 }, async () => {
      expect(await item.select()).toHaveLength(1)
      done.push('query')
    })
    await sleep(10)
    const closing = db.close()
    await expect(Promise.resolve(item.select())).rejects.toThrow('close() was called')
    await Promise.all([closing, transaction, ...queued])
    expect(done).toHaveLength(16)
    await db.close()
  })

  test('close cuts off what takes too long, and says so', async () => {
    const { db, item } = await another({ closeTimeout: 50, pool: { max: 1 } })
    let release: () => void = () => {}
    const stuck = db.transaction(async () => {
      await item.insert({ id: 3 })
      await new Promise<void>((resolve) => (release = resolve))
      await item.insert({ id: 4 })
    })
    stuck.catch(() => {})
    await sleep(100)
    const waiting = Promise.allSettled(Array.from({ length: 12 }, () => item.insert({ id: 3 })))
    await sleep(10)
    const closing = db.close()
    const second = db.close()
    await expect(closing).rejects.toThrow(
      /^what runs on \S+ must end within 0\.05 s of close\(\), got some that did not: it was cut off$/,
    )
    // The first was told.
    await second
    await db.close()
    release()
    await expect(stuck).rejects.toThrow(DatabaseError)
    for (const end of await waiting) {
      expect(end).toMatchObject({ reason: { name: 'DatabaseError', message: closed } })
    }
    const { item: again } = name === 'SQLite memory' ? await another({}) : { item: undefined }
    const rows = again ? await again.select('id') : await opened.db.knex('item').select('id')
    expect(rows).toEqual([{ id: 1 }])
  })

  test('tells of slow queries without their values', async () => {
    const slow: SlowQuery[] = []
    const log = vi.fn((query: SlowQuery) => void slow.push(query))
    const { db, item } = await another({ slowQuery: { threshold: 0, log } })
    await item.select().where({ name: 's3cret' })
    await item.update({ name: 's3cret' }).where({ id: 9 })
    await Promise.resolve(item.insert({ id: 1, name: 's3cret' })).catch(() => {})
    const all = slow.map(({ sql }) => sql).join('\n')
    expect(all).toMatch(/select .* from .item.[^]*update .item. set[^]*insert into .item./)
    expect(all).not.toContain('s3cret')
    expect(slow.every(({ milliseconds }) => milliseconds > 0 && milliseconds < 10_000)).toBe(true)
    const { item: patient } = await another({ slowQuery: { threshold: 60_000, log } })
    log.mockClear()
    await patient.select()
    expect(log).not.toHaveBeenCalled()
    await db.close()
  })

  test('a log that throws makes a warning, and no query fails', async () => {
    const warning = new Promise<Error>((resolve) => process.once('warning', resolve))
    const log = () => {
      throw new Error('no disk')
    }
    const { item } = await another({ slowQuery: { threshold: 0, log } })
    expect(await item.select()).toHaveLength(1)
    expect((await warning).message).toContain('slowQuery.log of a database must not throw')
  })
})

describe.each(databases.filter(isServer))('a lost connection of $name', ({ open }) => {
  let opened: OpenDatabase
  let db: Database
  let item: ReturnType<typeof tableOf>
  let admin: Database

  beforeAll(async () => {
    opened = await open()
    db = database(opened.url, { pool: { max: 2 } })
    item = tableOf(db)
    admin = opened.db
    await db.create()
    await item.insert({ id: 1, name: 'one' })
  })
  afterAll(async () => {
    await db.close()
    await opened.remove()
  })

  const isPostgres = () => db.dialect === 'postgres'

  /** The session that a query would have. */
  async function session(): Promise<number> {
    const sql = isPostgres() ? 'select pg_backend_pid() as id' : 'select connection_id() as id'
    // One that was ended just now may not be known as such yet.
    const answer = await db.knex.raw(sql).catch(() => db.knex.raw(sql))
    return Number((isPostgres() ? answer.rows : answer[0])[0].id)
  }

  async function kill(id: number): Promise<void> {
    await admin.knex.raw(isPostgres() ? 'select pg_terminate_backend(?)' : 'kill ?', [id])
  }

  /** Keeps all others from the table until it is called off. */
  async function lock(): Promise<() => Promise<void>> {
    const transaction = await admin.knex.transaction()
    await transaction.raw(
      isPostgres() ? 'lock table item in access exclusive mode' : 'lock tables item write',
    )
    return async () => {
      if (!isPostgres()) await transaction.raw('unlock tables')
      await transaction.rollback()
    }
  }

  /** What the server says that a session does; undefined if there is none. */
  async function doing(id: number): Promise<string | undefined> {
    const answer = await admin.knex.raw(
      isPostgres()
        ? 'select wait_event_type as doing from pg_stat_activity where pid = ?'
        : 'select state as doing from information_schema.processlist where id = ?',
      [id],
    )
    const [row] = isPostgres() ? answer.rows : answer[0]
    return row && String(row.doing)
  }

  const waits = async (id: number) => /lock/i.test((await doing(id)) ?? '')
  const lives = async (id: number) => (await doing(id)) !== undefined

  /** Ends the session of a statement while it waits for the table. */
  async function killed<Result>(work: () => PromiseLike<Result>): Promise<Result> {
    const id = await session()
    const unlock = await lock()
    try {
      const answer = Promise.resolve(work())
      answer.catch(() => {})
      await expect.poll(() => waits(id)).toBe(true)
      await kill(id)
      await expect.poll(() => lives(id)).toBe(false)
      await sleep(100)
      await unlock()
      return await answer
    } catch (error) {
      await unlock().catch(() => {})
      throw error
    }
  }

  test('of a read is replaced, and the read runs again', async () => {
    expect(await killed(() => item.select())).toEqual([{ id: 1, name: 'one' }])
    expect(await killed(() => item.select().first())).toEqual({ id: 1, name: 'one' })
    expect(await killed(() => item.select().count())).toBe(1)
  })

  test('of a read with its relations is replaced, and all of it is read again', async () => {
    const part = db.table('part', { item: integer().references(() => item.id) })
    await db.create()
    const parts = part.select()
    const whole = item.select('id').with({ parts: many(parts, 'item') })
    expect(await killed(() => whole)).toEqual([{ id: 1, parts: [] }])
    const others = part.select().with({ of: one(item.select('name'), 'item') })
    await part.insert({ item: 1 })
    expect(await killed(() => others)).toEqual([{ item: 1, of: { name: 'one' } }])
  })

  test('that nobody used is replaced, also for a write and a transaction', async () => {
    for (let round = 0; round < 5; round++) {
      await kill(await session())
      expect(await item.select().count()).toBe(1)
      await kill(await session())
      await db.transaction(() => item.update({ name: 'one' }).where({ id: 1 }))
    }
    await kill(await session())
    await sleep(50)
    expect(await item.update({ name: 'one' }).where({ id: 1 })).toBe(1)
  })

  const lost = /^the connection to \S+ must last, got lost.*: what ran on it may be done or not$/

  test('of a write is an error that says that it may be done or not', async () => {
    const write = killed(() => item.update({ name: 'two' }).where({ id: 1 }))
    await expect(write).rejects.toThrow(DatabaseError)
    await expect(killed(() => item.insert({ id: 2 }))).rejects.toThrow(lost)
    expect(await item.select()).toEqual([{ id: 1, name: 'one' }])
  })

  test('in a transaction is an error, and nothing of it stays', async () => {
    let times = 0
    const transaction = db.transaction(async () => {
      times += 1
      await item.insert({ id: 3 })
      await kill(await session())
      await sleep(50)
      return item.select()
    })
    await expect(transaction).rejects.toThrow(lost)
    expect(times).toBe(1)
    expect(await item.select().count()).toBe(1)
  })
})
