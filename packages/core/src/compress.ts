// Compression of responses: the content coding that the client likes best (RFC 9110 §12.5.3).
import createError from 'http-errors'
import type { Transform } from 'node:stream'
import { byteLength, callApp, closeBody, isWhole, readAll } from './body.js'
import { codings, encodeStream, encodeWhole, type ContentCoding } from './content-coding.js'
import type { Body, Environ, HeaderList, Middleware, StartResponse } from './contract.js'
import { hasNoBody } from './exchange.js'
import { library } from './library.js'
import { entityTags, weakened } from './preconditions.js'

const compressible = library('compressible')
const negotiator = library('negotiator')

export interface CompressOptions {
  /** Bodies known to have fewer bytes are left alone: 1,024 unless given. */
  readonly threshold?: number
  /** What may be used, the best first: br, zstd (where Node has it, from 22.15 on) and gzip unless given. */
  readonly encodings?: readonly ContentCoding[]
  /** How hard each tries: br from 0 to 11, zstd from 1 to 19, gzip from 0 to 9; 4, 3 and 6 unless given. */
  readonly levels?: Readonly<Partial<Record<ContentCoding, number>>>
}

/**
 * Compresses what is worth it: types that compress, above the threshold. Alone are left a 206, a
 * `content-encoding` of the app's own, and `cache-control: no-transform`. A stream is flushed with each
 * chunk. What is compressed has a weak ETag, since its bytes are others for each coding; it, and what
 * another client would get compressed, has `vary: accept-encoding`.
 *
 * @throws TypeError for an unknown coding, or a level or threshold out of range
 * @throws (from the app that it makes, before the inner one is called) 406 for a client that takes neither
 * a coding of ours nor none (`identity;q=0`)
 */
export function compress(options: CompressOptions = {}): Middleware {
  const { threshold = 1024 } = options
  if (!(threshold >= 0)) {
    throw new TypeError(`compress: threshold must be a number of at least 0, got ${threshold}`)
  }
  const encoders = makeEncoders(options)
  return (app) => async (environ, startResponse) => {
    const { coding, identity } = negotiate(environ, [...encoders.keys()])
    const encoder = coding && encoders.get(coding)
    let encoding = false
    // A stream that starts anew with an error is encoded all the same.
    const late: StartResponse = (status, headers, error) =>
      startResponse(status, encoding ? encoded(headers, coding) : headers, error)
    const { status, headers, body } = await callApp(app, environ, late)

    if (status === 304) {
      startResponse(status, notModified(headers, environ, coding))
      return body
    }
    const length = lengthOf(body, headers, environ)
    const worthwhile = isCompressible(headers) && (length ?? Infinity) >= threshold
    const possible = length !== 0 && !isFinal(status, headers)
    if (!possible || !(worthwhile || !identity)) {
      startResponse(status, headers)
      return body
    }
    if (encoder === undefined) {
      startResponse(status, varying(headers))
      return body
    }
    if (environ.REQUEST_METHOD === 'HEAD') {
      await closeBody(body)
      startResponse(status, encoded(headers, coding))
      return []
    }
    if (isWhole(body)) {
      const bytes = await encodeWhole(await readAll(body), encoder())
      startResponse(status, encoded(headers, coding))
      return [bytes]
    }
    startResponse(status, encoded(headers, coding))
    encoding = true
    return {
      [Symbol.asyncIterator]: () => encodeStream(body, encoder),
      close: () => closeBody(body),
    }
  }
}

function makeEncoders({
  encodings = [...codings.keys()],
  levels = {},
}: CompressOptions): ReadonlyMap<ContentCoding, () => Transform> {
  return new Map(
    encodings.map((name) => {
      const coding = codings.get(name)
      if (coding === undefined) {
        throw new TypeError(
          `compress: an encoding must be one of ${[...codings.keys()].join(', ')}, got ${name}`,
        )
      }
      const { least, most, usual } = coding.levels
      const level = levels[name] ?? usual
      if (!(Number.isInteger(level) && level >= least && level <= most)) {
        throw new TypeError(
          `compress: the level of ${name} must be an integer from ${least} to ${most}, got ${level}`,
        )
      }
      return [name, () => coding.encoder(level)]
    }),
  )
}

