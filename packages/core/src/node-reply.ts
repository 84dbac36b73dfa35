// An app's answer on a response of node:http: the way from the contract into a neighbour's response, whose
// methods other handlers may have replaced (compression, sessions), so that nothing but its public ones is used.
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { closeBody, toBytes } from './body.js'
import type { Body, Chunk, HeaderList, StartResponse } from './contract.js'
import { grouped } from './node-exchange.js'

/** Sets status and headers. Cookies and a `vary` that are there already stay beside the new ones; the rest is replaced. */
export function setHead(response: ServerResponse, status: number, headers: HeaderList): void {
  response.statusCode = status
  for (const [name, value] of grouped(headers)) {
    if (name === 'set-cookie' || name === 'vary') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
}

/** Takes what an app says while its body is read: another head as long as none is sent. */
export function lateHead(response: ServerResponse): StartResponse {
  return (status, headers, error) => {
    if (response.headersSent) throw error
    response.removeHeader('content-length')
    setHead(response, status, headers)
  }
}

/**
 * A streamed body as a Readable, which closes it whether it was read or not.
 *
 * @param flush is called for an empty chunk, which sends the head alone
 */
export class BodyReadable extends Readable {
  readonly #body: AsyncIterable<Chunk> & Body
  readonly #flush: () => void
  #iterator: AsyncIterator<Chunk> | undefined
  #ended = false

  constructor(body: AsyncIterable<Chunk> & Body, flush: () => void) {
    super()
    this.#body = body
    this.#flush = flush
  }

  override _read(): void {
    void this.#pull()
  }

  async #pull(): Promise<void> {
    try {
      this.#iterator ??= this.#body[Symbol.asyncIterator]()
      for (;;) {
        const { done, value } = await this.#iterator.next()
        if (this.destroyed) return
        if (done === true) {
          this.#ended = true
          this.push(null)
          return
        }
        const chunk = toBytes(value)
        if (chunk.byteLength > 0) {
          this.push(chunk)
          return
        }
        this.#flush()
      }
    } catch (error) {
      this.#ended = true
      this.destroy(error instanceof Error ? error : new Error('a body failed', { cause: error }))
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // An iterator that waits for its next chunk answers `return` only after it: so it isn't waited for.
    if (!this.#ended) this.#iterator?.return?.().catch(() => {})
    closeBody(this.#body).then(
      () => done(error),
      (failed: unknown) =>
        done(error ?? (failed instanceof Error ? failed : new Error(String(failed)))),
    )
  }
}
