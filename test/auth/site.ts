// What the tests of sessions share: keys of a session, a secret, a store that can be looked into.
import { type MemoryStoreOptions, memoryStore, type SessionStore } from '@robaccia/auth'

declare module '@robaccia/auth' {
  interface SessionData {
    cart?: string[]
    theme?: string
    visits?: number
  }
}

export const secret = 'swordfish'.repeat(5)

/** A store that tells what it was asked. */
export function observed(
  options?: MemoryStoreOptions,
): SessionStore & { readonly calls: string[] } {
  const inner = memoryStore(options)
  const calls: string[] = []
  return {
    calls,
    read(id) {
      calls.push(`read ${id}`)
      return inner.read(id)
    },
    create(id, record) {
      calls.push(`create ${id} ${JSON.stringify(record.values)}`)
      return inner.create(id, record)
    },
    update(id, changes) {
      calls.push(`update ${id} ${JSON.stringify(changes.set)} ${JSON.stringify(changes.deleted)}`)
      return inner.update(id, changes)
    },
    delete(id) {
      calls.push(`delete ${id}`)
      return inner.delete(id)
    },
  }
}
