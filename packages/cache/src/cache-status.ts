// Cache-Status (RFC 9211): what the cache did, for whoever looks into it.
import { isAscii, isValidTokenStr, serializeItem, Token } from 'structured-headers'
import type { HeaderList } from '@robaccia/core'

/** Why a request went on to the app (§2.2). */
export type Forwarded = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale'

export interface Went {
  readonly forwarded: Forwarded
  /** The app's status. */
  readonly status?: number
  readonly stored?: boolean
  /** It waited for what somebody else had asked for. */
  readonly collapsed?: boolean
  /** Seconds that the response is still fresh, below 0 for one that is stale. */
  readonly ttl?: number
  readonly detail?: string
}

/** Makes headers that tell what this cache did; none without a name. */
export class CacheStatus {
  readonly #name: string | undefined

  /** @throws TypeError for a name that the field can't have */
  constructor(name: string | false) {
    if (name === false) return
    if (typeof name !== 'string' || name === '' || !isAscii(name)) {
      throw new TypeError(
        `cache: name must be a text of ASCII characters, or false, got ${JSON.stringify(name)}`,
      )
    }
    this.#name = serializeItem(isValidTokenStr(name) ? new Token(name) : name)
  }

  /** @param ttl seconds */
  hit(headers: HeaderList, ttl: number): HeaderList {
    return this.#add(headers, `hit; ttl=${Math.floor(ttl)}`)
  }

  went(
    headers: HeaderList,
    { forwarded, status, stored, collapsed, ttl, detail }: Went,
  ): HeaderList {
    let value = `fwd=${forwarded}`
    if (status !== undefined) value += `; fwd-status=${status}`
    if (ttl !== undefined) value += `; ttl=${Math.floor(ttl)}`
    if (stored === true) value += '; stored'
    if (collapsed === true) value += '; collapsed'
    if (detail !== undefined) value += `; detail=${detail}`
    return this.#add(headers, value)
  }

  /** After those of caches further in, as it is the order that tells who is nearer to the app (§2). */
  #add(headers: HeaderList, parameters: string): HeaderList {
    if (this.#name === undefined) return headers
    return [...headers, ['cache-status', `${this.#name}; ${parameters}`]]
  }
}
