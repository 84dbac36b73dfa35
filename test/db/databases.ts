// The databases that suites run over. SQLite always; PostgreSQL and MariaDB where a server answers,
// each test file in a schema of its own, so that files run side by side. A server that does not
// answer is left out with a line that says so, but with CI=true it fails the run.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, database, DatabaseError } from '@robaccia/db'

export interface OpenDatabase {
  readonly db: Database
  readonly url: string
  /** Closes it and removes all that it left. */
  remove(): Promise<void>
}

export interface TestDatabase {
  readonly name: string
  open(): Promise<OpenDatabase>
}

const file: TestDatabase = {
  name: 'SQLite file',
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'robaccia-db-'))
    const url = `sqlite:${join(folder, 'test.db')}`
    const db = database(url)
    return {
      db,
      url,
      async remove() {
        await db.close()
        await rm(folder, { recursive: true })
      },
    }
  },
}

const memory: TestDatabase = {
  name: 'SQLite memory',
  async open() {
    const db = database('sqlite::memory:')
    return { db, url: 'sqlite::memory:', remove: () => db.close() }
  },
}

/** A server, and the words that it has for a schema and for a URL that means it. */
interface Server {
  readonly name: string
  readonly variable: string
  readonly url: string
  readonly make: string
  readonly drop: string
  within(url: URL, schema: string): void
}

const servers: readonly Server[] = [
  {
    name: 'PostgreSQL',
    variable: 'TEST_POSTGRES_URL',
    url: 'postgres://postgres@127.0.0.1:5432/test',
    make: 'create schema ??',
    drop: 'drop schema ?? cascade',
    within: (url, schema) => url.searchParams.set('options', `-c search_path=${schema}`),
  },
  {
    name: 'MariaDB',
    variable: 'TEST_MYSQL_URL',
    url: 'mysql://root@127.0.0.1:3306/test',
    make: 'create database ??',
    drop: 'drop database ??',
    within: (url, schema) => {
      url.pathname = `/${schema}`
    },
  },
]

function onServer(server: Server, serverUrl: string): TestDatabase {
  return {
    name: server.name,
    async open() {
      const schema = `robaccia_${randomBytes(6).toString('hex')}`
      const admin = database(serverUrl)
      await admin.knex.raw(server.make, [schema])
      const url = new URL(serverUrl)
      server.within(url, schema)
      const db = database(url.href)
      return {
        db,
        url: url.href,
        async remove() {
          await db.close()
          await admin.knex.raw(server.drop, [schema])
          await admin.close()
        },
      }
    },
  }
}

async function reachable(server: Server): Promise<readonly TestDatabase[]> {
  const url = process.env[server.variable] ?? server.url
  const db = database(url)
  try {
    await db.missing()
    return [onServer(server, url)]
  } catch (error) {
    if (!(error instanceof DatabaseError) || process.env['CI'] === 'true') throw error
    console.warn(
      `${server.name} is left out: ${error.message}, or name another in ${server.variable}`,
    )
    return []
  } finally {
    await db.close()
  }
}

export const databases: readonly TestDatabase[] = [
  file,
  memory,
  ...(await Promise.all(servers.map(reachable))).flat(),
]
