// Reads a streamed body for a server: one iteration, as many bytes as the app said, and one closing whatever happens.
import { types } from 'node:util'
import { byteLength, closeBody } from './body.js'
import type { Body, Chunk } from './contract.js'
import type { Exchange } from './exchange.js'
import { ownLength } from './head.js'

export class BodyReader {
  readonly #body: AsyncIterable<Chunk> & Body
  #iterator: AsyncIterator<Chunk> | undefined = undefined
  readonly #exchange: Exchange
  /** The iterator has ended by itself: it needs no `return`. */
  #ended = false
  /** Bytes that must still come; undefined if the app named no length, or before it could no longer change. */
  #left: number | undefined = undefined
  #begun = false
  #closing: Promise<void> | undefined = undefined

  constructor(body: AsyncIterable<Chunk> & Body, exchange: Exchange) {
    this.#body = body
    this.#exchange = exchange
  }

  get closed(): boolean {
    return this.#closing !== undefined
  }

  /**
   * The next chunk; undefined at the end, and once the body is closed.
   *
   * @throws what the body throws
   * @throws TypeError for a chunk that is none, and for more or fewer bytes than the app's content-length
   */
  async next(): Promise<Chunk | undefined> {
    if (this.closed) return undefined
    let chunk: Chunk | undefined
    try {
      this.#iterator ??= this.#body[Symbol.asyncIterator]()
      const { done, value } = await this.#iterator.next()
      if (done === true) this.#ended = true
      else chunk = value
    } catch (error) {
      this.#ended = true
      // What fails because it was closed is no error of the app's.
      if (this.closed) return undefined
      throw error
    }
    if (!this.closed) this.#check(chunk)
    return chunk
  }

  /** What is over the length never leaves: the client would take it for the next response (RFC 9112 §6.3). */
  #check(chunk: Chunk | undefined): void {
    if (!(chunk === undefined ? this.#ended : isChunk(chunk))) {
      throw new TypeError(`a chunk must be a string or a Uint8Array, got ${typeof chunk}`)
    }
    if (!this.#begun) {
      this.#begun = true
      this.#left = ownLength(this.#exchange.headers)
    }
    if (this.#left === undefined) return
    if (chunk !== undefined) this.#left -= byteLength([chunk])
    else if (this.#left > 0) throw wrongLength(this.#left)
    if (this.#left < 0) throw wrongLength(this.#left)
  }

  /** Closes the body, once; settles when it is closed, however often it is called, and never rejects. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      if (!this.#ended) void this.#endIteration()
      this.#closing = closeBody(this.#body).catch((error: unknown) => {
        this.#exchange.bodyFailed(error)
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

/** @param left bytes that should still come; below 0 for those that are too many */
export function wrongLength(left: number): TypeError {
  const got = left > 0 ? `${left} bytes fewer` : `${-left} bytes more`
  return new TypeError(`content-length must be the body's length, got ${got}`)
}

function isChunk(chunk: Chunk): boolean {
  return typeof chunk === 'string' || types.isUint8Array(chunk)
}
