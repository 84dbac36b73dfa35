// What is logged of a request: taken when it comes, and when its response is over.
import type { Environ, Outcome } from '@robaccia/core'

/** A request's line as data: these are its keys in JSON. */
export interface Entry {
  /** The request's id. */
  readonly id: string
  readonly method: string
  /** As it was sent, percent-encoded, without the query. */
  readonly path: string
  /** Only if there was one: `[redacted]`, unless the log is told to show it. */
  readonly query?: string
  readonly protocol: string
  readonly status: number
  /** Bytes of the body that were handed to the network. */
  readonly bytes: number
  /** Milliseconds from the request's coming until its last byte was handed over. */
  readonly ms: number
  /** The client's address: behind a proxy as `proxied` says. */
  readonly remote: string
  /** The path expression that the request was dispatched to. */
  readonly route?: string
  readonly user?: string
  /** The client went away, or the connection was cut, before the response was finished. */
  readonly aborted?: true
  /** The app threw, before the head or in the middle of the body. */
  readonly failed?: true
  /** The request headers that the log was told to keep. */
  readonly headers?: Readonly<Record<string, string>>
  /** What `fields` gave. */
  readonly [field: string]: unknown
}

export const REDACTED = '[redacted]'

/** What is known of a request when it comes: what is dispatched further in changes the environ. */
export class Request {
  readonly id: string
  readonly began: number = performance.now()
  readonly environ: Environ
  readonly #path: string

  constructor(id: string, environ: Environ) {
    this.id = id
    this.environ = environ
    this.#path = environ.SCRIPT_NAME + environ.PATH_INFO
  }

  /** Where it was to go, for the line of an error. */
  get place(): { readonly method: string; readonly path: string } {
    return { method: this.environ.REQUEST_METHOD, path: this.#path }
  }

  /** The line. @param show what may be seen of the query and the headers */
  entry(outcome: Outcome, show: Shown): Entry {
    const { environ } = this
    const { route, user } = environ['robaccia.notes']
    const headers = show.headers(environ)
    const entry: { -readonly [Key in keyof Entry]: Entry[Key] } = {
      id: this.id,
      method: environ.REQUEST_METHOD,
      path: this.#path,
      protocol: environ.SERVER_PROTOCOL,
      status: outcome.status,
      bytes: outcome.bytes,
      ms: Math.round((performance.now() - this.began) * 1000) / 1000,
      remote: environ.REMOTE_ADDR,
    }
    if (environ.QUERY_STRING !== '') entry.query = show.query(environ.QUERY_STRING)
    if (route !== undefined) entry.route = route
    if (user !== undefined) entry.user = user
    if (outcome.aborted) entry.aborted = true
    if (outcome.error !== undefined) entry.failed = true
    if (headers !== undefined) entry.headers = headers
    return entry
  }
}

/** What may be seen of a request's secrets. */
export interface Shown {
  query(query: string): string
  headers(environ: Environ): Record<string, string> | undefined
}

/** They prove who somebody is: whoever reads the log could be that one. */
const secret: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie'])
/** Their values are URLs, which may have a query. */
const urls: ReadonlySet<string> = new Set(['referer'])

/**
 * Says what a log shows.
 *
 * @param names of request headers
 * @throws TypeError for a name that is no lower-case header name
 */
export function shown(
  names: readonly string[],
  { query, secrets }: { readonly query: boolean; readonly secrets: boolean },
): Shown {
  const keys = names.map((name) => [name, keyOf(name)] as const)
  const value = (name: string, sent: string): string => {
    if (secret.has(name) && !secrets) return REDACTED
    return urls.has(name) && !query ? sent.replace(/\?.*/s, `?${REDACTED}`) : sent
  }
  return {
    query: (sent) => (query ? sent : REDACTED),
    headers(environ) {
      if (keys.length === 0) return undefined
      const sent = keys.flatMap(([name, key]) => {
        const found = environ[key]
        return typeof found === 'string' ? [[name, value(name, found)] as const] : []
      })
      return Object.fromEntries(sent)
    },
  }
}

type HeaderKey = 'CONTENT_TYPE' | 'CONTENT_LENGTH' | `HTTP_${string}`

function keyOf(name: string): HeaderKey {
  if (!/^[a-z\d-]+$/.test(name)) {
    throw new TypeError(`log: a header must be a lower-case name, got ${JSON.stringify(name)}`)
  }
  if (name === 'content-type') return 'CONTENT_TYPE'
  if (name === 'content-length') return 'CONTENT_LENGTH'
  return `HTTP_${name.toUpperCase().replaceAll('-', '_')}`
}
