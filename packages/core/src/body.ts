// What a middleware's author needs for bodies: read one, map one, close one, call an app.
// The duty behind all of it: whoever discards or drains a body closes it.
import type { App, Body, Chunk, EnvironWith, HeaderList, StartResponse } from './contract.js'

/** A response as a value. */
export interface Response {
  readonly status: number
  readonly headers: HeaderList
  readonly body: Body
}

/** Says whether a body is whole (an array, its length known) and not a stream. */
export function isWhole(body: Body): body is readonly Chunk[] & { close?(): void | Promise<void> } {
  return Array.isArray(body)
}

const encoder = new TextEncoder()

/** A chunk's bytes; a string's are its UTF-8. */
export function toBytes(chunk: Chunk): Uint8Array {
  return typeof chunk === 'string' ? encoder.encode(chunk) : chunk
}

/** A whole body's length in bytes. */
export function byteLength(body: readonly Chunk[]): number {
  let length = 0
  for (const chunk of body) {
    length += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength
  }
  return length
}

/**
 * Closes a body that will not be read (further): calls its `close()`, else `destroy()` if it is a
 * Readable. An iteration that had begun is ended by its `return()`, which is the business of
 * whoever began it (`for await` does it).
 */
export async function closeBody(body: Body): Promise<void> {
  if (typeof body.close === 'function') await body.close()
  else if ('destroy' in body && typeof body.destroy === 'function') body.destroy()
}

/** Reads a body to its end and closes it. */
export async function readAll(body: Body): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  try {
    if (isWhole(body)) for (const chunk of body) chunks.push(toBytes(chunk))
    else for await (const chunk of body) chunks.push(toBytes(chunk))
  } finally {
    await closeBody(body)
  }
  return Buffer.concat(chunks)
}

/**
 * A body whose every chunk went through `change`, whole if the body was whole, and which closes the
 * body when it is closed. The caller deletes or recomputes `content-length`.
 *
 * @param end gives a last chunk, asked for when the body has ended
 */
export function mapBody(
  body: Body,
  change: (chunk: Chunk) => Chunk,
  end?: () => Chunk | undefined,
): Body {
  if (isWhole(body)) {
    const chunks = body.map(change)
    const last = end?.()
    if (last !== undefined) chunks.push(last)
    return body.close === undefined
      ? chunks
      : Object.assign(chunks, { close: () => closeBody(body) })
  }
  return {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of body) yield change(chunk)
      const last = end?.()
      if (last !== undefined) yield last
    },
    close: () => closeBody(body),
  }
}

/**
 * Calls an app and gives its response as a value. The caller owns the body: it hands it on or closes it.
 *
 * @param late takes what the body says while it is read, a startResponse with an error: give it your own
 * startResponse when you hand the body on. Without it such a call throws that error.
 * @throws TypeError when the app settles without having called startResponse
 */
export async function callApp<P>(
  app: App<P>,
  environ: EnvironWith<P>,
  late?: StartResponse,
): Promise<Response> {
  let head: { status: number; headers: HeaderList } | undefined
  let settled = false
  const startResponse: StartResponse = (status, headers, error) => {
    if (head !== undefined && error === undefined) {
      throw new TypeError('startResponse must be called once, or again with an error')
    }
    if (!settled) head = { status, headers }
    else if (late !== undefined) late(status, headers, error)
    else throw error
  }
  const body = await app(environ, startResponse)
  settled = true
  if (head === undefined) {
    throw new TypeError(`${app.name || 'the app'} must call startResponse before it settles`)
  }
  return { status: head.status, headers: head.headers, body }
}
