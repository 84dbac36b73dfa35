// What migrations leave when their process is killed, and when two processes migrate at once.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { database, type Database } from '@robaccia/db'
import { migrate, migrationStatus, rollback } from '@robaccia/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'
import { halfWay } from './half-way.js'

const fixture = fileURLToPath(new URL('fixture-migrate.ts', import.meta.url))

const command = ['--import', 'tsx', fixture]
const cwd = fileURLToPath(new URL('../..', import.meta.url))

function start(url: string, env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, command, {
    cwd,
    env: { ...process.env, DATABASE_URL: url, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
}

const shared = databases.filter(({ name }) => name !== 'SQLite memory')

describe.each(shared)('on $name', { timeout: 60_000 }, ({ name: on, open }) => {
  let opened: OpenDatabase
  let db: Database
  beforeEach(async () => {
    opened = await open()
    db = opened.db
  })
  afterEach(() => opened.remove())

  const migrations = halfWay(() => {})
  const columns = async () => Object.keys(await db.knex('entry').columnInfo())

  /** Kills a process in its data step. */
  async function killHalfWay(): Promise<void> {
    const child = start(opened.url, { SLOW: 'yes' })
    const [word]: unknown[] = await once(child.stdout, 'data')
    expect(String(word)).toBe('inside\n')
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  test('what was killed half-way is finished by the next run', async () => {
    await killHalfWay()
    const { pending } = await migrationStatus(db, migrations)
    expect(pending.map(({ name }) => name)).toEqual(['0002_half_way'])
    expect(await columns()).toEqual(on === 'MariaDB' ? ['id', 'one'] : ['id'])
    expect(await db.knex('entry').select('id')).toEqual([])

    expect(await migrate(db, migrations)).toEqual(['0002_half_way'])
    expect(await columns()).toEqual(['id', 'one', 'two'])
    expect(await db.knex('entry').select()).toEqual([{ id: 'made', one: '1', two: '2' }])
    expect(await rollback(db, migrations)).toEqual(['0002_half_way'])
    expect(await columns()).toEqual(['id'])
  })

  test('two processes at once: one waits, none breaks', async () => {
    const both = [start(opened.url), start(opened.url)]
    const words = await Promise.all(
      both.map(async (child) => {
        const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
        expect(code).toBe(0)
        return said
      }),
    )
    const done = words.flatMap((each) => each.split(/\s+/).filter((word) => word.startsWith('000')))
    expect(done.toSorted()).toEqual(['0001_initial', '0002_half_way'])
    expect(await db.knex('entry').select()).toEqual([{ id: 'made', one: '1', two: '2' }])
  })

  test('another that migrates between two looks at an empty database breaks nothing', async () => {
    let other: number | null | undefined
    const log = ({ sql }: { readonly sql: string }): void => {
      // It has just asked whether there is a history.
      if (other !== undefined || !/sqlite_master|information_schema/.test(sql)) return
      const env = { ...process.env, DATABASE_URL: opened.url }
      other = spawnSync(process.execPath, command, { cwd, env, timeout: 60_000 }).status
    }
    const slow = database(opened.url, { slowQuery: { threshold: 0, log } })
    try {
      expect(await migrate(slow, migrations)).toEqual([])
      expect(other).toBe(0)
    } finally {
      await slow.close()
    }
  })
})

const inFiles = shared.filter(({ name }) => name.startsWith('SQLite'))

describe.each(inFiles)('on $name', ({ open }) => {
  test('waits longer than SQLite itself does', async () => {
    const { db, url, remove } = await open()
    const other = database(url, { busyTimeout: 50 })
    try {
      let migrating: Promise<readonly string[]> | undefined
      await db.transaction(async () => {
        await db.knex.raw('create table log (line text)')
        await new Promise<void>((resolve) => {
          migrating = migrate(
            other,
            halfWay(() => {}),
            { onWait: resolve },
          ).finally(resolve)
        })
      })
      expect(await migrating).toEqual(['0001_initial', '0002_half_way'])
    } finally {
      await other.close()
      await remove()
    }
  })
})

describe.each(databases.filter(({ name }) => name === 'MariaDB'))('on $name', ({ open }) => {
  let opened: OpenDatabase
  let db: Database
  beforeEach(async () => {
    opened = await open()
    db = opened.db
  })
  afterEach(() => opened.remove())

  const fails = halfWay(() => {
    throw new Error('no')
  })
  const progress = 'robaccia_migration_progress'

  test('a statement whose note was lost is not done twice', async () => {
    await expect(migrate(db, fails)).rejects.toThrow('stopped after 1 of its 3 steps')
    // As if the process had been killed between the statement and its note.
    const none = '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945' // SHA-256 of []
    await db.knex(progress).update({ done: 0, digest: none })
    expect(
      await migrate(
        db,
        halfWay(() => {}),
      ),
    ).toEqual(['0002_half_way'])
    expect(await db.knex('entry').select()).toEqual([{ id: 'made', one: '1', two: '2' }])
    expect(await db.knex.schema.hasTable(progress)).toBe(false)
  })

  test('a migration that was changed after it began is refused', async () => {
    await expect(migrate(db, fails)).rejects.toThrow('stopped after 1 of its 3 steps')
    const [initial, second] = halfWay(() => {})
    const changed = second && { ...second, operations: second.operations.slice(1) }
    await expect(
      migrate(
        db,
        [initial, changed].filter((each) => each !== undefined),
      ),
    ).rejects.toThrow(
      '0002_half_way must stay as it is once it has begun, got one that differs in the 1 step that are done: get the file back, and run it again',
    )
  })

  test('nothing else is done before it is finished', async () => {
    await expect(migrate(db, fails)).rejects.toThrow('stopped after 1 of its 3 steps')
    await expect(rollback(db, fails)).rejects.toThrow(
      '0002_half_way must be finished first, got one that stopped after 1 step: run migrate, which goes on there',
    )
  })
})
