// A store in the process's memory: as many bytes as it may have, the least recently used goes first.
import { isAscii } from 'node:buffer'
import type { Chunk } from '@robaccia/core'
import { LRUCache } from 'lru-cache'
import { assertPositive } from './limit.js'
import { Purges } from './purges.js'
import type { Found, Store } from './store.js'
import type { StoredResponse } from './stored-response.js'

export interface MemoryStoreOptions {
  /** Bytes of bodies and heads that are kept at most: 64 MiB unless given. */
  readonly maxBytes?: number
  /** Variants of a URL that are kept at most, the newest: 32 unless given. */
  readonly maxVariants?: number
}

interface Variant {
  readonly response: StoredResponse
  readonly body: Chunk
  readonly bytes: number
}

/**
 * A store for one process.
 *
 * @throws TypeError for a limit that is no positive integer
 */
export function memoryStore({
  maxBytes = 64 * 1024 * 1024,
  maxVariants = 32,
}: MemoryStoreOptions = {}): Store {
  assertPositive('memoryStore: maxBytes', maxBytes)
  assertPositive('memoryStore: maxVariants', maxVariants)
  const entries = new LRUCache<string, readonly Variant[]>({
    maxSize: maxBytes,
    sizeCalculation: sizeOf,
  })
  const purges = new Purges()

  // What is here of a URL that is purged is deleted at once; what has its tags stays until it is asked for.
  function isOld({ tick, tags }: StoredResponse): boolean {
    return tick < purges.floor || tags.some((tag) => purges.has(`tag ${tag}`, tick))
  }

  return {
    find(key): Found {
      const variants = entries.get(key)
      if (variants === undefined) return { responses: [], tick: purges.tick }
      const now = Date.now()
      const responses: StoredResponse[] = []
      for (const { response } of variants) {
        if (response.until >= now && !isOld(response)) responses.push(response)
      }
      if (responses.length === 0) entries.delete(key)
      return { responses, tick: purges.tick }
    },

    body(key, { id }) {
      return entries.peek(key)?.find(({ response }) => response.id === id)?.body
    },

    put(key, response, body) {
      if (isOld(response) || purges.has(`url ${key}`, response.tick)) return
      const variants = entries.peek(key) ?? []
      if (body === undefined) {
        const renewed = variants.map((each) =>
          each.response.id === response.id ? { ...each, response } : each,
        )
        if (variants.length > 0) entries.set(key, renewed)
        return
      }
      const others = variants.filter(({ response: { variant } }) => variant !== response.variant)
      const kept = { response, body: asSent(body), bytes: body.byteLength }
      entries.set(key, [kept, ...others].slice(0, maxVariants))
    },

    purge(keys) {
      for (const key of keys) {
        purges.add(`url ${key}`)
        entries.delete(key)
      }
    },

    purgeTag: (tag) => purges.add(`tag ${tag}`),

    purgeAll() {
      purges.addAll()
      entries.clear()
    },
  }
}

/** A longer text is as cheap to send as bytes. */
const LONGEST_TEXT = 65_536

/** ASCII as a text: servers send that with its head in one write, bytes in two. */
function asSent(body: Uint8Array): Chunk {
  return body.byteLength <= LONGEST_TEXT && isAscii(body)
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
    : body
}

/** Of an object, and of a string beside its characters, in V8: roughly. */
const OVERHEAD = 64

function sizeOf(variants: readonly Variant[], key: string): number {
  let size = OVERHEAD + key.length
  for (const { response, bytes } of variants) {
    size += bytes + 8 * OVERHEAD
    for (const [name, value] of response.headers) size += OVERHEAD + name.length + value.length
    for (const [name, value] of response.vary) size += OVERHEAD + name.length + (value?.length ?? 0)
  }
  return size
}
