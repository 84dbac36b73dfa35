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
 * @returns undefined if the response is no redirect, or one to another host or port
 * @throws TypeError where a streamed body would have to be sent again: it was read (Fetch §4.4, step 11)
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
  if (!/^https?:$/.test(url.protocol) || url.host !== new URL(base).host) return undefined
  const path = `${url.pathname}${url.search}`
  const target = url.origin === HOME ? path : `${url.origin}${path}`
  if (becomesGet(method, status)) return { method: 'GET', target, init: withoutBody(init) }
  if (isStream(init.body)) {
    throw new TypeError(`a body that is sent again after ${status} must be whole, got a stream`)
  }
  return { method, target, init }
}

/** Where a target without a host goes. */
const HOME = 'http://localhost'

function isStream(body: RequestInit['body']): boolean {
  return typeof body === 'object' && !(body instanceof Uint8Array)
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
