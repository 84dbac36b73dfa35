// The site from outside, without a socket: each response is also checked against the framework's contract.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { client } from '@robaccia/core/testing'

// Set before the app reads them: a database in memory, and no line for each request.
process.env.DATABASE_URL = 'sqlite::memory:'
process.env.LOG_LEVEL = 'error'
const { db } = await import('../dbconfig.ts')
const { app } = await import('../site.ts')

await db.create()
after(() => db.close())

const { get, post, delete: remove } = client(app)

test('a note is written, shown in the list, and deleted', async () => {
  const form = { title: 'Bread & butter', content: 'Not <b>today</b>.' }
  const written = await post('/', { form, follow: true })
  assert.equal(written.status, 200)
  assert.match(written.text, /<h1[^>]*>Bread &amp; butter<\/h1>/)
  assert.match(written.text, /Not &lt;b&gt;today&lt;\/b&gt;\./)
  assert.match((await get('/')).text, /Bread &amp; butter/)

  const deleted = await post(written.target, { form: { _method: 'DELETE' }, follow: true })
  assert.equal(deleted.target, '/')
  assert.doesNotMatch(deleted.text, /Bread/)
  assert.equal((await get(written.target)).status, 404)
  assert.equal((await remove(written.target)).status, 303)
})

test('a note without a title is not saved, and what was written stays in the form', async () => {
  const { status, text } = await post('/', { form: { title: ' ', content: 'Some text' } })
  assert.equal(status, 422)
  assert.match(text, /The title must not be empty\./)
  assert.match(text, /Some text<\/textarea>/)
  assert.doesNotMatch((await get('/')).text, /Some text/)
})

test('a form that another site sends is refused', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' }
  const { status } = await post('/', { form: { title: 'A', content: 'B' }, headers })
  assert.equal(status, 403)
})

test('a page that is not there is a 404 with a way back', async () => {
  const { status, text } = await get('/notes/99999999999999999999/')
  assert.equal(status, 404)
  assert.match(text, /There is no such page/)
})
