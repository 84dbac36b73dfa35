// robaccia.input: a request's body that is read once and ends by itself.

/**
 * Makes a source of chunks readable once.
 *
 * @throws TypeError (when iterated a second time) that names the first reader; its `cause` is where
 * that one began
 */
export function readOnce(source: () => AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  let first: Error | undefined
  return {
    [Symbol.asyncIterator]() {
      if (first !== undefined) {
        throw new TypeError(
          `robaccia.input must be read once, got a second reader after ${readerOf(first)}`,
          { cause: first },
        )
      }
      first = new Error('robaccia.input was first read here')
      return source()
    },
  }
}

/** The name and place of whoever began to iterate: the first frame that is not ours. */
function readerOf(trace: Error): string {
  const frames = trace.stack?.split('\n').slice(2) ?? []
  return frames[0]?.trim().replace(/^at /, '') ?? 'an unknown one'
}
