// Which responses are stored (RFC 9111 §3). Headers alone decide: no path, no type of file, no cookie of the request.
import { STATUS_CODES } from 'node:http'
import type { Environ, HeaderList } from '@robaccia/core'
import { directivesOf, fieldsOf, forAll } from './directives.js'
import { field } from './field.js'
import { lifetimeOf } from './freshness.js'
import { partOf } from './ranges.js'
import { controlOf } from './targeted.js'
import { variesWith } from './vary.js'

export interface StoringRules {
  /** Stores responses with `set-cookie` too. */
  readonly cookies: boolean
  /** Of the time since a response was modified, for which it is taken to be fresh. */
  readonly share: number
}

/** They are for this connection, or this client alone (RFC 9110 §7.6.1, RFC 9111 §3.1). */
const unstored: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The headers that may be stored: without those that `no-cache` or `private` name (§5.2.2.4, §5.2.2.7). */
export function storedHeaders(headers: HeaderList): HeaderList {
  const { directives } = controlOf(headers)
  const named = new Set([...fieldsOf(directives, 'no-cache'), ...fieldsOf(directives, 'private')])
  return headers.filter(([name]) => !unstored.has(name) && !named.has(name))
}

/**
 * Says whether a response to GET is stored. One that says nothing of its freshness, and can't be guessed at, is not:
 * validating it would spare nobody anything.
 *
 * @param headers those that may be stored, with a `date`
 * @param explicit only if the response itself says how long it is fresh
 */
export function isStorable(
  environ: Environ,
  status: number,
  headers: HeaderList,
  { cookies, share }: StoringRules,
  receivedAt: number,
  explicit = false,
): boolean {
  const control = controlOf(headers)
  const { directives } = control
  if (status === 304 || (status === 206 && partOf(headers) === undefined)) return false
  if (directives.has('must-understand')) {
    if (STATUS_CODES[status] === undefined) return false
  } else if (directives.has('no-store')) return false
  if (forAll(directives, 'private')) return false
  if (directivesOf(environ.HTTP_CACHE_CONTROL).has('no-store')) return false
  if (!cookies && field(headers, 'set-cookie') !== undefined) return false
  if (variesWith(headers) === undefined) return false
  if (environ.HTTP_AUTHORIZATION !== undefined && !isShared(directives)) return false

  const lifetime = lifetimeOf(status, headers, control, receivedAt, share)
  // A part is used while it is fresh, and never validated.
  if (status === 206) return lifetime.seconds > 0
  if (explicit) return lifetime.explicit && lifetime.seconds > 0
  const said = lifetime.explicit || directives.has('no-cache') || directives.has('public')
  return lifetime.seconds > 0 || (said && isValidatable(headers))
}

/** What was asked for with credentials is anybody's only if the response says so (§3.5). */
function isShared(directives: ReturnType<typeof directivesOf>): boolean {
  return directives.has('public') || directives.has('s-maxage') || directives.has('must-revalidate')
}

/** Says whether a response can be asked for again on the condition that it has changed. */
export function isValidatable(headers: HeaderList): boolean {
  return headers.some(([name]) => name === 'etag' || name === 'last-modified')
}
