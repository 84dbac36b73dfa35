// A streamed body as a Readable for Koa: back-pressure, the head with the first chunk, and a body that is
// closed exactly once whatever happens.
import { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import { toBytes } from './body.js'
import { BodyReader } from './body-reader.js'
import type { Body, Chunk } from './contract.js'
import { asError } from './exchange.js'
import type { NodeExchange } from './node-exchange.js'

export class BodyStream extends Readable {
  readonly #reader: BodyReader
  readonly #exchange: NodeExchange
  readonly #response: ServerResponse
  #first: { readonly chunk: Chunk | undefined } | undefined

  constructor(body: AsyncIterable<Chunk> & Body, exchange: NodeExchange, response: ServerResponse) {
    super()
    this.#reader = new BodyReader(body, exchange)
    this.#exchange = exchange
    this.#response = response
    exchange.release = () => destroyed(this)
    // Koa watches it only from the first chunk on, and a client may leave before.
    response.once('close', () => this.destroy())
  }

  /** Pulls the first chunk, while an error can still become a 500. */
  async begin(): Promise<void> {
    try {
      this.#first = { chunk: await this.#reader.next() }
    } catch (error) {
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
        const { chunk } = this.#first ?? { chunk: await this.#reader.next() }
        this.#first = undefined
        this.#exchange.headSent = true
        if (this.destroyed) return
        if (chunk === undefined) {
          this.push(null)
          return
        }
        const bytes = toBytes(chunk)
        // An empty chunk sends the head alone, as server-sent events want it; flushHeaders would send it as UTF-8.
        if (bytes.byteLength === 0) this.#response.write(bytes)
        else {
          this.#exchange.bytes += bytes.byteLength
          this.push(bytes)
          return
        }
      }
    } catch (error) {
      if (this.destroyed) return
      this.#exchange.error ??= error
      this.destroy(asError(error, 'a body failed'))
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    void this.#reader.close().then(() => done(error))
  }
}

/** Destroys a Readable; settles when it is closed. */
export async function destroyed(body: Readable): Promise<void> {
  if (body.closed) return
  body.destroy()
  // Not `once` of node:events, which rejects for an error.
  await new Promise((closed) => body.once('close', closed))
}
