// Credentials that were right a moment ago. With Basic a browser sends them with each request, and checking a
// password is made to be slow: so it is checked once, also for requests that come together.
import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Attempt } from './throttle.js'

const MOST = 1000

export class Verified {
  /** What is remembered is of no use to who reads this process's memory later, elsewhere. */
  readonly #key = randomBytes(32)
  readonly #attempts: LRUCache<string, Promise<Attempt>>
  readonly #remember: number

  /** @param remember milliseconds; 0 for none */
  constructor(remember: number) {
    this.#remember = remember
    this.#attempts = new LRUCache({ max: MOST, ttl: Math.max(1, remember) })
  }

  /** @param from whose attempt it is: those of two clients are not one */
  async attempt(
    from: string,
    name: string,
    password: string,
    verify: () => Promise<Attempt>,
  ): Promise<Attempt> {
    const key = createHmac('sha256', this.#key)
      .update(JSON.stringify([from, name, password]))
      .digest('base64url')
    const known = this.#attempts.get(key)
    if (known !== undefined) return known
    const attempt = verify()
    // The time begins when it is known, and only what was right is remembered.
    this.#attempts.set(key, attempt, { ttl: 0 })
    try {
      const { user } = await attempt
      if (user !== undefined && this.#remember > 0) {
        this.#attempts.set(key, attempt)
        return await attempt
      }
      this.#attempts.delete(key)
      return await attempt
    } catch (error) {
      this.#attempts.delete(key)
      throw error
    }
  }
}
