// The middleware of @robaccia/core over every database.
import { atomic, compose, errors, readForm, selector, text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { type Database, increments, integer, string } from '@robaccia/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { databases } from './databases.js'
import { fixture } from './fixture.js'

function tables(db: Database) {
  const login = db.table('login', { name: string(20), failures: integer().default(0) })
  const member = db.table('member', { id: increments(), name: string(20) })
  return { login, member }
}

describe.each(databases)('atomic on $name', ({ open }) => {
  let db: Database
  let model: ReturnType<typeof tables>
  let site: ReturnType<typeof client>

  fixture(open, tables, async (made) => {
    db = made.db
    model = made.tables
    const urls = selector()
      .add('/members', {
        POST: async (environ, startResponse) => {
          const name = (await readForm(environ)).get('name') as string
          await model.member.insert({ name })
          if (name === 'throws') throw new Error('no')
          const status = name === 'refused' ? 422 : 200
          return text(environ, startResponse, name, { status })
        },
      })
      .add('/login', {
        POST: async (environ, startResponse) => {
          await model.member.insert({ name: 'half' })
          await db.outside(() => model.login.update().increment('failures').where({ name: 'Ann' }))
          return text(environ, startResponse, 'wrong password', { status: 403 })
        },
      })
      .add('/again', {
        POST: async (environ, startResponse) => {
          const { id } = await model.member.insert({ name: 'once' })
          await model.member.insert({ id, name: 'twice' }).then(undefined, () => {})
          return text(environ, startResponse, 'saved')
        },
      })
      .add('/stream', {
        POST: async (_environ, startResponse) => {
          await model.member.insert({ name: 'first' })
          startResponse(200, [])
          return (async function* () {
            await model.member.insert({ name: 'later' })
            yield `${await model.member.select().count()}`
          })()
        },
      })
    site = client(compose(errors(), atomic(db))(urls))
  })
  beforeEach(async () => {
    await model.member.delete().all()
    await model.login.delete().all()
    await model.login.insert({ name: 'Ann' })
  })

  const names = async () => (await model.member.select('name')).map(({ name }) => name)

  test('keeps what is answered well, and nothing of what is not', async () => {
    const post = (name: string) => site.post('/members', { form: { name } })
    expect((await post('refused')).status).toBe(422)
    expect((await post('throws')).status).toBe(500)
    expect(await names()).toEqual([])
    expect((await post('kept')).status).toBe(200)
    expect(await names()).toEqual(['kept'])
  })

  test('keeps what runs outside of a request that is refused', async () => {
    expect((await site.post('/login')).status).toBe(403)
    expect((await site.post('/login')).status).toBe(403)
    expect(await names()).toEqual([])
    expect((await model.login.select('failures').first())?.failures).toBe(2)
  })

  test('does not say that it saved what PostgreSQL rolled back', async () => {
    const lost = db.dialect === 'postgres'
    expect((await site.post('/again')).status).toBe(lost ? 500 : 200)
    expect(await names()).toEqual(lost ? [] : ['once'])
  })

  test('streams outside of the transaction', async () => {
    expect((await site.post('/stream')).text).toBe('2')
  })

  test('takes many requests at once', async () => {
    const many = Array.from({ length: 30 }, (_, n) =>
      site.post('/members', { form: { name: n % 2 ? 'refused' : 'kept' } }),
    )
    await Promise.all(many)
    expect(await names()).toEqual(Array.from({ length: 15 }, () => 'kept'))
  })
})
