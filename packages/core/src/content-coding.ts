// The content codings that node:zlib makes: gzip (RFC 1952), Brotli (RFC 7932) and, from Node 22.15 on,
// Zstandard (RFC 8878). A stream is flushed with each chunk, so that what is written arrives.
import { once } from 'node:events'
import type { Transform } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import * as zlib from 'node:zlib'
import { toBytes } from './body.js'
import type { Chunk } from './contract.js'

export type ContentCoding = 'br' | 'zstd' | 'gzip'

interface Coding {
  readonly levels: { readonly least: number; readonly most: number; readonly usual: number }
  encoder(level: number): Transform
}

/** What the types for Node 20 don't know. */
interface Zstd {
  readonly createZstdCompress?: (options: {
    readonly flush: number
    readonly params: Readonly<Record<number, number>>
  }) => Transform
}
const { createZstdCompress }: typeof zlib & Zstd = zlib
/** The same in every zstd (its manual): zlib.constants has them where it has zstd. */
const [ZSTD_FLUSH, ZSTD_LEVEL] = [1, 100]
const { constants } = zlib

const br: Coding = {
  levels: { least: 0, most: 11, usual: 4 },
  encoder: (level) =>
    zlib.createBrotliCompress({
      flush: constants.BROTLI_OPERATION_FLUSH,
      params: { [constants.BROTLI_PARAM_QUALITY]: level },
    }),
}

const gzip: Coding = {
  levels: { least: 0, most: 9, usual: 6 },
  encoder: (level) => zlib.createGzip({ level, flush: constants.Z_SYNC_FLUSH }),
}

/** The codings that this Node has, the best first. */
export const codings: ReadonlyMap<ContentCoding, Coding> = new Map([
  ['br', br],
  ...(createZstdCompress === undefined
    ? []
    : [
        [
          'zstd',
          {
            // Higher ones need a window of more than 8 MB, which a client may refuse (RFC 9659 §3).
            levels: { least: 1, most: 19, usual: 3 },
            encoder: (level: number) =>
              createZstdCompress({
                flush: ZSTD_FLUSH,
                params: { [ZSTD_LEVEL]: level },
              }),
          },
        ] as const,
      ]),
  ['gzip', gzip],
])

/** Encodes all of a body at once. */
export async function encodeWhole(bytes: Uint8Array, encoder: Transform): Promise<Uint8Array> {
  encoder.end(bytes)
  return buffer(encoder)
}

/** Encodes a stream chunk by chunk: what is pulled in is given out before the next is pulled. */
export async function* encodeStream(
  chunks: AsyncIterable<Chunk>,
  makeEncoder: () => Transform,
): AsyncGenerator<Uint8Array> {
  const encoder = makeEncoder()
  const ready: Uint8Array[] = []
  encoder.on('data', (piece: Uint8Array) => ready.push(piece))
  // What goes wrong is told to whoever waits below.
  encoder.on('error', () => {})
  try {
    for await (const chunk of chunks) {
      const bytes = toBytes(chunk)
      // An empty chunk sends the head alone, here as anywhere.
      if (bytes.byteLength === 0) yield bytes
      else {
        await write(encoder, bytes)
        yield* ready.splice(0)
      }
    }
    const ended = once(encoder, 'end')
    encoder.end()
    await ended
    yield* ready
  } finally {
    encoder.destroy()
  }
}

async function write(encoder: Transform, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    encoder.write(bytes, (error) => (error == null ? resolve() : reject(error)))
  })
}
