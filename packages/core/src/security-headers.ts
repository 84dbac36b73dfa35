// Headers that tell browsers to be careful: what OWASP's Secure Headers Project and helmet 8 agree on, less
// those that only browsers of the past read.
import type { HeaderList, Middleware } from './contract.js'

/** By header name; false leaves one out. */
export type SecurityHeaders = Readonly<Record<string, string | false>>

const HSTS = 'strict-transport-security'

const defaults: SecurityHeaders = {
  // helmet's also has `upgrade-insecure-requests`, which breaks a site on plain http, and allows inline styles.
  'content-security-policy':
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  // With helmet's `no-referrer` browsers send `Origin: null` with a site's own forms, and `sameOrigin` needs it.
  'referrer-policy': 'same-origin',
  [HSTS]: 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/**
 * Adds security headers to every answer; one that the app has set itself stays as it is. Put it outside
 * of `errors`, whose pages need them too.
 *
 * @param headers are merged over the defaults, which the README lists; any header may be added.
 * `strict-transport-security` is sent over https only, as RFC 6797 §7.2 demands
 * @throws TypeError for a name that is not a lower-case token, a value that a header can't have, or false
 * for what is not a default
 */
export function securityHeaders(headers: SecurityHeaders = {}): Middleware {
  for (const [name, value] of Object.entries(headers)) assertHeader(name, value)
  const secure = Object.entries({ ...defaults, ...headers }).filter(
    (pair): pair is [string, string] => pair[1] !== false,
  )
  const plain = secure.filter(([name]) => name !== HSTS)
  return (app) => (environ, startResponse) => {
    const added = environ['robaccia.url_scheme'] === 'https' ? secure : plain
    return app(environ, (status, own, error) => startResponse(status, merged(own, added), error))
  }
}

function merged(own: HeaderList, added: HeaderList): HeaderList {
  const set = new Set(own.map(([name]) => name))
  return [...own, ...added.filter(([name]) => !set.has(name))]
}

function assertHeader(name: string, value: unknown): void {
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) {
    throw new TypeError(
      `securityHeaders: a name must be a lower-case header name, got ${JSON.stringify(name)}`,
    )
  }
  if (value === false && !(name in defaults)) {
    throw new TypeError(
      `securityHeaders: what is left out must be one of ${Object.keys(defaults).join(', ')}, got ${name}`,
    )
  }
  if (value !== false && !(typeof value === 'string' && /^[\t -~\u0080-\u00ff]+$/.test(value))) {
    throw new TypeError(
      `securityHeaders: ${name} must be a header value or false, got ${JSON.stringify(value)}`,
    )
  }
}
