// Where responses are kept. A store that is in this process answers at once, any other by promises.
import type { StoredResponse } from './stored-response.js'

/** Data at once, or a promise of it. */
export type Soon<T> = T | Promise<T>

export interface Found {
  /** Newest first; none that was purged. */
  readonly responses: readonly StoredResponse[]
  /** The store's clock: it moves with each purge. */
  readonly tick: number
}

/**
 * A store for `cache`. It may forget anything at any time; what it must not do is to give back what was purged, not
 * even if that was asked for before and is put after: it compares a response's `tick` with that of the purge.
 */
export interface Store {
  find(key: string): Soon<Found>
  /** A stored response's body; undefined if it is not there any more. */
  body(key: string, response: StoredResponse): Soon<Uint8Array | undefined>
  /** Stores a response. Without a body its head takes the place of that with the same `id`, if that is there. */
  put(key: string, response: StoredResponse, body?: Uint8Array): Soon<void>
  /** Makes everything with these keys out of date. */
  purge(keys: readonly string[]): Soon<void>
  /** Makes everything with this tag out of date. */
  purgeTag(tag: string): Soon<void>
  purgeAll(): Soon<void>
}
