// robaccia.input: a request's body that is read once and ends by itself.

/**
 * Makes a source of chunks readable once.
 *
 * @throws TypeError (when iterated a second time) that names the first reader; its `cause` is where
 * that one began
 */
export function readOnce(source: () => AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  return new Input(source)
}

/** A class, since each request has one: an object literal with a computed method takes ten times as long. */
class Input implements AsyncIterable<Uint8Array> {
  readonly #source: () => AsyncIterator<Uint8Array>
  #first: Error | undefined = undefined

  constructor(source: () => AsyncIterator<Uint8Array>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#first !== undefined) {
      throw new TypeError(
        `robaccia.input must be read once, got a second reader after ${readerOf(this.#first)}`,
        { cause: this.#first },
      )
    }
    this.#first = new Error('robaccia.input was first read here')
    return this.#source()
  }
}

/** The name and place of whoever began to iterate: the first frame that is not ours. */
function readerOf(trace: Error): string {
  const frames = trace.stack?.split('\n').slice(2) ?? []
  return frames[0]?.trim().replace(/^at /, '') ?? 'an unknown one'
}
