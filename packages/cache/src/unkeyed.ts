// Request headers that say which page is meant though they are in no key: by them a client could make an app give a page
// that everybody then gets from the cache. What is fetched for everybody is fetched without them.
import type { Environ } from '@robaccia/core'
import { environKey } from './policy.js'

/** They stand for another host, path, method or address than the request's own; `proxied` reads them further out. */
const misleading =
  /^HTTP_(?:FORWARDED|X_FORWARDED(?:_\w+)?|X_(?:ORIGINAL|REWRITE)_\w+|X_(?:HOST|HTTP_HOST_OVERRIDE|REAL_IP|CLIENT_IP|CLUSTER_CLIENT_IP)|X_(?:HTTP_)?METHOD(?:_OVERRIDE)?|TRUE_CLIENT_IP|CLIENT_IP)$/

/**
 * The keys of the environ to take away.
 *
 * @param vary headers that every stored response varies with: they are part of what it is found by
 */
export function unkeyed(environ: Environ, vary: readonly string[]): `HTTP_${string}`[] {
  const keyed = new Set<string>(vary.map(environKey))
  return Object.keys(environ)
    .filter(isMisleading)
    .filter((key) => !keyed.has(key))
}

function isMisleading(key: string): key is `HTTP_${string}` {
  return misleading.test(key)
}
