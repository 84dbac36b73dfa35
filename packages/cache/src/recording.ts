// A streamed body on its way to a client, and kept as it passes. As long as it is kept it is read as fast as it comes, so
// that a slow client holds up nobody else; what turns out too large goes on at the client's pace, unkept.
import { closeBody, toBytes, type Body, type Chunk } from '@robaccia/core'

export interface RecordingOptions {
  /** Bytes that are kept at most. */
  readonly limit: number
  /** Asked when the client has left: says whether the rest is read all the same. */
  goesOn(): boolean
  /** Called when nobody reads it to its end. */
  abandoned(): void
  /**
   * Called once, when all of it is here, or it is known that it won't be kept.
   *
   * @param bytes undefined if they were too many, or the body broke off
   */
  kept(bytes: Uint8Array | undefined): void
  /** Called once, when the body is closed. */
  ended(bytes: number, error: unknown): void | Promise<void>
}

/** As much as waits for a client while nothing is kept. */
const AHEAD = 65_536

export class Recording {
  readonly #body: AsyncIterable<Chunk> & Body
  readonly #options: RecordingOptions
  #chunks: Uint8Array[] | undefined = []
  #length = 0
  readonly #queue: Chunk[] = []
  #queued = 0
  #left = false
  #over = false
  #error: { readonly thrown: unknown } | undefined
  #iterator: AsyncIterator<Chunk> | undefined
  #closing: Promise<void> | undefined
  #wake = (): void => {}
  #more = (): void => {}

  constructor(body: AsyncIterable<Chunk> & Body, options: RecordingOptions) {
    this.#body = body
    this.#options = options
    void this.#pump()
  }

  /** The body for the client. */
  get body(): Body {
    return {
      [Symbol.asyncIterator]: () => this.#read(),
      close: () => this.#leave(),
    }
  }

  /** Keeps nothing of it: it is not what it seemed to be. */
  spoil(): void {
    this.#drop()
  }

  async *#read(): AsyncGenerator<Chunk> {
    for (;;) {
      const chunk = this.#queue.shift()
      if (chunk !== undefined) {
        this.#queued -= chunk.length
        this.#more()
        yield chunk
      } else if (this.#error !== undefined) throw this.#error.thrown
      else if (this.#over) return
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async #pump(): Promise<void> {
    try {
      const iterator = this.#body[Symbol.asyncIterator]()
      this.#iterator = iterator
      while (this.#closing === undefined) {
        const { done, value } = await iterator.next()
        if (done === true) {
          this.#iterator = undefined
          break
        }
        this.#take(value)
        while (this.#chunks === undefined && this.#queued > AHEAD && !this.#left) {
          await new Promise<void>((resolve) => (this.#more = resolve))
        }
      }
      this.#finish()
    } catch (thrown) {
      this.#iterator = undefined
      this.#error = { thrown }
      this.#drop()
    }
    try {
      await this.#close()
    } catch (thrown) {
      this.#error ??= { thrown }
    }
    this.#over = true
    this.#wake()
    await this.#options.ended(this.#length, this.#error?.thrown)
  }

  #take(chunk: Chunk): void {
    const bytes = toBytes(chunk)
    this.#length += bytes.byteLength
    if (this.#chunks !== undefined) {
      if (this.#length > this.#options.limit) this.#drop()
      else this.#chunks.push(bytes)
    }
    if (this.#left) return
    this.#queue.push(chunk)
    this.#queued += chunk.length
    this.#wake()
  }

  /** All of it came, unless it was closed before. */
  #finish(): void {
    if (this.#closing !== undefined || this.#chunks === undefined) {
      this.#drop()
      return
    }
    const bytes = Buffer.concat(this.#chunks)
    this.#chunks = undefined
    this.#options.kept(bytes)
  }

  #drop(): void {
    if (this.#chunks === undefined) return
    this.#chunks = undefined
    this.#options.kept(undefined)
    // Who left while it was kept is not waited for any more.
    if (this.#left) void this.#close().catch(() => {})
  }

  /** The client is gone, or has all of it. */
  async #leave(): Promise<void> {
    this.#left = true
    this.#queue.length = 0
    this.#more()
    this.#wake()
    if (this.#over || (this.#chunks !== undefined && this.#options.goesOn())) return
    this.#options.abandoned()
    this.#drop()
    await this.#close()
  }

  /** Closes the body, once. An iterator that waits for its next chunk answers `return` only after it. */
  #close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#iterator?.return?.().catch(() => {})
      this.#closing = closeBody(this.#body)
    }
    return this.#closing
  }
}
