// A request's body as JSON.
import createError from 'http-errors'
import type { Environ } from './contract.js'
import { decodeUtf8, mediaType } from './media-type.js'
import { type BodyLimits, bodyBytes } from './request-body.js'

/**
 * The request's body, parsed: `application/json` or any type that ends in `+json` (RFC 6839 §3.1).
 * Its value is the client's, so it has no type: validate it. A key `__proto__`, at whatever depth, is
 * refused: it is harmless where it stands, but becomes a prototype once somebody merges the object.
 *
 * @throws 400 for a body that is empty, not JSON or not UTF-8, 415 for another content type; and what
 * readBody throws
 */
export async function readJson(environ: Environ, limits: BodyLimits = {}): Promise<unknown> {
  mediaType(environ, isJson, 'application/json or …+json')
  const content = decodeUtf8(await bodyBytes(environ, limits, 'readJson'), 'the body')
  if (content === '') throw createError(400, 'the body must be JSON, got an empty one')
  try {
    // The key may be spelt with an escape. Without either there is nothing to walk through.
    return JSON.parse(content, /__proto__|\\u/.test(content) ? refusePrototype : undefined)
  } catch (cause) {
    if (createError.isHttpError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw createError(400, `the body must be JSON, got an error: ${reason}`, { cause })
  }
}

function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json')
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') {
    throw createError(400, 'the body must be JSON without a key "__proto__", got one')
  }
  return value
}
