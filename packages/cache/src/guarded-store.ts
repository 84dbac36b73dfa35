// A store that may fail: the app answers then as if there were no cache, and the operator hears of it once.
import { reportThrown, type Environ } from '@robaccia/core'
import type { Found, Soon, Store } from './store.js'
import type { StoredResponse } from './stored-response.js'

export class GuardedStore {
  readonly #store: Store
  /** It failed, and that was told. */
  #failed = false

  constructor(store: Store) {
    this.#store = store
  }

  /** Undefined if the store can't say. */
  find(key: string, environ: Environ): Soon<Found | undefined> {
    return this.#guard(environ, () => this.#store.find(key))
  }

  body(key: string, response: StoredResponse, environ: Environ): Soon<Uint8Array | undefined> {
    return this.#guard(environ, () => this.#store.body(key, response))
  }

  put(
    key: string,
    response: StoredResponse,
    body: Uint8Array | undefined,
    environ: Environ,
  ): Soon<void> {
    return this.#guard(environ, () => this.#store.put(key, response, body))
  }

  purge(keys: readonly string[], environ: Environ): Soon<void> {
    return this.#guard(environ, () => this.#store.purge(keys))
  }

  #guard<T>(environ: Environ, run: () => Soon<T>): Soon<T | undefined> {
    try {
      const result = run()
      if (!(result instanceof Promise)) return result
      return result.then(
        (value) => {
          this.#failed = false
          return value
        },
        (error: unknown) => this.#fail(error, environ),
      )
    } catch (error) {
      return this.#fail(error, environ)
    }
  }

  #fail(cause: unknown, environ: Environ): undefined {
    if (this.#failed) return
    this.#failed = true
    reportThrown(
      new Error('the cache’s store failed; the app answers without it', { cause }),
      environ,
    )
  }
}
