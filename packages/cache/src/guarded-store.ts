// A store that may fail: the app answers then as if there were no cache, and the operator hears of it once; apart for reading
// and for writing, since one that is full or read-only still reads. What could not be purged is not used before it is.
import { reportThrown, type Chunk, type Environ } from '@robaccia/core'
import type { Found, Soon, Store } from './store.js'
import type { StoredResponse } from './stored-response.js'

/** A purge that is owed to the store. */
type Purge =
  { readonly keys: readonly string[] } | { readonly tag: string } | { readonly all: true }

type Use = 'reading' | 'writing'

/** Purges that are remembered; when there are more, everything is to be purged. */
const MOST_OWED = 10_000

export class GuardedStore {
  readonly #store: Store
  /** What it failed at and was told of. */
  readonly #failed = new Set<Use>()
  #owed: Purge[] = []

  constructor(store: Store) {
    this.#store = store
  }

  /** Undefined if the store can't say. */
  find(key: string, environ: Environ): Soon<Found | undefined> {
    if (this.#owed.length > 0) {
      return this.#settled(environ).then((settled) =>
        settled ? this.#guard(environ, 'reading', () => this.#store.find(key)) : undefined,
      )
    }
    return this.#guard(environ, 'reading', () => this.#store.find(key))
  }

  body(key: string, response: StoredResponse, environ: Environ): Soon<Chunk | undefined> {
    return this.#guard(environ, 'reading', () => this.#store.body(key, response))
  }

  put(
    key: string,
    response: StoredResponse,
    body: Uint8Array | undefined,
    environ: Environ,
  ): Soon<void> {
    return this.#guard(environ, 'writing', () => this.#store.put(key, response, body))
  }

  /** @param environ undefined for a purge that no request asks for */
  async purge(purge: Purge, environ: Environ | undefined): Promise<void> {
    try {
      await this.#do(purge)
      this.#failed.delete('writing')
    } catch (error) {
      if (this.#owed.length >= MOST_OWED) this.#owed = [{ all: true }]
      else this.#owed.push(purge)
      this.#fail('writing', error, environ)
    }
  }

  async #do(purge: Purge): Promise<void> {
    if ('keys' in purge) await this.#store.purge(purge.keys)
    else if ('tag' in purge) await this.#store.purgeTag(purge.tag)
    else await this.#store.purgeAll()
  }

  /** Does what is owed; false if the store still fails. */
  async #settled(environ: Environ): Promise<boolean> {
    try {
      for (;;) {
        const [purge] = this.#owed
        if (purge === undefined) return true
        await this.#do(purge)
        this.#failed.delete('writing')
        this.#owed = this.#owed.filter((each) => each !== purge)
      }
    } catch (error) {
      this.#fail('writing', error, environ)
      return false
    }
  }

  #guard<T>(environ: Environ, use: Use, run: () => Soon<T>): Soon<T | undefined> {
    try {
      const result = run()
      if (!(result instanceof Promise)) return result
      return result.then(
        (value) => {
          this.#failed.delete(use)
          return value
        },
        (error: unknown) => this.#fail(use, error, environ),
      )
    } catch (error) {
      return this.#fail(use, error, environ)
    }
  }

  #fail(use: Use, cause: unknown, environ: Environ | undefined): undefined {
    if (this.#failed.has(use)) return
    this.#failed.add(use)
    const error = new Error('the cache’s store failed; the app answers without it', { cause })
    if (environ === undefined) process.stderr.write(`${String(error)}: ${String(cause)}\n`)
    else reportThrown(error, environ)
  }
}
