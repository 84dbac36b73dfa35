// A streamed body as a Readable: back-pressure, the head with the first chunk, and a body that is
// closed exactly once whatever happens.
import { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import { closeBody, toBytes } from './body.js'
import type { Body, Chunk } from './contract.js'
import { asError, type NodeExchange } from './node-exchange.js'

export class BodyStream extends Readable {
  readonly #body: AsyncIterable<Chunk> & Body
  readonly #iterator: AsyncIterator<Chunk>
  readonly #exchange: NodeExchange
  readonly #response: ServerResponse
  #first: IteratorResult<Chunk> | undefined
  #ended = false

  constructor(body: AsyncIterable<Chunk> & Body, exchange: NodeExchange, response: ServerResponse) {
    super()
    this.#body = body
    this.#iterator = body[Symbol.asyncIterator]()
    this.#exchange = exchange
    this.#response = response
    exchange.stream = this
    // Koa watches it only from the first chunk on, and a client may leave before.
    response.once('close', () => this.destroy())
  }

  /** Pulls the first chunk, while an error can still become a 500. */
  async begin(): Promise<void> {
    try {
      this.#first = await this.#iterator.next()
    } catch (error) {
      this.#ended = true
      // Of a body that was closed since its client left, as a Readable that is destroyed, it is no error.
      if (this.destroyed) return
      this.#exchange.error = error
      this.destroy()
      throw error
    }
  }

  override _read(): void {
    void this.#pull()
  }

  async #pull(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = this.#first ?? (await this.#iterator.next())
        this.#first = undefined
        this.#exchange.headSent = true
        if (this.destroyed) return
        if (done === true) {
          this.#ended = true
          this.push(null)
          return
        }
        const chunk = toBytes(value)
        // An empty chunk sends the head alone, as server-sent events want it; flushHeaders would send it as UTF-8.
        if (chunk.byteLength === 0) this.#response.write(chunk)
        else {
          this.#exchange.bytes += chunk.byteLength
          this.push(chunk)
          return
        }
      }
    } catch (error) {
      this.#ended = true
      if (this.destroyed) return
      this.#exchange.error ??= error
      this.destroy(asError(error, 'a body failed'))
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#ended) void this.#endIteration()
    closeBody(this.#body).then(
      () => done(error),
      (failed: unknown) => {
        this.#exchange.closeFailed(failed)
        done(error)
      },
    )
  }

  /** An iterator that waits for its next chunk answers `return` only after it: so this isn't waited for. */
  async #endIteration(): Promise<void> {
    try {
      await this.#iterator.return?.()
    } catch (late) {
      this.#exchange.error ??= late
    }
  }
}
