// What a request says of its body's form. Whatever a reader does not know is refused: guessing would
// read something else than was sent.
import createError from 'http-errors'
import { MIMEType } from 'node:util'
import type { Environ } from './contract.js'

/**
 * The request's content type without its parameters, in lower case.
 *
 * @param accepts says whether the reader knows a type
 * @param wanted names the types that it knows, for the error
 * @throws 415 for a missing, malformed or unknown content type, or a charset other than UTF-8
 */
export function mediaType(
  environ: Environ,
  accepts: (type: string) => boolean,
  wanted: string,
): string {
  const sent = environ.CONTENT_TYPE ?? ''
  const parsed = parse(sent)
  if (parsed === undefined || !accepts(parsed.essence)) {
    throw createError(415, `the content type must be ${wanted}, got ${sent === '' ? 'none' : sent}`)
  }
  const charset = parsed.params.get('charset')
  if (charset !== null && !/^utf-?8$/i.test(charset)) {
    throw createError(415, `the charset must be utf-8, got ${charset}`)
  }
  return parsed.essence
}

/**
 * Refuses a compressed body: who wants one puts a middleware in front that unpacks it, within limits.
 *
 * @throws 415 that says so by `accept-encoding` (RFC 9110 §15.5.16)
 */
export function refuseEncoded(environ: Environ): void {
  const coding = environ.HTTP_CONTENT_ENCODING ?? 'identity'
  if (coding.toLowerCase() !== 'identity') {
    throw createError(415, `the content encoding must be identity, got ${coding}`, {
      headers: { 'accept-encoding': 'identity' },
    })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Decodes UTF-8; a byte order mark is dropped.
 *
 * @param subject names the text in the error
 * @throws 400 for bytes that are not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, subject: string): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw createError(400, `${subject} must be UTF-8, got other bytes`, { cause })
  }
}

function parse(type: string): MIMEType | undefined {
  try {
    return new MIMEType(type)
  } catch {
    return undefined
  }
}
