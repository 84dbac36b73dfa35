// What every store must do, over all of them.
import { memoryStore, sessionOf, sessions, type SessionStore } from '@robaccia/auth'
import { redisStore } from '@robaccia/auth/redis'
import { type SessionTable, sessionTable, tableStore } from '@robaccia/auth/table'
import { text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { randomBytes } from 'node:crypto'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { databases, type OpenDatabase } from '../db/databases.js'
import { secret } from './site.js'

interface Place {
  readonly store: SessionStore
  /** Another process's store in the same place; undefined where there can't be one. */
  readonly other?: SessionStore
  remove(): Promise<void>
}

const { redis } = inject('services')
const prefix = `test:${randomBytes(6).toString('hex')}:`

async function inRedis(url: string): Promise<Place> {
  const one = createClient({ url })
  const two = createClient({ url })
  await Promise.all([one.connect(), two.connect()])
  return {
    store: redisStore(one, { prefix }),
    other: redisStore(two, { prefix }),
    async remove() {
      for await (const keys of one.scanIterator({ MATCH: `${prefix}*` })) {
        if (keys.length > 0) await one.del(keys)
      }
      await Promise.all([one.close(), two.close()])
    },
  }
}

let opened: OpenDatabase | undefined
let table: SessionTable | undefined

const places: { readonly name: string; open(): Promise<Place> }[] = [
  {
    name: 'memory',
    open: async () => ({ store: memoryStore(), remove: async () => {} }),
  },
  ...(redis === undefined ? [] : [{ name: 'Redis', open: () => inRedis(redis) }]),
  ...databases.map(({ name, open }) => ({
    name: `a table in ${name}`,
    async open(): Promise<Place> {
      opened = await open()
      table = sessionTable(opened.db)
      await opened.db.create()
      return {
        store: tableStore(table),
        other: tableStore(table),
        remove: opened.remove,
      }
    },
  })),
]

const soon = () => Date.now() + 60_000
const newId = () => randomBytes(32).toString('base64url')

describe.each(places)('a store in $name', ({ open }) => {
  let place: Place
  let store: SessionStore

  beforeAll(async () => {
    place = await open()
    store = place.store
  })
  afterAll(() => place?.remove())

  test('gives back what it was given', async () => {
    const id = newId()
    expect(await store.read(id)).toBeUndefined()
    const values = { 'auth.user': '{"name":"Zoë 🐟"}', created: '1', '=x': '""', empty: '""' }
    const record = { values, created: Date.now(), expires: soon() }
    await store.create(id, record)
    expect(await (place.other ?? store).read(id)).toEqual(record)
  })

  test('keeps ids apart that differ in case', async () => {
    const id = `${newId().slice(1)}a`
    await store.create(id, { values: { a: '1' }, created: 1, expires: soon() })
    expect(await store.read(`${id.slice(0, -1)}A`)).toBeUndefined()
  })

  test('changes some keys and leaves the others', async () => {
    const id = newId()
    await store.create(id, {
      values: { a: '1', b: '2', c: '3' },
      created: 1000,
      expires: soon(),
    })
    const expires = soon() + 5000
    expect(await store.update(id, { set: { b: '4', d: '5' }, deleted: ['c', 'x'], expires })).toBe(
      true,
    )
    expect(await store.read(id)).toEqual({
      values: { a: '1', b: '4', d: '5' },
      created: 1000,
      expires,
    })
    expect(await store.update(id, { set: {}, deleted: [], expires: expires + 1 })).toBe(true)
    expect((await store.read(id))?.expires).toBe(expires + 1)
  })

  test('loses no key where many are changed at once, by two processes', async () => {
    const id = newId()
    await store.create(id, { values: { gone: '1' }, created: 1, expires: soon() })
    const keys = Array.from({ length: 12 }, (_, index) => `key${index}`)
    const saved = await Promise.all(
      keys.map((key, index) =>
        (index % 2 === 0 ? store : (place.other ?? store)).update(id, {
          set: { [key]: String(index) },
          deleted: index === 3 ? ['gone'] : [],
          expires: soon(),
        }),
      ),
    )
    expect(new Set(saved)).toEqual(new Set([true]))
    const expected = Object.fromEntries(keys.map((key, index) => [key, String(index)]))
    expect((await store.read(id))?.values).toEqual(expected)
  })

  test('makes nothing anew that was deleted', async () => {
    const id = newId()
    await store.create(id, { values: { a: '1' }, created: 1, expires: soon() })
    await store.delete(id)
    await store.delete(id)
    expect(await store.update(id, { set: { a: '2' }, deleted: [], expires: soon() })).toBe(false)
    expect(await store.read(id)).toBeUndefined()
  })

  test('gives none that has ended', async () => {
    const id = newId()
    await store.create(id, { values: { a: '1' }, created: 1, expires: Date.now() + 60 })
    await expect.poll(() => store.read(id)).toBeUndefined()
  })

  test('holds a large one', async () => {
    const id = newId()
    const values = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`key${index}`, '"0123456789"']),
    )
    await store.create(id, { values, created: 1, expires: soon() })
    expect((await store.read(id))?.values).toEqual(values)
  })

  test('carries the sessions of a site', async () => {
    const site = client(
      sessions({ secret, store })((environ, startResponse) => {
        const session = sessionOf(environ)
        if (environ.PATH_INFO === '/login') session.login({ name: 'joe' })
        if (environ.PATH_INFO === '/logout') session.end()
        return text(environ, startResponse, session.user?.name ?? 'nobody')
      }),
    )
    await site.get('/login')
    expect((await site.get('/')).text).toBe('joe')
    const headers = { cookie: `session=${site.cookies.get('session')}` }
    await site.get('/logout')
    expect((await site.get('/', { headers })).text).toBe('nobody')
  })
})

describe('tableStore', () => {
  test('deletes sessions that have ended, now and then', async () => {
    const [first] = databases
    if (first === undefined) throw new Error('there must be a database, got none')
    const { db, remove } = await first.open()
    try {
      const own = sessionTable(db)
      await db.create()
      const ended = { values: {}, created: 1, expires: Date.now() - 1000 }
      const store = tableStore(own, { sweep: 40 })
      await store.create(newId(), ended)
      await store.create(newId(), ended)
      expect(await own.select().count()).toBe(2)
      await new Promise((resolve) => setTimeout(resolve, 60))
      const id = newId()
      await store.create(id, { ...ended, expires: soon() })
      expect(await own.select('id')).toEqual([{ id }])
      expect(() => tableStore(own, { sweep: 0 })).toThrow(
        'tableStore: sweep must be a positive integer, got 0',
      )
    } finally {
      await remove()
    }
  })
})
