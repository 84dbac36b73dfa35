// multipart/form-data (RFC 7578) as a stream of parts, over @fastify/busboy.
import type { BusboyFileStream, BusboyInstance } from '@fastify/busboy'
import createError from 'http-errors'
import { on } from 'node:events'
import { pipeline } from 'node:stream/promises'
import type { Environ } from './contract.js'
import { mediaType } from './media-type.js'
import { assertLimit, type BodyLimits, bodyStream } from './request-body.js'

export const MULTIPART = 'multipart/form-data'
export const MOST_PARTS = 100

export interface PartLimits extends BodyLimits {
  /** The most parts of a multipart body: 100 unless given. */
  readonly parts?: number
}

/** A part of a multipart body: a field, or a file if it has a filename. */
export interface Part {
  readonly name: string
  /** As the client calls it, without folders; `''` where a form's file was left open. */
  readonly filename: string | undefined
  /** Its content type in lower case, without parameters: what the client says. `text/plain` if it says nothing. */
  readonly type: string
  /** Read it before asking for the next part: what is left of it then is dropped. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * The parts of a multipart body in their order, as they come in. Nothing of them is kept, so a later
 * reader of the body gets an error. Leaving the loop early leaves the rest unread.
 *
 * @param limits `limit` counts the bytes of the whole body
 * @throws (from the iteration, or from a part's body) 413 for more bytes or parts than the limits, 400
 * for a malformed or incomplete body, 415 for another content type; and what readBody throws
 */
export async function* readParts(
  environ: Environ,
  limits: PartLimits = {},
): AsyncGenerator<Part, void, undefined> {
  const { parts = MOST_PARTS } = limits
  assertLimit('parts', parts)
  mediaType(environ, (type) => type === MULTIPART, MULTIPART)
  yield* partsOf(environ, bodyStream(environ, limits, 'readParts'), parts)
}

/** The parts of the environ's body, which the input holds. */
export async function* partsOf(
  environ: Environ,
  input: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Part, void, undefined> {
  const parser = await createParser(environ, limit)
  const open = new Set<BusboyFileStream>()
  parser.on('file', (_name, stream) => {
    open.add(stream)
    // Whoever reads the part gets its error; a part that nobody reads must not end the process with it.
    stream.on('error', () => undefined).on('close', () => open.delete(stream))
  })
  parser.on('partsLimit', () => {
    parser.destroy(createError(413, `the form must have at most ${limit} parts, got more`))
  })
  // A parser that fails leaves its parts without an end.
  parser.on('error', (error) => {
    for (const stream of open) stream.destroy(error instanceof Error ? error : undefined)
  })
  const files = on(parser, 'file', { close: ['finish'] })
  const fed = pipeline(input, parser)
  // Its error also comes out of `files`.
  fed.catch(() => undefined)
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- node:events does not know an event's arguments
    for await (const [name, stream, filename, , type] of files as AsyncIterable<FileEvent>) {
      if (name === undefined) {
        throw createError(400, 'every part of the form must have a name, got one without')
      }
      yield { name, filename, type, body: partBody(stream) }
      stream.resume()
    }
  } catch (error) {
    throw clientError(error)
  } finally {
    parser.destroy()
  }
}

type FileEvent = [
  name: string | undefined,
  stream: BusboyFileStream,
  filename: string | undefined,
  transferEncoding: string,
  type: string,
]

async function createParser(environ: Environ, parts: number): Promise<BusboyInstance> {
  // Loaded when it is first needed: it takes a good part of the time that an app needs to start.
  const { Busboy } = await import('@fastify/busboy')
  try {
    return new Busboy({
      headers: { 'content-type': environ.CONTENT_TYPE ?? '' },
      limits: { parts },
      isPartAFile: () => true,
    })
  } catch (error) {
    throw clientError(error)
  }
}

async function* partBody(stream: BusboyFileStream): AsyncGenerator<Uint8Array> {
  try {
    // Whoever stops reading leaves the stream alive, so that the rest can be dropped.
    yield* stream.iterator({ destroyOnReturn: false })
  } catch (error) {
    throw clientError(error)
  }
}

/** The parser's errors are plain ones, and all of them are about what the client sent. */
function clientError(error: unknown): unknown {
  if (createError.isHttpError(error) || error instanceof TypeError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return createError(400, `the body must be ${MULTIPART}, got an error: ${reason}`, {
    cause: error,
  })
}
