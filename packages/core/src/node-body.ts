// A streamed body as a Readable: back-pressure, the head with the first chunk, and a body that is
// closed exactly once whatever happens.
import { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import { closeBody, toBytes } from './body.js'
import type { Body, Chunk } from './contract.js'
import type { NodeExchange } from './node-exchange.js'

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
    exchange.release = () => this.#release()
  }

  /** Pulls the first chunk, while an error can still become a 500. */
  async begin(): Promise<void> {
    try {
      this.#first = await this.#iterator.next()
    } catch (error) {
      this.#exchange.error = error
      this.#ended = true
      this.destroy()
      throw error
    }
  }

  /** Settles when the body is closed. */
  async #release(): Promise<void> {
    if (this.closed) return
    this.destroy()
    // Not `once` of node:events, which rejects for an error.
    await new Promise((closed) => this.once('close', closed))
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
        // An empty chunk sends the head alone, as server-sent events want it.
        if (chunk.byteLength === 0) this.#response.flushHeaders()
        else {
          this.#exchange.bytes += chunk.byteLength
          this.push(chunk)
          return
        }
      }
    } catch (error) {
      this.#ended = true
      this.#exchange.error ??= error
      this.destroy(error instanceof Error ? error : new Error('a body failed', { cause: error }))
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // An iterator that waits for its next chunk answers `return` only after it: so it isn't waited for.
    if (!this.#ended)
      this.#iterator.return?.().catch((late: unknown) => (this.#exchange.error ??= late))
    closeBody(this.#body).then(
      () => done(error),
      (failed: unknown) =>
        done(error ?? (failed instanceof Error ? failed : new Error(String(failed)))),
    )
  }
}
