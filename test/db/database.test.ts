import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { database, DatabaseError } from '@robaccia/db'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databases } from './databases.js'

describe('database', () => {
  /** The error of a database's first use: one line without the password. */
  async function problem(url: string): Promise<string> {
    const db = database(url)
    const error: unknown = await db.missing().catch((reason: unknown) => reason)
    await db.close()
    if (!(error instanceof DatabaseError))
      throw new Error('must be a DatabaseError', { cause: error })
    expect(error.message).not.toMatch(/\n|s3cret/)
    return error.message
  }

  test.each([
    ['oracle://db', /^a database URL must be like sqlite:blog\.db, .*got the scheme oracle:$/],
    ['blog.db', /got no scheme$/],
    ['', /got no scheme$/],
    ['constructor:x', /got the scheme constructor:$/],
    ['sqlite:', /^a SQLite URL must be sqlite: and a file/],
    ['sqlite://blog.db', /^a SQLite URL must be sqlite: and a file/],
    ['better-sqlite3:', /^a SQLite URL must be better-sqlite3: and a file/],
    [
      'postgres://user:s3cret@host',
      /^a postgres: URL must be like postgres:\/\/user:password@host:port\/name/,
    ],
    ['mysql://user:s3cret@host:port/db', /^a mysql: URL must be like/],
    ['mysql://user:s3cret%@host/db', /special characters percent-encoded/],
  ])('refuses %s at once', (url, message) => {
    expect(() => database(url)).toThrow(TypeError)
    expect(() => database(url)).toThrow(message)
    expect(() => database(url)).not.toThrow('s3cret')
  })

  test.each(['mariadb://root@localhost/x', 'postgresql://localhost/x', 'mysql://localhost/x'])(
    'takes %s',
    async (url) => {
      const db = database(url)
      expect(db.dialect).toBe(url.startsWith('post') ? 'postgres' : 'mysql')
      await db.close()
    },
  )

  test('says that a server can not be reached', async () => {
    for (const scheme of ['postgres', 'mysql']) {
      const url = `${scheme}://user:s3cret@127.0.0.1:1/blog`
      expect(await problem(url)).toBe(
        `the server of ${scheme}://127.0.0.1:1/blog must be reachable, got ECONNREFUSED: start it, or check host and port in the database URL`,
      )
    }
  })

  test('says that PostgreSQL refuses the password', async () => {
    // A server that asks for a clear-text password and refuses it (PostgreSQL 55.7, message formats).
    const text = 'SFATAL\0C28P01\0Mpassword authentication failed\0\0'
    const refusal = Buffer.alloc(5 + text.length)
    refusal.write('E')
    refusal.writeInt32BE(4 + text.length, 1)
    refusal.write(text, 5)
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]))
        socket.once('data', () => socket.end(refusal))
      })
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    expect(await problem(`postgres://user:s3cret@127.0.0.1:${port}/blog`)).toBe(
      `the user and password for postgres://127.0.0.1:${port}/blog must be right, got refused: check the database URL`,
    )
    server.close()
  })

  test.each(databases.filter(({ name }) => !name.startsWith('SQLite')))(
    'says that a database of $name does not exist, or that the user may not use it',
    async ({ open }) => {
      const { url, remove } = await open()
      onTestFinished(remove)
      const other = new URL(url)
      other.pathname = '/no_such_database'
      expect(await problem(other.href)).toMatch(
        /^the database of \w+:\/\/[\d.:]+\/no_such_database must exist/,
      )
      if (url.startsWith('mysql')) {
        other.username = 'nobody'
        other.password = 's3cret'
        expect(await problem(other.href)).toMatch(
          /^the user and password for .* must be right, got refused/,
        )
      }
    },
  )

  test.each(databases.filter(({ name }) => !name.startsWith('SQLite')))(
    'a session on $name is in UTC, and strict',
    async ({ open }) => {
      const { db, remove } = await open()
      onTestFinished(remove)
      if (db.dialect === 'postgres') {
        expect((await db.knex.raw('show time zone')).rows).toEqual([{ TimeZone: 'UTC' }])
        return
      }
      const [[session]] = await db.knex.raw(
        'select @@time_zone as zone, @@sql_mode as mode, @@character_set_connection as charset',
      )
      expect(session).toMatchObject({ zone: '+00:00', charset: 'utf8mb4' })
      expect(session.mode).toContain('STRICT_ALL_TABLES')
    },
  )

  test('says which driver to install', () => {
    // A loader under which no driver is found.
    const script = `
      import Module from 'node:module'
      const resolve = Module._resolveFilename
      Module._resolveFilename = function (request, ...rest) {
        if (/^(pg|mysql2|better-sqlite3)$/.test(request)) throw Object.assign(new Error('not found'), { code: 'MODULE_NOT_FOUND' })
        return resolve.call(this, request, ...rest)
      }
      const { database } = await import('@robaccia/db')
      for (const url of ['postgres://u:s3cret@h/d', 'mysql://u:s3cret@h/d', 'better-sqlite3:x.db']) {
        try { database(url) } catch (error) { console.log(error.name + ': ' + error.message) }
      }`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('.', import.meta.url),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(stdout.trim().split('\n')).toEqual([
      'DatabaseError: the driver pg must be installed to use postgres: npm install pg',
      'DatabaseError: the driver mysql2 must be installed to use mysql: npm install mysql2',
      'DatabaseError: the driver better-sqlite3 must be installed to use sqlite: npm install better-sqlite3',
    ])
  })
})
