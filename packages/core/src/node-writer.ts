// Writes a streamed body to node:http's response: the head with the first chunk, back-pressure, and a body
// that is closed exactly once whatever happens, at once when the client goes away.
import type { ServerResponse } from 'node:http'
import { closeBody } from './body.js'
import type { Body, Chunk } from './contract.js'
import { headersToSend } from './head.js'
import { onClose } from './node-exchange.js'
import type { NodeExchange } from './node-exchange.js'
import { writeChunk, writeHead } from './node-wire.js'

export class BodyWriter {
  readonly #body: AsyncIterable<Chunk> & Body
  readonly #iterator: AsyncIterator<Chunk>
  readonly #exchange: NodeExchange
  readonly #response: ServerResponse
  /** The iterator has ended by itself: it needs no `return`. */
  #ended = false
  #closed: Promise<void> | undefined = undefined
  /** What waits until the client has caught up. */
  #waiting: (() => void) | undefined = undefined

  constructor(body: AsyncIterable<Chunk> & Body, exchange: NodeExchange, response: ServerResponse) {
    this.#body = body
    this.#iterator = body[Symbol.asyncIterator]()
    this.#exchange = exchange
    this.#response = response
  }

  /** Sends the body. @throws what the body throws; it is closed then */
  async send(): Promise<void> {
    const response = this.#response
    this.#exchange.release = () => this.#close()
    onClose(response, () => {
      this.#close().catch(() => {})
      this.#resume()
    })
    response.on('drain', () => this.#resume())
    try {
      let next = await this.#next()
      this.#sendHead()
      while (next.done !== true && this.#closed === undefined) {
        if (!this.#write(next.value)) await this.#drained()
        next = await this.#next()
      }
      response.end()
    } finally {
      await this.#close()
    }
  }

  async #next(): Promise<IteratorResult<Chunk>> {
    if (this.#closed !== undefined) return { done: true, value: undefined }
    try {
      const next = await this.#iterator.next()
      if (next.done === true) this.#ended = true
      return next
    } catch (error) {
      this.#ended = true
      throw error
    }
  }

  #sendHead(): void {
    const { status, headers } = this.#exchange
    const { method = 'GET' } = this.#response.req
    this.#exchange.headers = headersToSend(method, status, headers, undefined)
    writeHead(this.#response, status, this.#exchange.headers)
    this.#exchange.headSent = true
  }

  #write(chunk: Chunk): boolean {
    const length = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength
    this.#exchange.bytes += length
    return writeChunk(this.#response, chunk, length)
  }

  async #drained(): Promise<void> {
    if (this.#response.destroyed) return
    await new Promise<void>((resolve) => {
      this.#waiting = resolve
    })
  }

  #resume(): void {
    this.#waiting?.()
    this.#waiting = undefined
  }

  #close(): Promise<void> {
    if (this.#closed === undefined) {
      // An iterator that waits for its next chunk answers `return` only after it: so it isn't waited for.
      if (!this.#ended) {
        this.#iterator.return?.().catch((late: unknown) => (this.#exchange.error ??= late))
      }
      this.#closed = closeBody(this.#body)
    }
    return this.#closed
  }
}
