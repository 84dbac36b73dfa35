// Puts an element into an HTML document as it passes. A fragment has no beginning of a document, and stays as it is.
import { toBytes } from '@robaccia/core'
import type { Chunk } from '@robaccia/core'

/** Bytes within which a document begins, if it is one. */
const LIMIT = 4096

/** A document's first words, in Latin-1. Behind a doctype every parser is still ready to open the head. */
const beginning =
  /^(?:\u00EF\u00BB\u00BF)?(?:\s|<!--[^]*?-->)*(?:<!doctype html[^>]*>|(?=<html[\s>]))/i

/** @returns the document with the element in its head; undefined for what is no document */
export function insert(bytes: Uint8Array, element: string): Uint8Array | undefined {
  const found = beginning.exec(Buffer.from(bytes.subarray(0, LIMIT)).toString('latin1'))
  if (found === null) return undefined
  const end = found[0].length
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(element), bytes.subarray(end)])
}

/** The same for a stream. Chunks are held back only while they may be the beginning of a document. */
export async function* insertStream(
  chunks: AsyncIterable<Chunk>,
  element: string,
): AsyncGenerator<Chunk> {
  let held: Uint8Array | undefined = new Uint8Array()
  for await (const chunk of chunks) {
    // An empty one sends the head.
    if (held === undefined || chunk.length === 0) {
      yield chunk
      continue
    }
    held = Buffer.concat([held, toBytes(chunk)])
    const inserted = insert(held, element)
    if (inserted === undefined && mayBegin(held)) continue
    yield inserted ?? held
    held = undefined
  }
  if (held !== undefined && held.length > 0) yield held
}

/** Says whether more bytes could make a beginning of it. */
function mayBegin(bytes: Uint8Array): boolean {
  if (bytes.length >= LIMIT) return false
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\u00EF\u00BB\u00BF/, '')
  const rest = text.replace(/^(?:\s|<!--[^]*?-->)+/, '').toLowerCase()
  return ['<!--', '<!doctype html', '<html'].some((word) =>
    rest.length < word.length ? word.startsWith(rest) : rest.startsWith(word),
  )
}
