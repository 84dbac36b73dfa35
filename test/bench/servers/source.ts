// What is streamed: the file of the second option, read as it goes out; or, with 'generator' as the third, its first
// block again and again, so that whatever memory is used is the server's.
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { options } from './process.js'

const [, file = '', kind] = options

/** Bytes of the whole. */
export const { size } = await stat(file)

const BLOCK = 64 * 1024
const block = Buffer.alloc(BLOCK)
const handle = await open(file)
await handle.read(block)
await handle.close()

// oxlint-disable-next-line typescript/require-await -- a stream is one, also if it needn't wait
async function* generated(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < size; sent += BLOCK) yield block
}

export function source(): Readable | AsyncGenerator<Uint8Array> {
  return kind === 'generator' ? generated() : createReadStream(file)
}
