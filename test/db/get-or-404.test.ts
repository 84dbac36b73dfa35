import { database, getOr404, integer, string } from '@robaccia/db'
import createError from 'http-errors'
import { expect, test } from 'vitest'

const db = database('sqlite::memory:')
const entry = db.table('entry', { id: string(100).primary(), version: integer() })
await db.create()
await entry.insert([
  { id: 'a', version: 1 },
  { id: 'b', version: 1 },
  { id: 'c', version: 2 },
])

test('getOr404 gives the row', async () => {
  expect(await getOr404(entry, { id: 'a' })).toEqual({ id: 'a', version: 1 })
  expect(await getOr404(entry, { id: 'c', version: 2 })).toEqual({ id: 'c', version: 2 })
})

test('getOr404 throws an http-errors 404 without the value', async () => {
  const error: unknown = await getOr404(entry, { id: 'secret' }).catch((reason) => reason)
  expect(createError.isHttpError(error)).toBe(true)
  expect(error).toMatchObject({ status: 404, message: 'Not Found' })
})

test('getOr404 refuses a condition that names several rows, or none', async () => {
  await expect(getOr404(entry, { version: 1 })).rejects.toThrow(
    'the condition of getOr404(entry) must name one row',
  )
  await expect(getOr404(entry, {})).rejects.toThrow(TypeError)
})
