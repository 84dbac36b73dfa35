// A store that fails is no mistake of the app's: who comes later may have more luck, and is told so.
import createError from 'http-errors'
import type { SessionStore } from './session-store.js'

/** The store, whose errors are a 503 with `retry-after`, and what it threw as their cause. */
export function orUnavailable(store: SessionStore): SessionStore {
  return {
    read: (id) => told(() => store.read(id)),
    create: (id, record) => told(() => store.create(id, record)),
    update: (id, changes) => told(() => store.update(id, changes)),
    delete: (id) => told(() => store.delete(id)),
  }
}

async function told<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    throw createError(503, 'sessions can’t be reached just now: try again in a moment', {
      cause,
      expose: true,
      headers: { 'retry-after': '5' },
    })
  }
}
