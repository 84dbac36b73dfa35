// Against cross-site request forgery, without tokens: browsers say where a request comes from.
import createError from 'http-errors'
import type { Environ, Middleware } from './contract.js'
import { safeMethods } from './safe-methods.js'

/**
 * Refuses requests that a page of another site makes a browser send. Safe methods pass. Else
 * `Sec-Fetch-Site` (W3C Fetch Metadata) must be `same-origin`, or `none`, which is the user's own
 * doing; where a browser sends none, the host of `Origin` (RFC 6454) must be that of `Host`. A request
 * with neither does not come from a browser's page and passes. Sites that answer to any `Host` need
 * `hosts` too.
 *
 * @throws (from the app that it makes) 403 with a message that says what was wrong
 */
export function sameOrigin(): Middleware {
  return (app) => (environ, startResponse) => {
    if (!safeMethods.has(environ.REQUEST_METHOD)) assertSameOrigin(environ)
    return app(environ, startResponse)
  }
}

function assertSameOrigin(environ: Environ): void {
  const { HTTP_SEC_FETCH_SITE: site, HTTP_ORIGIN: origin, HTTP_HOST: host = '' } = environ
  if (site !== undefined) {
    if (site !== 'same-origin' && site !== 'none') throw foreign(`a ${site} one`)
  } else if (origin !== undefined && !isSameHost(origin, host)) {
    throw foreign(`one from ${origin}`)
  }
}

function foreign(got: string): createError.HttpError {
  return createError(403, `the request must come from a page of this site, got ${got}`)
}

/** Schemes are not compared: behind a proxy that ends TLS the server does not know its own. */
function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host: own } = new URL(origin)
  // A URL leaves its scheme's default port out; Host may have it.
  const withPort = `${own}:${protocol === 'https:' ? 443 : 80}`
  return own !== '' && (host.toLowerCase() === own || host.toLowerCase() === withPort)
}
