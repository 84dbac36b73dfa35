// Which hosts a site answers for. Others reach it by DNS rebinding, or to plant their name in links
// and caches.
import createError from 'http-errors'
import type { Middleware } from './contract.js'

/** A host and perhaps a port: a name, an IPv4 address, or an IPv6 address in brackets (RFC 3986 §3.2.2). */
const hostAndPort = /^(?<host>[\w~-][\w.~-]*|\[[\da-f:.]+\])(?::(?<port>\d*))?$/i

/**
 * Refuses a request whose `Host` is not among the names. Case does not count; a port counts only where
 * a name has one.
 *
 * @param names such as `example.org`, `localhost:8080`, `[::1]`, or `*.example.org` for all names below
 * one (but not itself)
 * @throws TypeError for no list or an empty one, or a name that is not a host (a URL, say)
 * @throws (from the app that it makes) 421 for another host (RFC 9110 §15.5.20), 400 for none or a
 * malformed one
 */
export function hosts(names: readonly string[]): Middleware {
  if (!Array.isArray(names)) {
    throw new TypeError(`hosts must be given an array of names, got ${typeof names}`)
  }
  if (names.length === 0) throw new TypeError('hosts must be given at least one name, got none')
  const ours = names.map(matcher)
  return (app) => (environ, startResponse) => {
    const sent = environ.HTTP_HOST ?? ''
    if (sent === '') throw createError(400, 'the request must have a Host header, got none')
    const { host, port } = hostAndPort.exec(sent)?.groups ?? {}
    if (host === undefined) throw createError(400, `the Host header must be a host, got ${sent}`)
    if (!ours.some((matches) => matches(host.toLowerCase(), port))) {
      throw createError(421, `the host must be one that this site answers for, got ${sent}`)
    }
    return app(environ, startResponse)
  }
}

function matcher(name: string): (host: string, port: string | undefined) => boolean {
  const below = name.startsWith('*.')
  const { host, port } = hostAndPort.exec(below ? name.slice(2) : name)?.groups ?? {}
  if (host === undefined) {
    throw new TypeError(
      `hosts: a name must be a host such as example.org or *.example.org, got ${JSON.stringify(name)}`,
    )
  }
  const own = below ? `.${host.toLowerCase()}` : host.toLowerCase()
  return (sent, sentPort) =>
    (below ? sent.endsWith(own) : sent === own) && (port === undefined || port === sentPort)
}
