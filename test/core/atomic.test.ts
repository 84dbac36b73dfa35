import createError from 'http-errors'
import { describe, expect, test } from 'vitest'
import { atomic, empty, text } from '@robaccia/core'
import type { App, Transactional } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

/** A database that only tells what becomes of its transactions. */
function recording(commit: () => void = () => {}) {
  const events: string[] = []
  const db: Transactional = {
    async transaction(fn) {
      events.push('begin')
      try {
        const result = await fn()
        commit()
        events.push('commit')
        return result
      } catch (error) {
        events.push('rollback')
        throw error
      }
    },
  }
  return { db, events }
}

/** What a request does to the database, and the response to it. */
async function ask(app: App, method = 'POST', commit?: () => void) {
  const { db, events } = recording(commit)
  const response = await client(atomic(db)(app)).request(method, '/')
  return { events, response }
}

const answer =
  (status: number): App =>
  (environ, startResponse) =>
    status === 204 || status === 304
      ? empty(environ, startResponse, status)
      : text(environ, startResponse, `says ${status}`, { status })

describe('atomic', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('lets %s pass', async (method) => {
    const { response, events } = await ask(answer(500), method)
    expect(response.status).toBe(500)
    expect(events).toEqual([])
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])('commits a %s', async (method) => {
    const { response, events } = await ask(answer(200), method)
    expect(response).toMatchObject({ status: 200, text: 'says 200' })
    expect(events).toEqual(['begin', 'commit'])
  })

  test.each([200, 204, 303, 304, 399])('commits what is answered with %i', async (status) => {
    const { response, events } = await ask(answer(status))
    expect(response.status).toBe(status)
    expect(events).toEqual(['begin', 'commit'])
  })

  test.each([400, 404, 409, 422, 500])(
    'rolls back what is answered with %i, and sends it',
    async (status) => {
      const { response, events } = await ask(answer(status))
      expect(response).toMatchObject({ status, text: `says ${status}`, errors: '' })
      expect(events).toEqual(['begin', 'rollback'])
    },
  )

  test('rolls back on a throw, and throws the same', async () => {
    const { response, events } = await ask(() => {
      throw createError(403, 'not yours')
    })
    expect(response).toMatchObject({ status: 403, text: 'not yours\n' })
    expect(events).toEqual(['begin', 'rollback'])
  })

  test('sends a 500 and closes the body when the commit fails', async () => {
    let closed = 0
    const app: App = (_environ, startResponse) => {
      startResponse(303, [['location', '/saved']])
      return Object.assign([], { close: () => void closed++ })
    }
    const { response, events } = await ask(app, 'POST', () => {
      throw new Error('the disk is full')
    })
    expect(response.status).toBe(500)
    expect(response.header('location')).toBeUndefined()
    expect(response.errors).toContain('the disk is full')
    expect(events).toEqual(['begin', 'rollback'])
    expect(closed).toBe(1)
  })

  test('streams when the transaction is over', async () => {
    const { db, events } = recording()
    const app: App = (_environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        yield events.join()
      })()
    }
    const response = await client(atomic(db)(app)).post('/')
    expect(response.text).toBe('begin,commit')
  })

  test('hands on a stream that fails before its first chunk', async () => {
    const { db } = recording()
    const app: App = (environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        startResponse(503, [], new Error('late'))
        yield* text(environ, () => {}, 'sorry') as string[]
      })()
    }
    const response = await client(atomic(db)(app)).post('/')
    expect(response).toMatchObject({ status: 503, text: 'sorry' })
  })

  test.each([undefined, null, {}, 'sqlite:blog.db'])('refuses %s for a database', (value) => {
    expect(() => atomic(value as never)).toThrow(
      `the database of atomic must have transaction(fn), got ${value === null ? 'null' : typeof value}`,
    )
  })
})
