// Where a redirect sends the test client: what browsers do (RFC 9110 §15.4, Fetch §4.4), but no further than
// the app's own host.
import type { RequestInit } from './client-environ.js'
import type { Environ, HeaderList } from './contract.js'

/** A request as the client is asked for it. */
export interface Asked {
  readonly method: string
  readonly target: string
  readonly init: RequestInit
}

interface Answered {
  readonly environ: Environ
  readonly status: number
  readonly headers: HeaderList
}

const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * The request that follows a response.
 *
 * @returns undefined if the response is no redirect, or one to another host
 */
export function redirected(
  { method, init }: Asked,
  { environ, status, headers }: Answered,
): Asked | undefined {
  const location = headers.find(([name]) => name === 'location')?.[1]
  if (location === undefined || !redirections.has(status)) return undefined
  const { 'robaccia.url_scheme': scheme, HTTP_HOST: host = '', SCRIPT_NAME: script } = environ
  const base = `${scheme}://${host}${script}${environ.PATH_INFO}`
  if (!URL.canParse(location, base)) return undefined
  const url = new URL(location, base)
  if (!/^https?:$/.test(url.protocol) || url.hostname !== new URL(base).hostname) return undefined
  const path = `${url.pathname}${url.search}`
  const target = url.protocol === 'https:' ? `${url.origin}${path}` : path
  return becomesGet(method, status)
    ? { method: 'GET', target, init: withoutBody(init) }
    : { method, target, init }
}

/** 307 and 308 keep the method; a POST becomes a GET by 301 and 302 too, as browsers have always done. */
function becomesGet(method: string, status: number): boolean {
  return status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
}

function withoutBody({
  body: _body,
  json: _json,
  form: _form,
  headers = {},
  ...rest
}: RequestInit): RequestInit {
  const kept = Object.entries(headers).filter(([name]) => !/^content-/i.test(name))
  return { ...rest, headers: Object.fromEntries(kept) }
}
