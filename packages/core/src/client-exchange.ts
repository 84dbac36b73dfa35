// One request of the test client: what a server does, without a socket, and no faster than the test reads.
import { closeBody, isWhole, toBytes } from './body.js'
import type { RequestEnviron } from './client-environ.js'
import type { App, Body, Chunk, Environ, EnvironWith } from './contract.js'
import { assertBody, assertStarted, Exchange, hasNoBody } from './exchange.js'
import type { ContractViolation } from './lint.js'
import { answerTo, reportThrown } from './thrown.js'

export class ClientExchange extends Exchange {
  readonly environ: EnvironWith<object>
  /** The client went away, or the body failed after the head was sent. */
  aborted = false
  readonly #violations: ContractViolation[] = []
  readonly #written: string[] = []
  readonly #late: unknown[] = []
  readonly #reader: AsyncGenerator<Uint8Array, void>
  #body: Body | undefined
  #broken: unknown
  #first: IteratorResult<Uint8Array, void> | undefined
  #leave = (): void => {}
  readonly #gone = new Promise<undefined>((resolve) => {
    this.#leave = () => resolve(undefined)
  })

  /** @param app is called by `begin` */
  constructor(app: App, made: RequestEnviron, keys: Partial<Environ> = {}) {
    super()
    this.environ = {
      ...made,
      'robaccia.errors': { write: (text) => void this.#written.push(text) },
      'robaccia.server': this,
      'lint.violations': this.#violations,
      ...keys,
    }
    this.#reader = this.#read(app)
  }

  /** What was written to `robaccia.errors` so far. */
  get errors(): string {
    return this.#written.join('')
  }

  /** Calls the app and pulls the first chunk, with which the head is sent. */
  async begin(): Promise<void> {
    this.#first = await this.#reader.next()
  }

  /**
   * The body, once begun. Who stops before its end has gone away.
   *
   * @throws what was broken of the contract, or an `after` function has thrown, at the end
   */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      let result = this.#first ?? (await this.#reader.next())
      while (result.done !== true) {
        yield result.value
        result = await this.#reader.next()
      }
    } finally {
      await this.#reader.return()
    }
    // Also where it was the client's leaving that came to know of it.
    if (this.#broken !== undefined) throw this.#broken
  }

  /** Goes away, and waits until the app has noticed: the body closed, `after` run. Throws as `chunks` does. */
  async abort(): Promise<void> {
    this.aborted = true
    this.drop()
    this.#leave()
    await this.#reader.return()
  }

  protected override watch(): void {}
  protected override report(error: unknown): void {
    this.#late.push(error)
  }

  async *#read(app: App): AsyncGenerator<Uint8Array, void> {
    const { REQUEST_METHOD: method } = this.environ
    let bytes = 0
    let complete = false
    try {
      this.#body = await app(this.environ, this.startResponse)
      assertBody(this.#body)
      assertStarted(this)
      for await (const piece of this.#pieces(method, this.#body)) {
        if (this.aborted) break
        this.headSent = true
        bytes += piece.byteLength
        yield piece
      }
      this.headSent = true
      complete = true
    } catch (error) {
      this.error = error
      if (!this.aborted && this.#violations.length === 0) reportThrown(error, this.environ)
      if (!this.aborted && !this.headSent) {
        const page = this.#failed(error)
        complete = true
        if (method !== 'HEAD') {
          bytes = page.byteLength
          yield page
        }
      }
    } finally {
      await this.#end(bytes, complete)
    }
  }

  /** What is sent of a body. All but a stream is closed before the head, when a failure can still be told. */
  async *#pieces(method: string, body: Body): AsyncGenerator<Uint8Array, void> {
    const withoutBody = hasNoBody(this.status)
    if (withoutBody) {
      this.headers = this.headers.filter(([name]) => !/^content-(?:type|length)$/.test(name))
    }
    const unsent = withoutBody || method === 'HEAD'
    if (unsent || isWhole(body)) {
      const pieces = isWhole(body) ? body.map(toBytes) : []
      await this.#close()
      if (!unsent) yield* pieces
    } else yield* this.#pulled(body)
  }

  /** What a stream gives until the client goes away, which ends a wait for the next chunk. */
  async *#pulled(body: AsyncIterable<Chunk>): AsyncGenerator<Uint8Array, void> {
    const iterator = body[Symbol.asyncIterator]()
    let over = false
    try {
      while (!this.aborted) {
        over = true
        const result = await Promise.race([iterator.next(), this.#gone])
        if (result?.done === true) return
        over = false
        if (result !== undefined) yield toBytes(result.value)
      }
    } finally {
      // One that is asked for a chunk answers only after it: so it isn't waited for.
      if (!over) iterator.return?.().catch((error: unknown) => (this.error ??= error))
    }
  }

  async #close(): Promise<void> {
    const body = this.#body
    this.#body = undefined
    if (body !== undefined) await closeBody(body)
  }

  async #end(bytes: number, complete: boolean): Promise<void> {
    try {
      await this.#close()
    } catch (error) {
      this.error ??= error
    }
    this.aborted ||= !complete
    if (this.aborted) this.drop()
    const { status, headers, aborted, error } = this
    await this.finish({ status, headers, bytes, aborted, ...(error !== undefined && { error }) })
    this.#broken = this.#violations[0] ?? this.#late[0]
    if (this.#broken !== undefined) throw this.#broken
  }

  /** A server's own answer to what an app threw before the head. */
  #failed(error: unknown): Uint8Array {
    const { status, headers, message } = answerTo(error)
    this.status = status
    this.headers = [...headers, ['content-type', 'text/plain; charset=utf-8']]
    return Buffer.from(`${message}\n`)
  }
}
