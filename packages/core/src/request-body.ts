// A request's body as bytes, within a limit. The first reader leaves them under `robaccia.body`, so
// that a middleware and the view that it wraps can both read a form. A copy of the environ made after
// the first read shares them; one made before it can't see them, and `robaccia.input` then says who
// read it. Whoever replaces `robaccia.input` thereby makes a new body.
import createError from 'http-errors'
import { inspect } from 'node:util'
import type { Environ } from './contract.js'
import { refuseEncoded } from './media-type.js'

/** How much of a request's body is read. */
export interface BodyLimits {
  /** The most bytes: 1 MiB unless given. Where several readers read one body, the smallest limit wins. */
  readonly limit?: number
}

/** What the first reader of a body leaves for later ones. */
export interface RequestBody {
  /** The `robaccia.input` that was read. */
  readonly input: AsyncIterable<Uint8Array>
  /** The name of the function that read it. */
  readonly reader: string
  /** Absent when it was handed out as a stream, and is gone. */
  readonly bytes?: Promise<Uint8Array>
}

const MEBIBYTE = 1024 * 1024

/**
 * The request's body. A later call, by whatever reader, gets the same bytes.
 *
 * @throws TypeError for a limit that is negative or no number, and when the body was already streamed
 * @throws 413 for more bytes than the limit, before reading them if `content-length` says so
 * @throws 415 for a content encoding other than identity
 * @throws 400 when the connection breaks off before the body's end
 */
export async function readBody(environ: Environ, limits: BodyLimits = {}): Promise<Uint8Array> {
  return bodyBytes(environ, limits, 'readBody')
}

/** `readBody` for a reader built on it, which errors name. */
export async function bodyBytes(
  environ: Environ,
  { limit = MEBIBYTE }: BodyLimits,
  reader: string,
): Promise<Uint8Array> {
  assertLimit('limit', limit)
  refuseEncoded(environ)
  const read = alreadyRead(environ) ?? remember(environ, { reader, bytes: collect(environ, limit) })
  if (read.bytes === undefined) {
    throw new TypeError(
      `${reader} must come before the body is streamed, got one that ${read.reader} has read`,
    )
  }
  const bytes = await read.bytes
  if (bytes.byteLength > limit) throw tooLarge(limit, bytes.byteLength)
  return bytes
}

/**
 * The request's body in pieces, within a limit, each piece gone once it is read; from the memory if it
 * was read before.
 */
export async function* bodyStream(
  environ: Environ,
  { limit = MEBIBYTE }: BodyLimits,
  reader: string,
): AsyncGenerator<Uint8Array> {
  if (alreadyRead(environ) !== undefined) {
    yield await bodyBytes(environ, { limit }, reader)
    return
  }
  assertLimit('limit', limit)
  refuseEncoded(environ)
  remember(environ, { reader })
  yield* limited(environ, limit)
}

/** @throws TypeError for a limit that is no limit; Infinity is one */
export function assertLimit(name: string, limit: number): void {
  if (typeof limit !== 'number' || !(limit >= 0)) {
    throw new TypeError(`${name} must be a number of at least 0, got ${inspect(limit)}`)
  }
}

function alreadyRead(environ: Environ): RequestBody | undefined {
  const read = environ['robaccia.body']
  return read?.input === environ['robaccia.input'] ? read : undefined
}

function remember(environ: Environ, read: Omit<RequestBody, 'input'>): RequestBody {
  return (environ['robaccia.body'] = { input: environ['robaccia.input'], ...read })
}

async function collect(environ: Environ, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of limited(environ, limit)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* limited(environ: Environ, limit: number): AsyncGenerator<Uint8Array> {
  const declared = Number(environ.CONTENT_LENGTH ?? Number.NaN)
  if (declared > limit) throw tooLarge(limit, declared)
  let size = 0
  try {
    for await (const chunk of environ['robaccia.input']) {
      size += chunk.byteLength
      if (size > limit) throw tooLarge(limit, 'more')
      yield chunk
    }
  } catch (error) {
    // An http-errors error, ours or the server's, says what is wrong; a TypeError is a second read of the input.
    if (createError.isHttpError(error) || error instanceof TypeError) throw error
    throw brokenOff(error)
  }
  if (size < declared) throw brokenOff()
}

function tooLarge(limit: number, got: number | string): createError.HttpError {
  return createError(413, `the body must be at most ${limit} bytes, got ${got}`)
}

function brokenOff(cause?: unknown): createError.HttpError {
  return createError(400, 'the body must be complete, got only a part of it', { cause })
}
