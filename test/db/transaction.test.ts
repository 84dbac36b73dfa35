import { database, integer, increments, string, type Database, UniqueViolation } from '@robaccia/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

function makeTable(db: Database) {
  return db.table('item', { id: increments(), name: string(20).unique(), n: integer().default(0) })
}

describe.each(databases)('transaction on $name', ({ name: system, open }) => {
  let opened: OpenDatabase
  let db: Database
  let item: ReturnType<typeof makeTable>

  fixture(open, makeTable, (made) => {
    opened = made
    db = made.db
    item = made.tables
  })
  beforeEach(async () => void (await item.delete().all()))

  const names = async () => (await item.select('name').orderBy('name')).map(({ name }) => name)

  test('gives what its function gives, and commits', async () => {
    const made = await db.transaction(() => item.insert({ name: 'a' }))
    expect(made.name).toBe('a')
    expect(await names()).toEqual(['a'])
  })

  test('rolls back on a throw, and throws the same', async () => {
    const problem = Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
    const failing = db.transaction(async () => {
      await item.insert({ name: 'a' })
      await db.knex('item').insert({ name: 'b' })
      await item.knex.insert({ name: 'c' })
      expect(await names()).toEqual(['a', 'b', 'c'])
      throw problem
    })
    await expect(failing).rejects.toBe(problem)
    expect(await names()).toEqual([])
  })

  test('is joined by whatever is called inside, and by queries made before it', async () => {
    const before = item.insert({ name: 'before' })
    const deep = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await item.insert({ name: 'deep' })
    }
    const failing = db.transaction(async () => {
      await Promise.all([deep(), before])
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await names()).toEqual([])
  })

  test('nests by savepoints', async () => {
    await db.transaction(async () => {
      await item.insert({ name: 'outer' })
      const inner = db.transaction(async () => {
        await item.insert({ name: 'inner' })
        throw new Error('inner fails')
      })
      await expect(inner).rejects.toThrow('inner fails')
      await db.transaction(() => item.insert({ name: 'second' }))
    })
    expect(await names()).toEqual(['outer', 'second'])
  })

  test('goes on after a unique violation in a transaction of its own', async () => {
    await db.transaction(async () => {
      await item.insert({ name: 'a' })
      const again = db.transaction(() => item.insert({ name: 'a' }))
      await expect(again).rejects.toMatchObject({ columns: ['name'] })
      await item.insert({ name: 'b' })
    })
    expect(await names()).toEqual(['a', 'b'])
  })

  test('lets a query outside wait', async () => {
    let inside: () => void = () => {}
    const started = new Promise<void>((resolve) => (inside = resolve))
    const first = db.transaction(async () => {
      await item.insert({ name: 'a' })
      inside()
      await new Promise((resolve) => setTimeout(resolve, 50))
    })
    await started
    const outside = item.insert({ name: 'b' })
    await Promise.all([first, outside])
    expect(await names()).toEqual(['a', 'b'])
  })

  test('refuses a query that outlives it', async () => {
    let late: PromiseLike<unknown> = Promise.resolve()
    let floating: Promise<unknown> = Promise.resolve()
    let end: () => void = () => {}
    const ended = new Promise<void>((resolve) => (end = resolve))
    await db.transaction(async () => {
      late = item.insert({ name: 'late' })
      floating = ended.then(() => item.insert({ name: 'late' }))
      floating.catch(() => {})
      await item.insert({ name: 'a' })
    })
    end()
    const message = 'a query must be awaited before its transaction ends'
    await expect(Promise.resolve(late)).rejects.toThrow(message)
    await expect(floating).rejects.toThrow(message)
    expect(await names()).toEqual(['a'])
  })

  test('keeps what runs beside a savepoint that fails', async () => {
    await db.transaction(async () => {
      const fails = db.transaction(async () => {
        await item.insert({ name: 'inside' })
        await new Promise((resolve) => setTimeout(resolve, 20))
        throw new Error('no')
      })
      const beside = new Promise((resolve) => setTimeout(resolve, 5)).then(() =>
        item.insert([{ name: 'beside' }, { name: 'both' }]),
      )
      const sibling = db.transaction(() => item.insert({ name: 'sibling' }))
      const settled = await Promise.allSettled([fails, beside, sibling])
      expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    })
    expect(await names()).toEqual(['beside', 'both', 'sibling'])
  })

  test('rolls back what was begun and not awaited', async () => {
    for (let n = 0; n < 100; n++) {
      const failing = db.transaction(async () => {
        item.insert({ name: `${n}` }).then(
          () => {},
          () => {},
        )
        await Promise.resolve()
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
    }
    expect(await names()).toEqual([])
  })

  test.each([undefined, null, 'text'])('rolls back on a throw of %s', async (thrown) => {
    const failing = db.transaction(async () => {
      await item.insert({ name: 'a' })
      throw thrown
    })
    await expect(failing).rejects.toBe(thrown)
    expect(await names()).toEqual([])
  })

  test('holds no connection until its first query', async () => {
    let go: () => void = () => {}
    const waiting = new Promise<void>((resolve) => (go = resolve))
    const slow = Array.from({ length: 12 }, (_, n) =>
      db.transaction(async () => {
        await waiting
        await item.insert({ name: `${n}` })
      }),
    )
    await item.insert({ name: 'meanwhile' })
    go()
    await Promise.all(slow)
    expect(await item.select().count()).toBe(13)
  })

  test.each([
    ['db', () => db.knex('item').insert({ name: 'a' })],
    ['a table', () => item.knex.insert({ name: 'a' })],
    ['a query', () => item.insert({ name: 'a' }).knex],
    ['raw', () => db.knex.raw("insert into item (name) values ('a')")],
    ['a savepoint', () => db.knex.transaction((knex) => knex('item').insert({ name: 'a' }))],
  ])('begins with the first query of Knex too: %s', async (_what, first) => {
    const failing = db.transaction(async () => {
      await first()
      await item.insert({ name: 'b' })
      expect(await names()).toEqual(['a', 'b'])
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await names()).toEqual([])
    await db.transaction(async () => void (await first()))
    expect(await names()).toEqual(['a'])
  })

  test('refuses a query of Knex that outlives it', async () => {
    let late: PromiseLike<unknown> = Promise.resolve()
    await db.transaction(() => {
      late = item.insert({ name: 'late' }).knex
    })
    await expect(Promise.resolve(late)).rejects.toThrow(
      'a query must be awaited before its transaction ends',
    )
  })

  test('does not hide that PostgreSQL gave it up', async () => {
    await item.insert({ name: 'taken' })
    const both = db.transaction(async () => {
      await item.insert({ name: 'a' })
      await item.insert({ name: 'taken' }).then(undefined, () => {})
    })
    if (db.dialect === 'postgres') {
      await expect(both).rejects.toThrow('a transaction must have no failed query to be committed')
    } else await both
    expect(await names()).toEqual(db.dialect === 'postgres' ? ['taken'] : ['a', 'taken'])
  })

  // The others give up no transaction.
  if (system === 'PostgreSQL') {
    test('does not hide it when it ends at once after the error', async () => {
      const gaveUp = 'a transaction must have no failed query to be committed'
      await item.insert({ name: 'taken' })
      const fails = async () =>
        void (await item.insert({ name: 'taken' }).then(undefined, () => {}))
      for (let n = 0; n < 100; n++) {
        await expect(db.transaction(fails)).rejects.toThrow(gaveUp)
        const inner = () => db.transaction(fails)
        await db.transaction(() => expect(inner()).rejects.toThrow(gaveUp))
      }
    })
  }

  test('rolls back a savepoint that PostgreSQL gave up, and goes on', async () => {
    await item.insert({ name: 'taken' })
    await db.transaction(async () => {
      await item.insert({ name: 'a' })
      const inner = db.transaction(async () => {
        await item.insert({ name: 'b' })
        await item.insert({ name: 'taken' }).then(undefined, () => {})
      })
      if (db.dialect === 'postgres') {
        await expect(inner).rejects.toThrow('a transaction must have no failed query')
      } else await inner
      await item.insert({ name: 'c' })
    })
    expect(await names()).toEqual(
      db.dialect === 'postgres' ? ['a', 'c', 'taken'] : ['a', 'b', 'c', 'taken'],
    )
  })

  // It defers no constraint.
  if (system !== 'MariaDB') {
    test('leaves nothing of what can not be committed', async () => {
      await db.knex.raw(
        'create table late (item integer references item (id) deferrable initially deferred)',
      )
      const failing = db.transaction(async () => {
        await item.insert({ name: 'a' })
        await db.knex('late').insert({ item: -1 })
      })
      const meanwhile = Array.from({ length: 3 }, () => db.transaction(names))
      await expect(failing).rejects.toThrow(/foreign key/i)
      expect(await Promise.all(meanwhile)).toEqual([[], [], []])
      expect(await db.transaction(names)).toEqual([])
      expect(await db.knex('late').select()).toEqual([])
      await db.knex.raw('drop table late')
    })
  }

  // It refuses what comes after any error.
  if (system !== 'PostgreSQL') {
    test('does not go on when the database has rolled it back', async () => {
      const ended = 'a transaction that the database has rolled back must be begun again'
      const fails = db.dialect === 'mysql' ? await deadlock() : await fullFile()
      const failing = db.transaction(async () => {
        await item.insert({ name: 'before' })
        await expect(db.transaction(fails)).rejects.toThrow(/deadlock|full/i)
        expect(() => db.knex).toThrow(ended)
        await expect(Promise.resolve(item.insert({ name: 'after' }))).rejects.toThrow(ended)
        await expect(db.transaction(() => item.insert({ name: 'after' }))).rejects.toThrow(ended)
      })
      await expect(failing).rejects.toThrow(ended)
      await expect(
        db.transaction(async () => {
          await item.insert({ name: 'before' })
          await fails().catch(() => {})
        }),
      ).rejects.toThrow(ended)
      await fails.end()
      expect(await names()).toEqual([])
      await db.transaction(() => item.insert({ name: 'again' }))
      expect(await names()).toEqual(['again'])
    })
  }

  /** Makes SQLite roll back: its file may not grow any more. */
  async function fullFile() {
    const [{ page_count: pages }] = await db.knex.raw('pragma page_count')
    await db.knex.raw(`pragma max_page_count = ${pages + 2}`)
    const fails = async () => {
      for (let n = 0; n < 1000; n++) await item.insert({ name: `${n}`.padEnd(20) })
    }
    const end = async () => void (await db.knex.raw('pragma max_page_count = 1000000'))
    return Object.assign(fails, { end })
  }

  /** Makes MySQL roll back: of two transactions that wait for each other the one that changed less has to go. */
  async function deadlock() {
    const other = database(opened.url)
    await db.knex.raw('create table held (id int primary key, n int default 0)')
    await db.knex('held').insert(Array.from({ length: 100 }, (_, id) => ({ id })))
    const fails = async () => {
      await db.knex('held').where({ id: 0 }).increment('n')
      let theirs: Promise<unknown> = Promise.resolve()
      await new Promise<void>((resolve) => {
        theirs = other.transaction(async () => {
          await other.knex('held').where('id', '>', 0).increment('n')
          resolve()
          await other.knex('held').where({ id: 0 }).increment('n')
        })
      })
      const ours = db.knex('held').where({ id: 1 }).increment('n')
      await Promise.all([ours, theirs])
    }
    const end = async () => {
      await db.knex.raw('drop table held')
      await other.close()
    }
    return Object.assign(fails, { end })
  }

  test('sees what another has committed meanwhile', async () => {
    const found = () => item.select().where({ name: 'one' }).first()
    const foundOrMade = () =>
      db.transaction(async () => {
        const before = await found()
        if (before) return before
        await new Promise((resolve) => setTimeout(resolve, 20))
        try {
          return await db.transaction(() => item.insert({ name: 'one' }))
        } catch (error) {
          expect(error).toBeInstanceOf(UniqueViolation)
          return found()
        }
      })
    const all = await Promise.all(Array.from({ length: 8 }, foundOrMade))
    expect(all).toEqual(all.map(() => ({ id: all[0]?.id, name: 'one', n: 0 })))
  })

  test.each(['transaction', 'outside'] as const)(
    'refuses what is no function: %s',
    async (method) => {
      const said = new TypeError(`what ${method}() runs must be a function, got 5`)
      await expect(db[method](5 as never)).rejects.toEqual(said)
      await expect(db.transaction(() => db[method](5 as never))).rejects.toEqual(said)
      expect(await names()).toEqual([])
    },
  )

  test('refuses to close inside', async () => {
    await expect(db.transaction(() => db.close())).rejects.toThrow(
      'close() must be called outside transaction()',
    )
    expect(await names()).toEqual([])
  })

  test('many transactions at once all count', async () => {
    const { id } = await item.insert({ name: 'counter' })
    const one = () => db.transaction(() => item.update().increment('n').where({ id }))
    await Promise.all(Array.from({ length: 20 }, one))
    expect((await item.select('n').first())?.n).toBe(20)
  })
})
