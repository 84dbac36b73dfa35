// Reads a streamed body for a server: one iteration, and one closing whatever happens.
import { closeBody } from './body.js'
import type { Body, Chunk } from './contract.js'
import type { Exchange } from './exchange.js'

export class BodyReader {
  readonly #body: AsyncIterable<Chunk> & Body
  #iterator: AsyncIterator<Chunk> | undefined = undefined
  readonly #exchange: Exchange
  /** The iterator has ended by itself: it needs no `return`. */
  #ended = false
  #closing: Promise<void> | undefined = undefined

  constructor(body: AsyncIterable<Chunk> & Body, exchange: Exchange) {
    this.#body = body
    this.#exchange = exchange
  }

  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** The next chunk; undefined at the end, and once the body is closed. @throws what the body throws */
  async next(): Promise<Chunk | undefined> {
    if (this.closed) return undefined
    try {
      this.#iterator ??= this.#body[Symbol.asyncIterator]()
      const { done, value } = await this.#iterator.next()
      if (done !== true) return value
      this.#ended = true
      return undefined
    } catch (error) {
      this.#ended = true
      // What fails because it was closed is no error of the app's.
      if (this.closed) return undefined
      throw error
    }
  }

  /** Closes the body, once; settles when it is closed, however often it is called, and never rejects. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      if (!this.#ended) void this.#endIteration()
      this.#closing = closeBody(this.#body).catch((error: unknown) => {
        this.#exchange.closeFailed(error)
      })
    }
    return this.#closing
  }

  /** An iterator that waits for its next chunk answers `return` only after it: so this isn't waited for. */
  async #endIteration(): Promise<void> {
    try {
      await this.#iterator?.return?.()
    } catch (late) {
      this.#exchange.error ??= late
    }
  }
}
