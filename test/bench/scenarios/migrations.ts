// What changing the blog's table costs where there are many entries, and whether all of them are there afterwards.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  database,
  type Database,
  increments,
  integer,
  now,
  datetime,
  string,
  text,
} from '@robaccia/db'
import { changes, describe, migrationTransaction, perform, schemaOf } from '@robaccia/db/migrations'
import type { Report } from '../report.js'
import type { Scenario } from '../scenario.js'

const ENTRIES = 100_000
/** Rows of one insert. */
const BATCH = 1000
const content = 'A paragraph of a post, as long as many are. '.repeat(20)

const first = {
  id: string(100).primary(),
  title: string(200),
  author: string(100).default(''),
  content: text(),
  published: datetime().default(now()).index(),
}

/** The model after each change, the first being what there is to begin with. */
const versions = [
  first,
  { ...first, subtitle: string(200).nullable() },
  { ...first, subtitle: string(200).nullable(), language: string(2).default('en') },
  {
    ...first,
    title: string(300),
    subtitle: string(200).nullable(),
    language: string(2).default('en'),
  },
  {
    ...first,
    title: string(300),
    motto: string(200).nullable().was('subtitle'),
    language: string(2).default('en').index(),
  },
  { ...first, title: string(300), language: string(2).default('en').index() },
]

interface Kind {
  readonly name: string
  open(): Promise<{ readonly db: Database; remove(): Promise<void> }>
}

const servers = [
  {
    name: 'PostgreSQL',
    url: process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test',
    make: 'create schema ??',
    drop: 'drop schema ?? cascade',
    within: (url: URL, schema: string) =>
      url.searchParams.set('options', `-c search_path=${schema}`),
  },
  {
    name: 'MariaDB',
    url: process.env['TEST_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306/test',
    make: 'create database ??',
    drop: 'drop database ??',
    within: (url: URL, schema: string) => {
      url.pathname = `/${schema}`
    },
  },
]

const kinds: readonly Kind[] = [
  {
    name: 'SQLite',
    async open() {
      const folder = await mkdtemp(join(tmpdir(), 'robaccia-bench-'))
      const db = database(`sqlite:${join(folder, 'blog.db')}`)
      const remove = async () => {
        await db.close()
        await rm(folder, { recursive: true })
      }
      return { db, remove }
    },
  },
  ...servers.map(({ name, url, make, drop, within }) => ({
    name,
    async open() {
      const schema = `robaccia_${randomBytes(6).toString('hex')}`
      const admin = database(url)
      await admin.knex.raw(make, [schema])
      const inside = new URL(url)
      within(inside, schema)
      const db = database(inside.href)
      const remove = async () => {
        await db.close()
        await admin.knex.raw(drop, [schema])
        await admin.close()
      }
      return { db, remove }
    },
  })),
]

export const migrations: Scenario = {
  name: 'migrations',
  title: `Migrations: a blog of ${ENTRIES.toLocaleString('en')} entries, each with a comment`,
  async run({ progress }): Promise<Report> {
    const rows: (readonly string[])[] = []
    const lost: string[] = []
    /* oxlint-disable no-await-in-loop -- one after the other, or they would disturb each other */
    for (const { name, open } of kinds) {
      const { db, remove } = await open()
      try {
        progress(`${name}: filling`)
        await fill(db)
        for (const [position, version] of versions.entries()) {
          if (position === 0) continue
          const [before, after] = [stateOf(versions[position - 1] ?? {}), stateOf(version)]
          const operations = changes(before, after)
          const what = operations.map(describe).join(', ')
          progress(`${name}: ${what}`)
          const began = performance.now()
          await migrationTransaction(db, operations, () => perform(db, before, operations))
          rows.push([`${name}: ${what}`, ((performance.now() - began) / 1000).toFixed(2)])
          const counts = await Promise.all(['entry', 'comment'].map((table) => count(db, table)))
          if (counts.some((each) => each !== ENTRIES)) lost.push(`${name}: ${what}`)
        }
      } finally {
        await remove()
      }
    }
    /* oxlint-enable no-await-in-loop */
    return {
      how:
        'Each change of the model as one migration, in the order of the table, by the wall clock. The entries have 900 ' +
        'characters; comments refer to them with on delete cascade, so that a table which is dropped and made anew ' +
        'without care would take them with it.',
      columns: ['change', 'seconds'],
      rows,
      targets: [
        {
          claim: 'every entry and every comment is there after every change',
          met: lost.length === 0,
          got: lost.length === 0 ? 'all' : `some are lost after ${lost.join('; ')}`,
        },
      ],
    }
  },
}

function define(db: Database, version: typeof first) {
  const entry = db.table('entry', version)
  const comment = db.table('comment', {
    id: increments(),
    entry_id: string(100).references(() => entry.id, { onDelete: 'cascade' }),
    likes: integer().default(0),
  })
  return [entry, comment] as const
}

function stateOf(version: object) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one of the versions above, which all begin so
  return schemaOf(define(database('sqlite::memory:'), version as typeof first))
}

async function fill(db: Database): Promise<void> {
  const [entry, comment] = define(db, first)
  await db.create()
  const ids = Array.from({ length: ENTRIES }, (_, index) => `entry-${index}`)
  for (let from = 0; from < ENTRIES; from += BATCH) {
    const some = ids.slice(from, from + BATCH)
    // oxlint-disable-next-line no-await-in-loop -- one connection
    await db.transaction(async () => {
      await entry.insert(some.map((id) => ({ id, title: `Title of ${id}`, content })))
      await comment.insert(some.map((id) => ({ entry_id: id })))
    })
  }
}

async function count({ knex }: Database, table: string): Promise<number> {
  const [row] = await knex(table).count({ n: '*' })
  return Number(row?.['n'])
}
