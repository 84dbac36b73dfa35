// A request's body as a form: FormData, files and all, in memory.
import createError from 'http-errors'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import type { Environ } from './contract.js'
import { decodeUtf8, mediaType } from './media-type.js'
import { MOST_PARTS, MULTIPART, type PartLimits, partsOf } from './multipart.js'
import { assertLimit, bodyBytes } from './request-body.js'

export interface FormLimits extends PartLimits {
  /** The most fields that are not files: 1,000 unless given. */
  readonly fields?: number
}

const URLENCODED = 'application/x-www-form-urlencoded'

/**
 * The form that was sent, url-encoded or multipart. A part with a filename is a File (an empty one
 * with the name `''` where a file input was left open); large files are better read by readParts.
 * Each call makes a FormData of its own.
 *
 * @throws 413 for more bytes, fields or parts than the limits, 400 for a malformed form, 415 for
 * another content type; and what readBody throws
 */
export async function readForm(environ: Environ, limits: FormLimits = {}): Promise<FormData> {
  const { fields = 1000, parts = MOST_PARTS } = limits
  assertLimit('fields', fields)
  assertLimit('parts', parts)
  const type = mediaType(
    environ,
    (each) => each === URLENCODED || each === MULTIPART,
    `${URLENCODED} or ${MULTIPART}`,
  )
  const bytes = await bodyBytes(environ, limits, 'readForm')
  const form = new FormData()
  let left = fields
  const append = (name: string, value: string) => {
    if (--left < 0) throw createError(413, `the form must have at most ${fields} fields, got more`)
    form.append(name, value)
  }
  if (type === URLENCODED) {
    for (const [name, value] of urlencoded(bytes)) append(name, value)
    return form
  }
  for await (const part of partsOf(environ, Readable.from([bytes]), parts)) {
    const content = await buffer(part.body)
    if (part.filename === undefined) {
      append(part.name, decodeUtf8(content, `the field ${JSON.stringify(part.name)}`))
    } else {
      form.append(part.name, new File([content], part.filename, { type: part.type }))
    }
  }
  return form
}

function urlencoded(bytes: Uint8Array): URLSearchParams {
  const content = decodeUtf8(bytes, 'the form')
  try {
    // URLSearchParams puts up with anything; this does not.
    decodeURIComponent(content)
  } catch (cause) {
    throw createError(400, 'the form must be percent-encoded UTF-8, got a malformed escape', {
      cause,
    })
  }
  return new URLSearchParams(content)
}
