// The databases that suites run over. SQLite always, its second driver where it is compiled; PostgreSQL and
// MariaDB where a server answers, each test file in a schema of its own, so that files run side by side.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, database } from '@robaccia/db'
import { inject } from 'vitest'

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

function inFile(name: string, scheme: string): TestDatabase {
  return {
    name,
    async open() {
      const folder = await mkdtemp(join(tmpdir(), 'robaccia-db-'))
      const url = `${scheme}:${join(folder, 'test.db')}`
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
  readonly url: string | undefined
  readonly make: string
  readonly drop: string
  within(url: URL, schema: string): void
}

const { postgres, mysql, betterSqlite3 } = inject('services')
const servers: readonly Server[] = [
  {
    name: 'PostgreSQL',
    url: postgres,
    make: 'create schema ??',
    drop: 'drop schema ?? cascade',
    within: (url, schema) => url.searchParams.set('options', `-c search_path=${schema}`),
  },
  {
    name: 'MariaDB',
    url: mysql,
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

export const databases: readonly TestDatabase[] = [
  inFile('SQLite file', 'sqlite'),
  memory,
  ...(betterSqlite3 ? [inFile('SQLite by better-sqlite3', 'better-sqlite3')] : []),
  ...servers.flatMap((server) => (server.url === undefined ? [] : [onServer(server, server.url)])),
]
