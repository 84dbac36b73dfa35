// What a request with an unsafe method makes out of date (RFC 9111 §4.4).
import type { Environ, HeaderList } from '@robaccia/core'
import { keyOfUrl, originOf, targetOf } from './cache-key.js'
import { field } from './field.js'

/** Methods that change nothing (RFC 9110 §9.2.1). Any that is not known may. */
export const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * The URLs that a successful answer makes out of date: the request's own, and those of `location` and `content-location`
 * of the same origin. Another site's are left alone: whoever makes an app name one could purge them.
 */
export function outdated(environ: Environ, headers: HeaderList): readonly string[] {
  const own = targetOf(environ)
  const urls = [own]
  for (const name of ['location', 'content-location']) {
    const url = resolved(field(headers, name), own)
    if (url !== undefined && originOf(url) === originOf(own)) urls.push(url)
  }
  return [...new Set(urls.map(keyOfUrl))]
}

/** Says whether a response is the one that GET would have (RFC 9110 §8.7). */
export function isOfTarget(environ: Environ, headers: HeaderList): boolean {
  const location = field(headers, 'content-location')
  if (location === undefined) return false
  const own = targetOf(environ)
  const url = resolved(location, own)
  return url !== undefined && keyOfUrl(url) === keyOfUrl(own)
}

/** A reference against the request's URL; the URL class would do, did it not rewrite paths. */
function resolved(reference: string | undefined, base: string): string | undefined {
  if (reference === undefined) return undefined
  if (/^\/(?!\/)/.test(reference)) return `${originOf(base)}${reference}`
  if (/^https?:\/\//i.test(reference)) return reference
  return URL.canParse(reference, base) ? new URL(reference, base).href : undefined
}
