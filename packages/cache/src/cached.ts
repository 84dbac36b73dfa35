// How long an app's pages may be kept, said for it: the headers that `cache`, other caches and browsers go by.
import { callApp, type HeaderList, type Middleware } from '@robaccia/core'
import { safe } from './invalidation.js'
import { INVALIDATION, invalidating } from './tags.js'

export interface CachedOptions {
  /**
   * Seconds that browsers may keep a page: as long as caches, unless given. What is to be seen at once after a purge must be
   * 0: browsers can't be purged. Caches are told by `cdn-cache-control` then (RFC 9213).
   */
  readonly browsers?: number
  /** Seconds that a stale page may be used while it is made anew (RFC 5861 §3): 0 unless given. */
  readonly staleWhileRevalidate?: number
  /** Seconds that a stale page may be used in place of an error (RFC 5861 §4): 0 unless given. */
  readonly staleIfError?: number
  /** What the pages are made of: they are purged by it, and by each unsafe method that succeeds inside. None unless given. */
  readonly tags?: readonly string[]
}

/** What a cache may keep though it is no success (RFC 9110 §15.1): a moved page, or one that isn't there. */
const lasting: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 410])

/**
 * Says for an app's answers to GET and HEAD that everybody may have them from a cache. What says `cache-control` or `expires`
 * itself, sets a cookie, or is an error, stays as it is. What else succeeds inside, a POST say, makes everything with these
 * tags out of date (RFC 9875): an answer that has `cache-group-invalidation` itself, be it empty, keeps that.
 *
 * @param maxAge seconds
 * @throws TypeError for seconds that are no integer of at least 0, or a tag that a header can't hold
 *
 * @example
 * const blog = cached(60, { browsers: 0, tags: ['entries'] })(urls)
 */
export function cached(maxAge: number, options: CachedOptions = {}): Middleware {
  const kept = headersOf(maxAge, options)
  const { tags = [] } = options
  const changed = tags.length === 0 ? [] : invalidating(tags)
  const ofPage = (status: number, headers: HeaderList): HeaderList =>
    lasting.has(status) && !headers.some(isDecided) ? kept : []
  const ofChange = (status: number, headers: HeaderList): HeaderList =>
    status < 400 && !headers.some(([name]) => name === INVALIDATION) ? changed : []
  return (app) => async (environ, startResponse) => {
    const { REQUEST_METHOD: method } = environ
    const isRead = method === 'GET' || method === 'HEAD'
    if (!isRead && (safe.has(method) || changed.length === 0)) return app(environ, startResponse)
    const { status, headers, body } = await callApp(app, environ, startResponse)
    const added = isRead ? ofPage(status, headers) : ofChange(status, headers)
    startResponse(status, [...headers, ...added])
    return body
  }
}

function isDecided([name]: readonly [string, string]): boolean {
  return (
    name === 'cache-control' ||
    name === 'cdn-cache-control' ||
    name === 'expires' ||
    name === 'set-cookie'
  )
}

function headersOf(
  maxAge: number,
  { browsers, staleWhileRevalidate = 0, staleIfError = 0, tags = [] }: CachedOptions,
): HeaderList {
  assertSeconds('maxAge', maxAge)
  assertSeconds('staleWhileRevalidate', staleWhileRevalidate)
  assertSeconds('staleIfError', staleIfError)
  if (browsers !== undefined) assertSeconds('browsers', browsers)
  for (const tag of tags) {
    if (/^[\u0021-\u002b\u002d-\u007e]+$/.test(tag) && !tag.includes('"')) continue
    throw new TypeError(
      `cached: a tag must be of visible ASCII characters but commas and quotes, got ${JSON.stringify(tag)}`,
    )
  }
  const stale =
    (staleWhileRevalidate > 0 ? `, stale-while-revalidate=${staleWhileRevalidate}` : '') +
    (staleIfError > 0 ? `, stale-if-error=${staleIfError}` : '')
  const tagged: HeaderList = tags.length === 0 ? [] : [['cache-tag', tags.join(', ')]]
  if (browsers === undefined) {
    return [['cache-control', `public, max-age=${maxAge}${stale}`], ...tagged]
  }
  return [
    ['cache-control', `public, max-age=${browsers}`],
    ['cdn-cache-control', `max-age=${maxAge}${stale}`],
    ...tagged,
  ]
}

function assertSeconds(name: string, seconds: number): void {
  if (Number.isSafeInteger(seconds) && seconds >= 0) return
  throw new TypeError(`cached: ${name} must be an integer of at least 0, got ${seconds}`)
}