/** The options that the types of negotiator don't know yet. */
interface PreferringNegotiator {
  encodings(
    available: readonly string[],
    options: { readonly preferred: readonly string[] },
  ): string[]
}

/** Of codings that the client likes equally ours is the first; without the header there is none. */
function negotiate(
  environ: Environ,
  ours: readonly ContentCoding[],
): { coding: ContentCoding | undefined; identity: boolean } {
  const headers = { 'accept-encoding': environ.HTTP_ACCEPT_ENCODING }
  const preferences: PreferringNegotiator = new (negotiator())({ headers })
  const liked = preferences.encodings([...ours, 'identity'], { preferred: ours })
  if (liked.length === 0) {
    throw createError(
      406,
      `the request must accept ${[...ours, 'identity'].join(', ')}, got none`,
      {
        headers: { vary: 'accept-encoding' },
      },
    )
  }
  return { coding: ours.find((each) => each === liked[0]), identity: liked.includes('identity') }
}

/** Undefined if it is not known: a stream, or a HEAD that was answered without the body of GET. */
function lengthOf(body: Body, headers: HeaderList, environ: Environ): number | undefined {
  const declared = headers.find(([name]) => name === 'content-length')?.[1]
  if (declared !== undefined) return Number(declared)
  if (!isWhole(body)) return undefined
  const length = byteLength(body)
  return length === 0 && environ.REQUEST_METHOD === 'HEAD' ? undefined : length
}

function isCompressible(headers: HeaderList): boolean {
  const type = headers.find(([name]) => name === 'content-type')?.[1]
  return type !== undefined && compressible()(type) === true
}

/** Says whether a response must stay as it is: there is no body, a part of one, or it was transformed or must not be. */
function isFinal(status: number, headers: HeaderList): boolean {
  return hasNoBody(status) || status === 206 || isUntouchable(headers)
}

function isUntouchable(headers: HeaderList): boolean {
  return headers.some(
    ([name, value]) =>
      (name === 'content-encoding' && value.toLowerCase() !== 'identity') ||
      (name === 'cache-control' && /\bno-transform\b/i.test(value)),
  )
}

/** They tell of bytes that are not the ones that are sent. */
const ofTheBytes: ReadonlySet<string> = new Set([
  'accept-ranges',
  'content-digest',
  'content-encoding',
  'content-length',
  'repr-digest',
])

function encoded(headers: HeaderList, coding: string | undefined): HeaderList {
  const kept = headers.filter(([name]) => !ofTheBytes.has(name))
  return varying([...weakly(kept), ['content-encoding', coding ?? 'identity']])
}

function weakly(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) => [name, name === 'etag' ? weakened(value) : value])
}

function varying(headers: HeaderList): HeaderList {
  const varies = headers.some(
    ([name, value]) =>
      name === 'vary' && /(?:^|[\s,])(?:\*|accept-encoding)(?:[\s,]|$)/i.test(value),
  )
  return varies ? headers : [...headers, ['vary', 'accept-encoding']]
}

/**
 * A 304 doesn't say of what type and length the page is. But the tag by which the client knows it says
 * how it was sent: what has kept the app's own was not compressed.
 */
function notModified(
  headers: HeaderList,
  environ: Environ,
  coding: ContentCoding | undefined,
): HeaderList {
  if (isUntouchable(headers)) return headers
  const known = entityTags(environ.HTTP_IF_NONE_MATCH ?? '')
  const asItWas = headers.some(([name, value]) => name === 'etag' && known.includes(value))
  return varying(coding === undefined || asItWas ? headers : weakly(headers))
}
