// Bytes or text as lines. Not node:readline: for it U+2028, which JSON lets stand in a string, ends a line, and
// it makes U+FFFD of what is no UTF-8.
import { LoadError } from './dump-format.js'

/** So that something that is no dump is not gathered in memory; in UTF-16 code units. */
const longest = 2 ** 28

export interface NumberedLine {
  /** From 1. */
  readonly number: number
  readonly text: string
}

/** The lines that are not empty. @throws LoadError for what is no UTF-8, and for a line without an end */
export async function* numberedLines(
  input: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<NumberedLine, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let number = 0
  let begun: string[] = []
  let length = 0
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (cause) {
      throw new LoadError(`line ${number + 1} of the dump must be UTF-8, got other bytes`, {
        cause,
      })
    }
  }
  function* complete(texts: readonly string[]): Generator<NumberedLine, void, undefined> {
    for (const text of texts) {
      number += 1
      if (text.trim() !== '') yield { number, text }
    }
  }

  for await (const chunk of input) {
    const [first = '', ...rest] = (typeof chunk === 'string' ? chunk : decode(chunk)).split('\n')
    begun.push(first)
    length += first.length
    if (length > longest) {
      throw new LoadError(`line ${number + 1} of the dump must have at most ${longest} characters`)
    }
    const last = rest.pop()
    if (last === undefined) continue
    yield* complete([begun.join(''), ...rest])
    begun = [last]
    length = last.length
  }
  begun.push(decode())
  yield* complete([begun.join('')])
}
