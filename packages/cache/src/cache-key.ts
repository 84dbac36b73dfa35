// What stored responses are found by: scheme, host, path and query as they were sent. Nothing else that a client sends
// tells them apart, but what they say by `Vary`.
import type { Environ } from '@robaccia/core'

/** The URL that was asked for. */
export function targetOf(environ: Environ): string {
  const { SCRIPT_NAME, PATH_INFO, QUERY_STRING: query, HTTP_HOST: host } = environ
  const authority = host ?? `${environ.SERVER_NAME}:${environ.SERVER_PORT}`
  const url = `${environ['robaccia.url_scheme']}://${authority}${SCRIPT_NAME}${PATH_INFO}`
  return query === '' ? url : `${url}?${query}`
}

/**
 * A URL as a key: scheme and host in lower case, without the scheme's own port and a fragment; the rest as it is.
 *
 * @throws TypeError for what is no http or https URL
 */
export function keyOfUrl(url: string): string {
  const [, scheme = '', host, port = '', rest = ''] =
    /^(https?):\/\/([^/?#:[\]@\\\s]+|\[[\da-f:.]+\])(:\d*)?([/?][^#]*)?(?:#.*)?$/is.exec(url) ?? []
  if (host === undefined) {
    throw new TypeError(`a cached URL must be one of http or https, got ${JSON.stringify(url)}`)
  }
  const name = scheme.toLowerCase()
  const own = port === ':' || port === (name === 'https' ? ':443' : ':80') ? '' : port
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return `${name}://${host.toLowerCase()}${own}${path}`
}

export function originOf(url: string): string {
  return /^[^/]+\/\/[^/?#]*/.exec(url)?.[0].toLowerCase() ?? ''
}

/** A host and its port (RFC 9110 §7.2): with anything else in it, it could pass for another host's path. */
const HOST = /^(?:[\w!$&'()*+,.;=~%-]+|\[[\da-f:.]+\])(?::\d*)?$/i

/** A request's key; undefined if its Host is none. */
export function keyOf(environ: Environ): string | undefined {
  const { HTTP_HOST: host } = environ
  return host === undefined || HOST.test(host) ? keyOfUrl(targetOf(environ)) : undefined
}
