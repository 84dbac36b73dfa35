// The two drivers of SQLite: what is done to their connections, and what only one of them needs.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { readlinkSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, database, DatabaseError, increments, integer, string } from '@robaccia/db'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'

const schemes = inject('services').betterSqlite3 ? ['sqlite', 'better-sqlite3'] : ['sqlite']

describe.each(schemes)('a %s: database', (scheme) => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'robaccia-db-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  function open(name: string, options = {}): Database {
    const db = database(`${scheme}:${join(folder, name)}`, options)
    onTestFinished(() => db.close())
    return db
  }

  test('has WAL and foreign keys, in memory too', async () => {
    const db = open('blog.db')
    expect(await db.knex.raw('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }])
    const memory = database(`${scheme}::memory:`)
    for (const each of [db, memory]) {
      expect(await each.knex.raw('pragma foreign_keys')).toEqual([{ foreign_keys: 1 }])
    }
    await memory.close()
  })

  test('takes turns with another that writes to the same file', async () => {
    const [one, two] = [open('shared.db'), open('shared.db')]
    const tables = [one, two].map((db) => db.table('n', { id: integer().primary(), n: integer() }))
    await one.create()
    await tables[0]?.insert({ id: 1, n: 0 })
    const readThenWrite = (db: Database, table: (typeof tables)[number] | undefined) =>
      db.transaction(async () => {
        const row = await table?.select().first()
        await new Promise((resolve) => setTimeout(resolve, 20))
        await table?.update({ n: (row?.n ?? 0) + 1 }).all()
      })
    await Promise.all([readThenWrite(one, tables[0]), readThenWrite(two, tables[1])])
    expect((await tables[0]?.select().first())?.n).toBe(2)
  })

  test('says that a file is locked, and goes on when it is not', async () => {
    const [one, two] = [open('locked.db'), open('locked.db', { busyTimeout: 10 })]
    const item = two.table('item', { id: integer().primary() })
    await two.create()
    await one.transaction(async () => {
      await one.knex.raw('select 1')
      const message = /^the SQLite file \S+locked\.db must be free within 0\.01 s, got locked/
      await expect(two.transaction(() => item.insert({ id: 1 }))).rejects.toThrow(message)
      await expect(Promise.resolve(item.insert({ id: 2 }))).rejects.toThrow(message)
    })
    await two.transaction(() => item.insert({ id: 3 }))
    expect(await item.select()).toEqual([{ id: 3 }])
  })

  async function problem(file: string): Promise<string> {
    const error: unknown = await open(file)
      .missing()
      .catch((reason: unknown) => reason)
    if (!(error instanceof DatabaseError)) {
      throw new Error('must be a DatabaseError', { cause: error })
    }
    return error.message
  }

  test('says what is wrong with a file, and leaves it closed', async () => {
    const missing = join(folder, 'no', 'such')
    expect(await problem('no/such/blog.db')).toBe(
      `the folder of the SQLite file must exist, got ${missing}: make it with mkdir -p`,
    )
    expect(await problem('.')).toMatch(/must be a file that may be read and written$/)
    await writeFile(join(folder, 'text.db'), 'not a database at all, just some text'.repeat(50))
    expect(await problem('text.db')).toMatch(/text\.db must be a SQLite database/)
    await expect.poll(() => openFiles().filter((file) => file.endsWith('text.db'))).toEqual([])
  })

  test('closes the file though it keeps statements', async () => {
    const db = database(`${scheme}:${join(folder, 'closed.db')}`)
    const item = db.table('item', { id: increments(), n: integer() })
    await db.create()
    for (let n = 0; n < 3; n++) await item.insert({ n })
    expect(await item.select().where({ n: 1 })).toHaveLength(1)
    await db.close()
    // The last connection to close folds the WAL into the file.
    expect((await readdir(folder)).filter((file) => file.startsWith('closed.db'))).toEqual([
      'closed.db',
    ])
  })

  test('runs kept statements with other values, more of them than it keeps, and behind errors', async () => {
    const db = open('kept.db')
    const item = db.table('item', { id: increments(), name: string(20).unique(), n: integer() })
    await db.create()
    for (let n = 1; n <= 300; n++) {
      await item.insert({ name: `name ${n}`, n })
      const [row] = await db.knex('item').select('n').whereRaw(`id = ? and ${n} = ${n}`, [n])
      expect(row).toEqual({ n })
    }
    for (let round = 0; round < 3; round++) {
      await expect(Promise.resolve(item.insert({ name: 'name 1', n: 0 }))).rejects.toMatchObject({
        columns: ['name'],
      })
      await expect(db.knex.raw('select unknown from item')).rejects.toThrow('no such column')
    }
    expect((await item.insert({ name: 'last', n: 0 })).id).toBeGreaterThan(300)
    const ids = Array.from({ length: 25_000 }, (_, id) => id)
    expect(await item.select().whereIn('id', ids).count()).toBe(301)
  })

  test('gives each of several inserts at once its own number', async () => {
    const db = open('numbers.db')
    db.table('item', { id: increments(), n: integer() })
    await db.create()
    const insert = async (n: number) => {
      const [id] = await db.knex('item').insert({ n })
      expect(await db.knex('item').where({ n })).toEqual([{ id, n }])
    }
    await db.transaction(() => Promise.all(Array.from({ length: 20 }, (_, n) => insert(n))))
  })

  test('sees a change of the schema in a statement that it keeps', async () => {
    const db = open('schema.db')
    await db.knex.raw('create table item (id integer)')
    await db.knex('item').insert({ id: 1 })
    expect(await db.knex('item').select()).toEqual([{ id: 1 }])
    await db.knex.raw('alter table item add column n integer default 7')
    expect(await db.knex('item').select()).toEqual([{ id: 1, n: 7 }])
    await db.knex.raw('drop table item')
    await expect(Promise.resolve(db.knex('item').select())).rejects.toThrow('no such table')
  })

  test('obeys a pragma each time', async () => {
    const db = open('pragma.db')
    for (const value of [0, 1, 0, 1]) {
      await db.knex.raw(`pragma foreign_keys = ${value ? 'on' : 'off'}`)
      expect(await db.knex.raw('pragma foreign_keys')).toEqual([{ foreign_keys: value }])
    }
  })

  test('lets other work have its turn between many queries', async () => {
    const db = open('turns.db')
    const item = db.table('item', { id: integer().primary() })
    await db.create()
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const end = performance.now() + 300
    while (performance.now() < end) await item.select().where({ id: 1 })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(5)
  })
})

test('a busyTimeout that is none is refused', () => {
  for (const busyTimeout of [-1, 0.5, Number.NaN, 2 ** 31]) {
    expect(() => database('sqlite::memory:', { busyTimeout })).toThrow(
      /^busyTimeout of a database must be an integer from 0 to 2147483647, got /,
    )
  }
})

test.runIf(schemes.length > 1)('better-sqlite3 without its binary says how to compile it', () => {
  const script = `
    import Module from 'node:module'
    const load = Module._load
    Module._load = function (request, ...rest) {
      if (request === 'bindings') return () => { throw new Error('Could not locate the bindings file. Tried:') }
      return load.call(this, request, ...rest)
    }
    const { database } = await import('@robaccia/db')
    await database('better-sqlite3::memory:').missing().catch((error) => console.log(String(error)))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('.', import.meta.url),
    encoding: 'utf8',
  })
  expect([stdout, stderr]).toEqual([
    'DatabaseError: the driver better-sqlite3 must be compiled, got none for this system: npm rebuild better-sqlite3\n',
    '',
  ])
})

/** The files that this process has open, as far as the system tells. */
function openFiles(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
}
