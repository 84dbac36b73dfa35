// Calls to another process that may be slow or gone: each has a time limit, and after a failure it is left alone for a while,
// so that requests don't wait for it one after the other. A call keeps the process from ending until it is settled.

export interface BreakerOptions {
  /** Milliseconds that a call may take. */
  readonly timeout: number
  /** Milliseconds without a call after one that failed. */
  readonly retryAfter: number
  /** Called before each call; settles when there is a connection. */
  connect(): Promise<unknown>
}

export class Breaker {
  readonly #options: BreakerOptions
  /** Milliseconds since 1970, and what happened then. */
  #failed: { readonly until: number; readonly cause: unknown } | undefined
  #closed = false

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** @throws Error for a call that takes too long, and at once for one that comes too early after one that failed */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error('the store must be open, got closed')
    const { timeout, retryAfter } = this.#options
    if (this.#failed !== undefined && Date.now() < this.#failed.until) {
      throw new Error(`it failed less than ${retryAfter} ms ago`, { cause: this.#failed.cause })
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout)
    })
    try {
      const result = await Promise.race([this.#connectedTo(call), late])
      this.#failed = undefined
      return result
    } catch (error) {
      this.#failed = { until: Date.now() + retryAfter, cause: error }
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async #connectedTo<T>(call: () => Promise<T>): Promise<T> {
    await this.#options.connect()
    return call()
  }

  close(): void {
    this.#closed = true
  }
}
