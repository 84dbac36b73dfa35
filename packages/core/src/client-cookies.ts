// The test client's cookies, kept and sent as a browser does (RFC 6265 §5.3 and §5.4, with the prefixes of
// its successor). `HttpOnly` and `SameSite` are about pages' scripts and other sites: there are none here.
import { parseSetCookie } from 'cookie'
import type { Environ, HeaderList } from './contract.js'

interface Kept {
  readonly name: string
  readonly value: string
  readonly domain: string
  /** Sent to the host that set it, and to no other below. */
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** The cookies of one client. */
export class CookieJar {
  readonly #cookies = new Map<string, Kept>()

  /** A cookie's value as it was sent, whatever its host and path; undefined if there is none. */
  get(name: string): string | undefined {
    return this.#current().find((each) => each.name === name)?.value
  }

  clear(): void {
    this.#cookies.clear()
  }

  /** The `Cookie` header of a request: those with the longest path first. */
  header(environ: Environ): string | undefined {
    const pairs = this.#current()
      .filter((each) => isFor(each, environ))
      .toSorted((one, other) => other.path.length - one.path.length)
      .map(({ name, value }) => (name === '' ? value : `${name}=${value}`))
    return pairs.length === 0 ? undefined : pairs.join('; ')
  }

  /** Takes what a response sets. What a browser would refuse is not kept. */
  take(environ: Environ, headers: HeaderList): void {
    for (const [name, value] of headers) {
      const cookie = name === 'set-cookie' ? accepted(value, environ) : undefined
      // One that has expired takes the place of the one that it deletes, and is never sent.
      if (cookie !== undefined) {
        this.#cookies.set([cookie.domain, cookie.path, cookie.name].join(';'), cookie)
      }
    }
  }

  #current(): Kept[] {
    return [...this.#cookies.values()].filter(({ expires }) => expires > Date.now())
  }
}

function accepted(text: string, environ: Environ): Kept | undefined {
  const set = parseSetCookie(text, { decode: (value) => value })
  const host = hostOf(environ)
  const { name, value = '', secure = false, maxAge, expires } = set
  const domain = set.domain?.replace(/^\./, '').toLowerCase() ?? ''
  const path = set.path?.startsWith('/') === true ? set.path : defaultPath(environ)
  const refused =
    (name === '' && value === '') ||
    (domain !== '' && !isWithin(host, domain)) ||
    (secure && !isSecure(environ)) ||
    (/^__secure-/i.test(name) && !secure) ||
    (/^__host-/i.test(name) && !(secure && domain === '' && set.path === '/'))
  if (refused) return undefined
  return {
    name,
    value,
    domain: domain === '' ? host : domain,
    hostOnly: domain === '',
    path,
    secure,
    // Of both, `Max-Age` counts.
    expires: maxAge === undefined ? (expires?.getTime() ?? Infinity) : Date.now() + maxAge * 1000,
  }
}

function isFor({ domain, hostOnly, path, secure }: Kept, environ: Environ): boolean {
  const host = hostOf(environ)
  const own = pathOf(environ)
  return (
    (hostOnly ? host === domain : isWithin(host, domain)) &&
    (own === path || own.startsWith(path.endsWith('/') ? path : `${path}/`)) &&
    (!secure || isSecure(environ))
  )
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}

/** A cookie doesn't know of ports (RFC 6265 §8.5). */
function hostOf(environ: Environ): string {
  return (environ.HTTP_HOST ?? '').replace(/:\d*$/, '').toLowerCase()
}

function isSecure(environ: Environ): boolean {
  return environ['robaccia.url_scheme'] === 'https'
}

function pathOf({ SCRIPT_NAME: script, PATH_INFO: path }: Environ): string {
  return `${script}${path}` || '/'
}

/** RFC 6265 §5.1.4. */
function defaultPath(environ: Environ): string {
  const path = pathOf(environ)
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}
