// Applying and undoing migrations, on each database; what needs a second process is in migrator-process.test.ts.
import { database, type Database, MigrationError, string } from '@robaccia/db'
import {
  addColumn,
  addIndex,
  createTable,
  dropColumn,
  describeLoss,
  dropTable,
  increments,
  integer,
  losses,
  type Migration,
  migrate,
  migrationStatus,
  type Operation,
  rollback,
  runs,
  undoneBy,
} from '@robaccia/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'

function chain(...all: readonly (readonly [string, ...Operation[]])[]): readonly Migration[] {
  return all.map(([name, ...operations], at) => ({ name, parent: all[at - 1]?.[0], operations }))
}

const entry = createTable('entry', { columns: { id: increments(), title: string(50) } })
const initial = ['0001_initial', entry] as const
const author = ['0002_author', addColumn('entry', 'author', string(20).default(''))] as const
const index = ['0003_index', addIndex('entry', { columns: ['author'] })] as const
const all = chain(initial, author, index)

const fails = runs(
  () => {
    throw new Error('no')
  },
  () => {},
)

describe.each(databases)('migrations on $name', ({ name: on, open }) => {
  let opened: OpenDatabase
  let db: Database
  beforeEach(async () => {
    opened = await open()
    db = opened.db
  })
  afterEach(() => opened.remove())

  const columns = async (table = 'entry') => Object.keys(await db.knex(table).columnInfo())
  const applied = async () =>
    (await migrationStatus(db, all)).applied.map(({ name, batch }) => `${name} ${batch}`)

  test('are applied in the order of their parents, once', async () => {
    const told: string[] = []
    const onApplied = (name: string) => void told.push(name)
    expect(await migrate(db, all.toReversed(), { onApplied })).toEqual([
      '0001_initial',
      '0002_author',
      '0003_index',
    ])
    expect(told).toHaveLength(3)
    expect(await columns()).toEqual(['id', 'title', 'author'])
    expect(await migrate(db, all)).toEqual([])
  })

  test('are looked at without making anything', async () => {
    const { applied: none, pending } = await migrationStatus(db, all)
    expect([none, pending]).toEqual([[], all])
    expect(await db.knex.schema.hasTable('knex_migrations')).toBe(false)
  })

  test('are known with the moment when they were applied', async () => {
    const before = Date.now() - 1000
    await migrate(db, all)
    const { applied: known } = await migrationStatus(db, all)
    for (const { time } of known) {
      expect(time.getTime()).toBeGreaterThanOrEqual(before)
      expect(time.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
    }
  })

  test('are undone run by run, or back to one, or all', async () => {
    await migrate(db, all, { to: '0001' })
    await migrate(db, all)
    expect(await applied()).toEqual(['0001_initial 1', '0002_author 2', '0003_index 2'])
    expect(await rollback(db, all)).toEqual(['0003_index', '0002_author'])
    expect(await columns()).toEqual(['id', 'title'])
    await migrate(db, all)
    expect(await rollback(db, all, { to: '0002' })).toEqual(['0003_index'])
    expect(await rollback(db, all, { to: '0002' })).toEqual([])
    expect(await rollback(db, all, { to: null })).toEqual(['0002_author', '0001_initial'])
    expect(await db.knex.schema.hasTable('entry')).toBe(false)
    expect(await rollback(db, all)).toEqual([])
  })

  test('take a name, or its number, and refuse any other', async () => {
    await expect(migrate(db, all, { to: '000' })).rejects.toThrow(
      "the name of a migration must be one of 0001_initial, 0002_author, 0003_index, got '000'",
    )
    await migrate(db, all, { to: '0002_author' })
    await expect(rollback(db, all, { to: '0003' })).rejects.toThrow(
      'the migration to go back to must be applied, got 0003_index',
    )
  })

  test('are all or nothing, or say how far they came', async () => {
    const broken = chain(initial, ['0002_more', ...author.slice(1), fails] as never)
    await expect(migrate(db, broken)).rejects.toThrow(
      on === 'MariaDB'
        ? /^0002_more stopped after 1 of its 2 steps, which stay done, for MySQL commits each: run a data step \(runs\(\)\) failed: no\. Mend what is in its way, then run migrate again: it goes on there$/
        : /^no$/,
    )
    expect(await columns()).toEqual(on === 'MariaDB' ? ['id', 'title', 'author'] : ['id', 'title'])
    const { pending } = await migrationStatus(db, broken)
    expect(pending.map(({ name }) => name)).toEqual(['0002_more'])
    const mended = chain(initial, [
      '0002_more',
      ...author.slice(1),
      runs(
        async () => {},
        () => {},
      ),
    ] as never)
    expect(await migrate(db, mended)).toEqual(['0002_more'])
    expect(await columns()).toEqual(['id', 'title', 'author'])
    expect(await db.knex.schema.hasTable('robaccia_migration_progress')).toBe(false)
  })

  test('say in one line which operation the database refuses', async () => {
    await migrate(db, chain(initial))
    await migrate(db, all, { fake: true })
    const refusal = {
      SQLite: /got drop index .+ no such index: entry_author_index: check --database tells/,
      PostgreSQL:
        /got drop index .+ index "entry_author_index" does not exist: check --database tells/,
      MariaDB: /got alter table .+ Can't DROP INDEX `entry_author_index`.+: check --database tells/,
    }[on.replace(/ .*/, '')]
    const undone = rollback(db, all, { to: '0002' })
    await expect(undone).rejects.toThrow(MigrationError)
    await expect(undone).rejects.toThrow(
      /^drop index entry_author_index: the database must take it, got /,
    )
    await expect(undone).rejects.toThrow(refusal)
    expect(await applied()).toEqual(['0001_initial 1', '0002_author 2', '0003_index 2'])
    expect(await db.knex.schema.hasTable('robaccia_migration_progress')).toBe(false)

    const log = createTable('log', { columns: { id: increments(), line: string(9) } })
    const unique = addIndex('log', { columns: ['line'], unique: true })
    const more = chain(initial, author, index, ['0004_log', log], ['0005_unique', unique])
    await migrate(db, more, { to: '0004', fake: true })
    await expect(migrate(db, more)).rejects.toThrow(
      /^add index log_line_unique: the database must take it, got select /,
    )
  })

  test('change rows there and back', async () => {
    const data = runs(
      (now) => now.knex('entry').update({ author: 'anonymous' }).where({ author: '' }),
      (now) => now.knex('entry').update({ author: '' }),
    )
    const filled = chain(initial, author, ['0003_fill', data])
    await migrate(db, filled, { to: '0001' })
    await db.knex('entry').insert({ title: 'A' })
    await migrate(db, filled)
    expect(await db.knex('entry').first('title', 'author')).toEqual({
      title: 'A',
      author: 'anonymous',
    })
    await rollback(db, filled, { to: '0002' })
    expect(await db.knex('entry').first('author')).toEqual({ author: '' })
  })

  test('are noted without being run by fake', async () => {
    expect(await migrate(db, all, { to: '0001', fake: true })).toEqual(['0001_initial'])
    expect(await db.knex.schema.hasTable('entry')).toBe(false)
    expect(await applied()).toEqual(['0001_initial 1'])
  })

  test('refuse a database that was made without them, and say what to do', async () => {
    db.table('entry', { id: increments(), title: string(50) })
    await db.create()
    await expect(migrate(db, all)).rejects.toThrow(
      'the database must not have what 0001_initial makes, got table entry: if it was made without migrations and is as 0001_initial would make it, note that by migrate --to 0001_initial --fake',
    )
    await migrate(db, all, { to: '0001_initial', fake: true })
    expect(await migrate(db, all)).toEqual(['0002_author', '0003_index'])
  })

  test('refuse a database that has others, or a later one without those before it', async () => {
    await migrate(db, all)
    await expect(migrate(db, all.slice(0, 2))).rejects.toThrow(
      'the migrations of the database must be in the folder, got 0003_index, which is not: get the file back, or roll back with the sources that have it',
    )
    const between = chain(
      initial,
      [
        '0002_between',
        runs(
          () => {},
          () => {},
        ),
      ],
      author,
      index,
    )
    await expect(migrate(db, between)).rejects.toThrow(
      '0002_between must be applied before 0002_author, got a database that has only the later one: roll back to 0001_initial with the sources as they were, and migrate again',
    )
  })

  test('free the lock that a killed process left in the table of Knex', async () => {
    await migrate(db, all, { to: '0001' })
    await db.knex('knex_migrations_lock').update({ is_locked: 1 })
    expect(await migrate(db, all)).toEqual(['0002_author', '0003_index'])
  })

  test('say what would be lost of the rows that there are', async () => {
    const drops = chain(initial, author, [
      '0003_drops',
      dropColumn('entry', 'author', string(20).default('')),
      dropTable('entry', { columns: { id: increments(), title: string(50) } }),
    ])
    await migrate(db, drops, { to: '0002' })
    await db.knex('entry').insert([{ title: 'A' }, { title: 'B' }])
    expect(await losses(db, drops[2]?.operations ?? [])).toEqual([
      { what: 'column entry.author', rows: 2 },
      { what: 'table entry', rows: 2 },
    ])
    expect(await losses(db, [dropColumn('entry', 'later', integer())])).toEqual([
      { what: 'column entry.later', rows: 0 },
    ])
    expect(describeLoss({ what: 'table entry', rows: 1 })).toBe('table entry (1 row)')
    expect((await undoneBy(db, drops)).map(({ name }) => name)).toEqual([
      '0002_author',
      '0001_initial',
    ])
  })
})

const servers = databases.filter(({ name }) => !name.startsWith('SQLite'))

// SQLite waits by itself, some seconds, before it says so: migrator-process.test.ts has it wait.
describe.each(servers)('two runs of migrations on $name', ({ open }) => {
  let opened: OpenDatabase
  let other: Database
  beforeEach(async () => {
    opened = await open()
    other = database(opened.url)
  })
  afterEach(async () => {
    await other.close()
    await opened.remove()
  })

  /** Migrations whose data step has begun when `begun` settles, and goes on when `go` is called. */
  function held() {
    let begin = () => {}
    let go = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const end = new Promise<void>((resolve) => {
      go = resolve
    })
    const step = () => {
      begin()
      return end
    }
    const migrations = chain(initial, ['0002_held', runs(step, () => {})])
    return { migrations, begun, go }
  }

  test('wait for each other', async () => {
    const { migrations, begun, go } = held()
    const first = migrate(opened.db, migrations)
    await begun
    const second = migrate(other, migrations, { onWait: go })
    expect([await first, await second]).toEqual([['0001_initial', '0002_held'], []])
  })

  test('wait no longer than they are told', async () => {
    const { migrations, begun, go } = held()
    const first = migrate(opened.db, migrations)
    await begun
    await expect(migrate(other, migrations, { lockTimeout: 300 })).rejects.toThrow(
      'the database must be free of other migrations within 0.3 s, got one that still runs',
    )
    go()
    await first
  })
})
