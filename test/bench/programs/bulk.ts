// Rows in bulk, in a process of its own: `bulk.ts load|import ours|hand URL SOURCE`. By hand is one prepared insert
// in one transaction. It prints what it took, its start and the making of the tables not counted.
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, parse } from 'node:path'
import { createInterface } from 'node:readline'
import { selector } from '@robaccia/core'
import { database, datetime, float, integer, string } from '@robaccia/db'
import { load } from '@robaccia/db/dump'
import type { BetterSqlite3 } from '../servers/pages.js'

export interface Took {
  readonly seconds: number
  readonly cpuSeconds: number
  /** The most memory that was resident, in bytes. */
  readonly peak: number
  readonly rows: number
}

const [task, how, url = '', source = ''] = process.argv.slice(2)
const file = url.replace(/^[^:]*:/, '')
const work = {
  load: { ours: loadOurs, hand: loadByHand },
  import: { ours: importOurs, hand: importByHand },
}
const run = work[task === 'load' ? 'load' : 'import'][how === 'hand' ? 'hand' : 'ours']
const finished = await run()
const { user, system } = process.cpuUsage(finished.start.cpu)
const took: Took = {
  seconds: (performance.now() - finished.start.moment) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peak: process.resourceUsage().maxRSS * 1024,
  rows: finished.rows,
}
console.log(JSON.stringify(took))

interface Start {
  readonly moment: number
  readonly cpu: NodeJS.CpuUsage
}
interface Done {
  readonly rows: number
  readonly start: Start
}

function begin(): Start {
  return { moment: performance.now(), cpu: process.cpuUsage() }
}

function reading() {
  const db = database(url)
  db.table('reading', {
    id: integer().primary(),
    sensor: string(40),
    value: float(),
    at: datetime(),
  })
  return db
}

async function loadOurs(): Promise<Done> {
  const db = reading()
  await db.create()
  const start = begin()
  const counts = await load(db, createReadStream(source))
  await db.close()
  return { rows: counts['reading'] ?? 0, start }
}

async function loadByHand(): Promise<Done> {
  const db = reading()
  await db.create()
  await db.close()
  const start = begin()
  const insert = await openInsert('insert into reading (id, sensor, value, at) values (?, ?, ?, ?)')
  let rows = 0
  for await (const line of createInterface(createReadStream(source))) {
    if (!line.startsWith('[')) continue
    await insert.run(JSON.parse(line) as unknown[])
    rows += 1
  }
  await insert.commit()
  return { rows, start }
}

async function importOurs(): Promise<Done> {
  process.env['DATABASE_URL'] = url
  const { db, migrations } = await import('../../../apps/blog/dbconfig.js')
  const { entry } = await import('../../../apps/blog/model.js')
  const { importPosts } = await import('../../../apps/blog/import-posts.js')
  const { loadMigrations, migrate } = await import('@robaccia/db/migrations')
  const { runCommand } = await import('@robaccia/manage')
  await migrate(db, await loadMigrations(migrations))
  const { stdin, stderr } = process
  const urls = selector()
  const site = { app: urls, urls, db, model: {}, commands: { import: importPosts } }
  const start = begin()
  const code = await runCommand(site, ['import', source], { stdin, stdout: stderr, stderr })
  if (code !== 0) throw new Error(`the import must end with 0, got ${code}`)
  const rows = await entry.select().count()
  await db.close()
  return { rows, start }
}

async function importByHand(): Promise<Done> {
  process.env['DATABASE_URL'] = url
  const { db } = await import('../../../apps/blog/dbconfig.js')
  await import('../../../apps/blog/model.js')
  const { parsePost } = await import('../../../apps/blog/front-matter.js')
  const { slug } = await import('../../../apps/blog/slug.js')
  await db.create()
  await db.close()
  const start = begin()
  const insert = await openInsert(
    'insert into entry (id, title, author, content, published, updated, version) values (?, ?, ?, ?, ?, ?, 1)',
  )
  let rows = 0
  for (const name of (await readdir(source)).toSorted()) {
    const post = parsePost(await readFile(join(source, name)))
    const published = post.published.toISOString()
    const id = slug(post.slug || parse(name).name)
    await insert.run([id, post.title, post.author, post.content, published, published])
    rows += 1
  }
  await insert.commit()
  return { rows, start }
}

interface Insert {
  run(values: readonly unknown[]): Promise<void> | void
  commit(): Promise<void>
}

/** What is used of sqlite3, which brings no types. */
interface Sqlite3 {
  Database: new (name: string) => {
    exec(sql: string, done: (error: Error | null) => void): void
    prepare(sql: string): {
      run(values: readonly unknown[], done: (error: Error | null) => void): void
      finalize(): void
    }
  }
}

async function openInsert(sql: string): Promise<Insert> {
  const require = createRequire(import.meta.url)
  if (url.startsWith('better-sqlite3:')) {
    const Database = require('better-sqlite3') as new (name: string) => BetterSqlite3
    const db = new Database(file)
    const statement = db.prepare(sql)
    db.prepare('begin').run()
    return {
      run: (values) => void statement.run(...values),
      commit: async () => void db.prepare('commit').run(),
    }
  }
  const db = new (require('sqlite3') as Sqlite3).Database(file)
  const settled = (ask: (done: (error: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      ask((error) => (error ? reject(error) : resolve()))
    })
  await settled((done) => db.exec('begin', done))
  const statement = db.prepare(sql)
  return {
    run: (values) => settled((done) => statement.run(values, done)),
    async commit() {
      statement.finalize()
      await settled((done) => db.exec('commit', done))
    },
  }
}
