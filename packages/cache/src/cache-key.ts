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

/** Origins that were seen, since a site has few of them; forgotten when there are too many, as strangers can send any. */
const MOST_ORIGINS = 1000

/** Makes the keys of requests; a key is undefined for a request whose Host is none. */
export function keyMaker(): (environ: Environ) => string | undefined {
  const origins = { http: new Map<string, string>(), https: new Map<string, string>() }

  function originFor(scheme: 'http' | 'https', host: string): string | undefined {
    const known = origins[scheme].get(host)
    if (known !== undefined) return known
    if (!HOST.test(host)) return undefined
    if (origins[scheme].size >= MOST_ORIGINS) origins[scheme].clear()
    const origin = keyOfUrl(`${scheme}://${host}`).slice(0, -1)
    origins[scheme].set(host, origin)
    return origin
  }

  return (environ) => {
    const { SCRIPT_NAME, PATH_INFO, QUERY_STRING: query } = environ
    const host = environ.HTTP_HOST ?? `${environ.SERVER_NAME}:${environ.SERVER_PORT}`
    const origin = originFor(environ['robaccia.url_scheme'], host)
    if (origin === undefined) return undefined
    // As it was sent: no URL class has rewritten it.
    const url = origin + SCRIPT_NAME + PATH_INFO
    return query === '' ? url : `${url}?${query}`
  }
}
