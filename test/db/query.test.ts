import { database, datetime, increments, integer, string, text, type Database } from '@robaccia/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { fixture } from './fixture.js'

function tables(db: Database) {
  const author = db.table('author', {
    id: increments(),
    name: string(50).unique(),
    born: integer().nullable(),
  })
  const entry = db.table('entry', {
    id: string(100).primary(),
    title: string(100),
    content: text().default(''),
    updated: datetime().index(),
    author: integer()
      .nullable()
      .references(() => author.id, { onDelete: 'set null' }),
    version: integer().default(1),
  })
  return { author, entry }
}

const day = (number: number) => new Date(Date.UTC(2026, 0, number))

describe.each(databases)('a query on $name', ({ open }) => {
  let opened: OpenDatabase
  let author: ReturnType<typeof tables>['author']
  let entry: ReturnType<typeof tables>['entry']

  fixture(open, tables, (made) => {
    opened = made
    ;({ author, entry } = made.tables)
  })

  let ann = 0
  beforeEach(async () => {
    await entry.delete().all()
    await author.delete().all()
    const authors = await author.insert([{ name: 'Ann', born: 1970 }, { name: 'Bob' }])
    ann = authors[0]?.id ?? 0
    await entry.insert([
      { id: 'a', title: 'First', updated: day(1), author: ann },
      { id: 'b', title: 'Second', updated: day(2), author: null },
      { id: 'c', title: 'Third', updated: day(3), author: ann },
    ])
  })

  const ids = async (rows: PromiseLike<readonly { id: string }[]>) =>
    (await rows).map(({ id }) => id).toSorted()

  describe('select', () => {
    test('gives whole rows, or the named columns', async () => {
      expect(await entry.select().where({ id: 'a' })).toEqual([
        { id: 'a', title: 'First', content: '', updated: day(1), author: ann, version: 1 },
      ])
      expect(await entry.select('title').where({ id: 'a' })).toEqual([{ title: 'First' }])
    })

    test('runs when it is awaited, each time anew', async () => {
      const all = entry.select()
      expect((await all).length).toBe(3)
      await entry.delete().where({ id: 'a' })
      expect((await all).length).toBe(2)
    })

    test('is not changed by its methods', async () => {
      const all = entry.select('id')
      all.where({ id: 'a' })
      all.limit(1)
      expect((await all).length).toBe(3)
    })

    test('first gives a row or undefined', async () => {
      expect(await entry.select('id').orderBy('updated', 'desc').first()).toEqual({ id: 'c' })
      expect(await entry.select().where({ id: 'x' }).first()).toBeUndefined()
    })

    test('count counts what meets the conditions', async () => {
      expect(await entry.select().count()).toBe(3)
      expect(await entry.select().orderBy('id').where({ author: ann }).count()).toBe(2)
      expect(() => entry.select().limit(1).count()).toThrow('must come without limit and offset')
    })

    test('orders, limits and skips', async () => {
      const rows = entry.select('id').orderBy('author').orderBy('updated', 'desc')
      expect(await rows).toEqual([{ id: 'b' }, { id: 'c' }, { id: 'a' }])
      expect(await entry.select('id').orderBy('author', 'desc').orderBy('id')).toEqual([
        { id: 'a' },
        { id: 'c' },
        { id: 'b' },
      ])
      expect(await rows.limit(1).offset(1)).toEqual([{ id: 'c' }])
      expect(await rows.offset(2)).toEqual([{ id: 'a' }])
      expect(await rows.limit(0)).toEqual([])
    })

    test.each([-1, 1.5, Number.NaN, '1' as unknown as number])('refuses limit %s', (limit) => {
      expect(() => entry.select().limit(limit)).toThrow(/limit must be a non-negative integer, got/)
      expect(() => entry.select().offset(limit)).toThrow(/offset must be a non-negative integer/)
    })
  })

  describe('where', () => {
    test('takes an object, a value, an operator and a group', async () => {
      expect(await ids(entry.select().where({ author: ann, title: 'First' }))).toEqual(['a'])
      expect(await ids(entry.select().where('updated', day(2)))).toEqual(['b'])
      expect(await ids(entry.select().where('updated', '>=', day(2)))).toEqual(['b', 'c'])
      expect(await ids(entry.select().where('title', 'like', '%ir%'))).toEqual(['a', 'c'])
      expect(await ids(entry.select().where('id', '!=', 'a'))).toEqual(['b', 'c'])
      const grouped = entry
        .select()
        .where({ version: 1 })
        .where((group) => group.where({ id: 'a' }).orWhere('title', 'Third'))
      expect(await ids(grouped)).toEqual(['a', 'c'])
    })

    test('joins with or and not', async () => {
      expect(await ids(entry.select().where({ id: 'a' }).orWhere({ id: 'b' }))).toEqual(['a', 'b'])
      expect(await ids(entry.select().whereNot({ id: 'a' }))).toEqual(['b', 'c'])
      expect(
        await ids(entry.select().whereNot((group) => group.whereIn('id', ['a', 'b']))),
      ).toEqual(['c'])
    })

    test('takes null for IS NULL', async () => {
      expect(await ids(entry.select().where({ author: null }))).toEqual(['b'])
      expect(await ids(entry.select().where('author', '!=', null))).toEqual(['a', 'c'])
      expect(await ids(entry.select().whereNull('author'))).toEqual(['b'])
      expect(await ids(entry.select().whereNotNull('author'))).toEqual(['a', 'c'])
      expect(() => entry.select().where('author', '<', null)).toThrow('must not be null')
    })

    test('like takes a last backslash that escapes nothing for itself', async () => {
      await entry.insert({ id: 'd', title: 'a\\b\\', updated: day(4) })
      for (const pattern of ['%\\', '%\\\\', 'a\\\\b\\', 'a\\\\b\\\\']) {
        expect(await ids(entry.select().where('title', 'like', pattern))).toEqual(['d'])
      }
    })

    test('whereIn takes at most 30,000 values', async () => {
      const most = Array.from({ length: 30_000 }, (_, n) => n)
      expect(await ids(entry.select().whereIn('version', most))).toEqual(['a', 'b', 'c'])
      expect(() => entry.select().whereIn('version', [...most, 1])).toThrow(
        'the values of version must be at most 30000, got 30001',
      )
    })

    test('whereIn takes values, and none for no rows', async () => {
      expect(await ids(entry.select().whereIn('updated', [day(1), day(3)]))).toEqual(['a', 'c'])
      expect(await ids(entry.select().whereIn('id', []))).toEqual([])
    })

    test('finds nothing equal to what a column can not hold', async () => {
      expect(await ids(entry.select().where({ id: 'a\0' }))).toEqual([])
      expect(await ids(entry.select().where('version', 2 ** 40))).toEqual([])
      expect(await ids(entry.select().whereIn('version', [2 ** 40, 1]))).toEqual(['a', 'b', 'c'])
      expect((await entry.select().where('version', '!=', 2 ** 40)).length).toBe(3)
      // A null is neither equal nor unequal.
      expect(await ids(entry.select().whereNot({ author: 2 ** 40 }))).toEqual(['a', 'c'])
      await expect(Promise.resolve(entry.select().where('version', '<', 2 ** 40))).rejects.toThrow(
        RangeError,
      )
    })

    test('refuses unknown columns, operators and values of another type', async () => {
      // What untyped code could do.
      const untyped = entry.select() as unknown as {
        where(...args: unknown[]): PromiseLike<unknown>
      }
      expect(() => untyped.where('titel', 'x')).toThrow(
        'a column of entry must be one of id, title, content, updated, author, version, got "titel"',
      )
      expect(() => untyped.where('id', 'is', 'x')).toThrow('an operator must be one of = !=')
      expect(() => untyped.where('author.name', 'x')).toThrow('must be a joined one (none)')
      expect(() => untyped.where(null)).toThrow('a condition must be')
      expect(() => untyped.where('version', 'like', 'x')).toThrow(
        'must be a string() or text() for like',
      )
      await expect(Promise.resolve(untyped.where({ id: undefined }))).rejects.toThrow(
        'entry.id must be a string, got undefined',
      )
      await expect(Promise.resolve(untyped.where('id', { $ne: '' }))).rejects.toThrow(
        'entry.id must be a string, got an object',
      )
    })
  })

  describe('join', () => {
    test('adds the other row under its name, converted', async () => {
      const rows = await author
        .select('name')
        .join(entry, 'id', 'author')
        .where('entry.updated', '>', day(1))
      expect(rows).toEqual([
        {
          name: 'Ann',
          entry: { id: 'c', title: 'Third', content: '', updated: day(3), author: ann, version: 1 },
        },
      ])
    })

    test('leftJoin keeps rows without another', async () => {
      const rows = await entry
        .select('id')
        .leftJoin(author, 'author', 'id', { as: 'writer' })
        .orderBy('writer.name')
        .orderBy('id')
      expect(rows).toEqual([
        { id: 'b', writer: null },
        { id: 'a', writer: { id: ann, name: 'Ann', born: 1970 } },
        { id: 'c', writer: { id: ann, name: 'Ann', born: 1970 } },
      ])
      const named = entry.select().leftJoin(author, 'author', 'id', { as: 'writer' })
      expect(await named.where({ 'writer.name': 'Ann' }).count()).toBe(2)
    })

    test('refuses a name that the row has', () => {
      expect(() => entry.select().join(author, 'author', 'id')).toThrow(
        "must have a name of its own ({ as: '…' }), got 'author'",
      )
    })

    test.each(['a.b', 'a as b', '', '*', '__proto__', 'constructor'])(
      'refuses the name %j',
      (as) => {
        expect(() => entry.select('id').join(author, 'author', 'id', { as })).toThrow(
          /^the name of a join must/,
        )
      },
    )
  })

  describe('insert', () => {
    test('gives the row, defaults and counted number included', async () => {
      const made = await author.insert({ name: 'Cy' })
      expect(made).toEqual({ id: expect.any(Number), name: 'Cy', born: null })
      expect(await author.select().where({ id: made.id })).toEqual([made])
      expect(await author.insert({ name: 'Di' }).returning('name')).toEqual({ name: 'Di' })
    })

    test('gives many rows, all or none', async () => {
      expect(await entry.insert([])).toEqual([])
      const many = Array.from({ length: 1200 }, (_, n) => ({
        id: `m${n}`,
        title: 'x',
        updated: day(1),
      }))
      expect((await entry.insert(many)).length).toBe(1200)
      const clash = [
        ...many.map(({ id, ...rest }) => ({ id: `n${id}`, ...rest })),
        ...many.slice(0, 1),
      ]
      await expect(Promise.resolve(entry.insert(clash))).rejects.toThrow(
        'id of entry must be unique',
      )
      expect(await entry.select().where('id', 'like', 'nm%').count()).toBe(0)
    })

    test('says which column is wrong, missing or unknown', async () => {
      const wrong = (row: object) => expect(Promise.resolve(entry.insert(row as never))).rejects
      await wrong({ id: 'x', updated: day(1) }).toThrow('entry.title must be given')
      await wrong({ id: 'x', titel: 'x' }).toThrow('got "titel"')
      await wrong({ id: 1, title: 'x', updated: day(1) }).toThrow(
        'entry.id must be a string, got 1',
      )
      await wrong([null]).toThrow('a row of entry must be an object, got null')
    })

    test('a key that exists is a UniqueViolation with table and columns', async () => {
      await expect(Promise.resolve(author.insert({ name: 'Ann' }))).rejects.toMatchObject({
        name: 'UniqueViolation',
        table: 'author',
        columns: ['name'],
      })
      const again = entry.insert({ id: 'a', title: 'x', updated: day(1) })
      await expect(Promise.resolve(again)).rejects.toMatchObject({
        table: 'entry',
        columns: ['id'],
      })
      const renamed = entry.update({ id: 'a' }).where({ id: 'b' })
      await expect(Promise.resolve(renamed)).rejects.toMatchObject({
        table: 'entry',
        columns: ['id'],
      })
    })

    test('keeps values out of the errors of the database', async () => {
      const secret = entry.insert({ id: 'x', title: 'secret', updated: day(1), author: 12_345 })
      const error: Error = await Promise.resolve(secret).then(
        () => new Error('no error'),
        (reason) => reason,
      )
      expect(error.message).toContain('author of entry must refer to a row of author')
      expect(error.message).not.toContain('secret')
    })
  })

  describe('update', () => {
    test('gives the number of rows that met its conditions, changed or not', async () => {
      expect(await entry.update({ title: 'New' }).where({ author: ann })).toBe(2)
      expect(await entry.update({ title: 'New' }).where({ author: ann })).toBe(2)
      expect(await entry.update({ title: 'New' }).where({ id: 'x' })).toBe(0)
    })

    test('increments, so that the second of two editors is told', async () => {
      const save = entry
        .update({ title: 'Mine' })
        .increment('version')
        .where({ id: 'a', version: 1 })
      expect(await save).toBe(1)
      expect(await save).toBe(0)
      await entry.update().increment('version', -5).where({ id: 'a' })
      expect(await entry.select('version').where({ id: 'a' }).first()).toEqual({ version: -3 })
    })

    test('loses no increment of many at once', async () => {
      const all = Array.from({ length: 25 }, () =>
        Promise.resolve(entry.update().increment('version', 2).where({ id: 'a' })),
      )
      await Promise.all(all)
      expect(await entry.select('version').where({ id: 'a' }).first()).toEqual({ version: 51 })
    })

    test('keeps a number in its range', async () => {
      const over = entry
        .update()
        .increment('version', 2 ** 31 - 1)
        .where({ id: 'a' })
      await expect(Promise.resolve(over)).rejects.toThrow()
      expect(await entry.select('version').where({ id: 'a' }).first()).toEqual({ version: 1 })
    })

    test('leaves out what is undefined, and wants something to set', async () => {
      const some = { title: undefined, version: 2 } as { version: number }
      await entry.update(some).where({ id: 'a' })
      expect(await entry.select('title', 'version').where({ id: 'a' }).first()).toEqual({
        title: 'First',
        version: 2,
      })
      await expect(Promise.resolve(entry.update({}).all())).rejects.toThrow(
        'must set a column, got none',
      )
    })

    test('returning gives the rows as they are now', async () => {
      const rows = await entry
        .update({ title: 'New' })
        .where({ id: 'a' })
        .returning('id', 'title', 'updated')
      expect(rows).toEqual([{ id: 'a', title: 'New', updated: day(1) }])
      expect(await entry.update({ title: 'New' }).where({ id: 'x' }).returning('id')).toEqual([])
    })

    test('returning gives whole rows if it names no columns, as select does', async () => {
      const before = await entry.select().where({ id: 'a' }).first()
      const rows = await entry.update({ title: 'New' }).where({ id: 'a' }).returning()
      expect(rows).toEqual([{ ...before, title: 'New' }])
      expect(await entry.delete().where({ id: 'a' }).returning()).toEqual(rows)
      expect(await entry.insert(rows).returning()).toEqual(rows)
    })
  })

  describe('delete', () => {
    test('gives the number of rows that it deleted', async () => {
      expect(await entry.delete().where('updated', '<', day(3))).toBe(2)
      expect(await entry.delete().where({ id: 'a' })).toBe(0)
    })

    test('returning gives the rows as they were', async () => {
      const rows = await entry.delete().where({ id: 'a' }).returning('id', 'updated')
      expect(rows).toEqual([{ id: 'a', updated: day(1) }])
      expect(await entry.select().count()).toBe(2)
    })

    test('wants a condition or all()', async () => {
      for (const query of [
        entry.delete(),
        entry.delete().where({}),
        entry.delete().where((group) => group),
      ]) {
        await expect(Promise.resolve(query)).rejects.toThrow(
          'a delete of entry must have a condition, or all() for every row',
        )
      }
      await expect(Promise.resolve(entry.update({ title: 'x' }))).rejects.toThrow(
        'an update of entry must',
      )
      expect(await entry.select().count()).toBe(3)
      expect(await entry.delete().all()).toBe(3)
    })

    test('follows the references', async () => {
      await author.delete().where({ name: 'Ann' })
      expect(await entry.select().whereNull('author').count()).toBe(3)
    })
  })

  test('knex gives the untyped builder, and rows as the driver gives them', async () => {
    const rows = await entry.select('id').where({ id: 'a' }).knex.select({ alias: 'title' })
    expect(rows).toEqual([{ id: 'a', alias: 'First' }])
    expect((await entry.knex.where({ id: 'a' })).length).toBe(1)
    expect((await opened.db.knex('entry').select('id')).length).toBe(3)
  })
})

test('a query after close says that the database is closed', async () => {
  const db = database('sqlite::memory:')
  const { entry } = tables(db)
  await db.create()
  await db.close()
  await db.close()
  await expect(Promise.resolve(entry.select())).rejects.toThrow(
    'the database must be open, but close() was called',
  )
  await expect(db.transaction(() => 1)).rejects.toThrow('the database must be open')
})
