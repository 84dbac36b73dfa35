// What tells a page from everything else, and how its head changes when it is to follow.
import type { Environ, EnvironWith, HeaderList, Response } from '@robaccia/core'
import { EVENTS, SCRIPT } from './followers.js'
import type { Version } from './message.js'
import { allowing } from './policy.js'

/** Says whether a browser will show the answer in a window or a frame: it says so, or else what it accepts does. */
export function isForPage({ HTTP_SEC_FETCH_DEST: destination, HTTP_ACCEPT }: Environ): boolean {
  if (destination !== undefined) return /^(?:document|i?frame)$/.test(destination)
  return /\btext\/html\b/.test(HTTP_ACCEPT ?? '')
}

/** A copy that a cache in the application hands on: a page of before may be of an edited template. */
export function askingAnew<P>(environ: EnvironWith<P>): EnvironWith<P> {
  // With `no-cache` alone it would ask whether the page has changed, by validators that know nothing of templates.
  return { ...environ, HTTP_CACHE_CONTROL: 'no-cache, no-store' }
}

/**
 * A copy that asks for all of the page as it is: not encoded, nor a part of it, nor whether it has changed, for an
 * earlier copy may not follow, or not by the same nonce.
 */
export function askingForAll<P>(environ: EnvironWith<P>): EnvironWith<P> {
  const {
    HTTP_ACCEPT_ENCODING: _encoding,
    HTTP_IF_MODIFIED_SINCE: _since,
    HTTP_IF_NONE_MATCH: _match,
    HTTP_IF_RANGE: _if,
    HTTP_RANGE: _range,
    ...rest
  } = environ
  return rest
}

/** Says whether a response is a page that an element can be put in: markup, not encoded, to be shown and not kept. */
export function isPage({ status, headers }: Response): boolean {
  const value = (wanted: string): string =>
    headers.find(([name]) => name === wanted)?.[1].toLowerCase() ?? ''
  return (
    ![204, 205, 206, 304].includes(status) &&
    /^text\/html\s*(?:;|$)/.test(value('content-type')) &&
    /^(?:identity)?$/.test(value('content-encoding')) &&
    !value('content-disposition').startsWith('attachment')
  )
}

/** They tell of the bytes without the element. */
const ofTheBytes: ReadonlySet<string> = new Set([
  'accept-ranges',
  'cache-control',
  'content-digest',
  'content-length',
  'etag',
  'last-modified',
  'repr-digest',
])

const policies: ReadonlySet<string> = new Set([
  'content-security-policy',
  'content-security-policy-report-only',
])

/** The head of the page with the element in it, whose nonce it allows. */
export function following(headers: HeaderList, environ: Environ, nonce: string): HeaderList {
  const source = (path: string): string => {
    const host = environ.HTTP_HOST ?? ''
    // An IPv6 address is no source expression (CSP3 §2.3.1).
    return host === '' || host.startsWith('[')
      ? "'self'"
      : `${environ['robaccia.url_scheme']}://${host}${path}`
  }
  const allowance = { script: source(SCRIPT), nonce, events: source(EVENTS) }
  return [
    ...headers
      .filter(([name]) => !ofTheBytes.has(name))
      .map(([name, value]) =>
        policies.has(name)
          ? ([name, allowing(value, allowance)] as const)
          : ([name, value] as const),
      ),
    ['cache-control', 'no-store'],
  ]
}

/** What makes a page follow. */
export function element(version: Version, method: string, nonce: string): string {
  // The method is a token as sent, which may hold a quote (RFC 9110 §5.6.2).
  const safe = method === 'GET' || method === 'HEAD' ? 'GET' : 'other'
  return `<script async src="${SCRIPT}" data-version="${version}" data-method="${safe}" nonce="${nonce}"></script>`
}
