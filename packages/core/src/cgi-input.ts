// The body of a CGI request: as many bytes of standard input as its CONTENT_LENGTH says (RFC 3875 §4.2), for a
// server need not close what it writes to.
import type { Readable } from 'node:stream'

export async function* readBounded(stdin: Readable, length: number): AsyncGenerator<Uint8Array> {
  let left = length
  if (left === 0) return
  // The chunks of a Readable without an encoding.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  for await (const chunk of stdin as AsyncIterable<Uint8Array>) {
    yield chunk.subarray(0, left)
    left -= Math.min(left, chunk.byteLength)
    if (left === 0) return
  }
}
