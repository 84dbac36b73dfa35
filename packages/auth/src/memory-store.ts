// Sessions in this process's memory: for one process, and gone when it ends.
import { LRUCache } from 'lru-cache'
import { positive } from './limit.js'
import type { SessionRecord, SessionStore } from './session-store.js'

export interface MemoryStoreOptions {
  /** The most sessions: 100,000 unless given. The one that was not used for longest makes room. */
  readonly max?: number
}

/** @throws TypeError for a number of sessions that is none */
export function memoryStore({ max = 100_000 }: MemoryStoreOptions = {}): SessionStore {
  positive('memoryStore: max', max)
  const sessions = new LRUCache<string, SessionRecord>({ max })
  const read = (id: string): SessionRecord | undefined => {
    const record = sessions.get(id)
    if (record === undefined || record.expires > Date.now()) return record
    sessions.delete(id)
    return undefined
  }
  return {
    async read(id) {
      return read(id)
    },
    async create(id, record) {
      sessions.set(id, record)
    },
    async update(id, { set, deleted, expires }) {
      const record = read(id)
      if (record === undefined) return false
      const gone = new Set(deleted)
      const kept = Object.entries(record.values).filter(([key]) => !gone.has(key))
      sessions.set(id, { ...record, values: { ...Object.fromEntries(kept), ...set }, expires })
      return true
    },
    async delete(id) {
      sessions.delete(id)
    },
  }
}
