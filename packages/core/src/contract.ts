// The contract: (environ, startResponse) => body. Everything else in Robaccia is made of these types.
// The rules that types cannot say stand in SPEC.md, printed from the table that `lint` checks.
import type { RequestBody } from './request-body.js'

/** A piece of a body. A string is sent as UTF-8. */
export type Chunk = string | Uint8Array

/**
 * A response's body. An array is a whole body: its length is known and middleware may read it.
 * An async iterable is a stream: middleware may only wrap it. Whoever discards or drains a body
 * closes it (`closeBody`); a server closes it exactly once, always.
 */
export type Body = (readonly Chunk[] | AsyncIterable<Chunk>) & {
  close?(): void | Promise<void>
}

/** Pairs of a lower-case name and a value; a name may come several times (`set-cookie`). */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/**
 * Says the response's status and headers. An app calls it before the promise that it returned
 * settles. It may be called again only with `error`: while the head is not sent the new status and
 * headers replace the old ones, afterwards it throws that error.
 *
 * @param status 200 to 599
 * @throws TypeError when it is called a second time without `error`
 */
export type StartResponse = (status: number, headers: HeaderList, error?: unknown) => void

/** What a finished (or dropped) response was: handed to the functions given to `after`. */
export interface Outcome {
  /** The status that was sent, or would have been. */
  readonly status: number
  readonly headers: HeaderList
  /** Bytes of the body that were handed to the network: 0 for HEAD. */
  readonly bytes: number
  /** The client went away, or the connection was cut, before the response was finished. */
  readonly aborted: boolean
  /** What the app threw, before the head or in the middle of the body. */
  readonly error?: unknown
}

/** The request's identity, and what the server that runs it can do: present, or absent. */
export interface ServerPort {
  /** Aborts when the client goes away before the response is finished. Made when first asked for. */
  readonly signal: AbortSignal
  /**
   * Runs `fn` once the response is finished or dropped, and the app has settled and its body is closed (a
   * client may leave long before); what was added last runs first.
   */
  after(fn: (outcome: Outcome) => void | Promise<void>): void
  /** Sends an informational response such as 103 (RFC 9110 §15.2), where the server can. */
  inform?(status: number, headers: HeaderList): void
}

/**
 * One object for a request, shared by all copies of its environ: the only way from the inside out.
 * Packages add their keys by interface merging.
 */
export interface Notes {
  /** The path expression that the request was dispatched to, inner ones appended to outer ones. */
  route?: string
  /** The name of the user who makes the request. */
  user?: string
  /** The template that was rendered last, and what it was given. */
  template?: { readonly name: string; readonly vars: Readonly<Record<string, unknown>> }
  /** What was thrown and answered by a page for people, where the environ has `robaccia.development`. */
  error?: unknown
  /** Takes each error that the operator is to know of, in place of `robaccia.errors`: a log sets it. */
  report?: (error: unknown) => void
}

/**
 * The request: one ordinary object, as in CGI (RFC 3875 §4.1) and WSGI (PEP 3333). It is handed on,
 * not borrowed: keys may be added in place; copy it (`copyOf`) to hide or change one from
 * what is further in. Packages declare their own keys, lower-case with a dot and optional, by
 * interface merging.
 */
export interface Environ {
  /** The method's token as sent. */
  REQUEST_METHOD: string
  /** The part of the path already dispatched on; percent-encoded, `''` or `/…`. */
  SCRIPT_NAME: string
  /** The rest of the path; percent-encoded, `''` or `/…`. */
  PATH_INFO: string
  /** Without the `?`; `''` if there is none. */
  QUERY_STRING: string
  SERVER_NAME: string
  SERVER_PORT: string
  /** `HTTP/1.1`, say. */
  SERVER_PROTOCOL: string
  REMOTE_ADDR: string
  /** Only if sent. */
  CONTENT_TYPE?: string
  /** Only if sent. */
  CONTENT_LENGTH?: string
  /** One key for each request header; see SPEC.md for repeated ones. */
  [header: `HTTP_${string}`]: string
  /** The request target as received: evidence for logs, nothing else reads it. */
  REQUEST_URI: string
  'robaccia.version': '1.0'
  'robaccia.url_scheme': 'http' | 'https'
  /** The request's body, read once; it ends by itself. Reading it twice throws, naming the first reader. */
  'robaccia.input': AsyncIterable<Uint8Array>
  /** What the first of `readBody`, `readJson`, `readForm` and `readParts` leaves for later ones. */
  'robaccia.body'?: RequestBody
  'robaccia.errors': { write(text: string): void }
  'robaccia.server': ServerPort
  'robaccia.notes': Notes
  /** The server is a developer's own (`manage dev`): who answers an error notes it, and templates are read anew. */
  'robaccia.development'?: true
}

/** What every app gets: the environ, with the variables that the selector took out of the path. */
export type EnvironWith<P> = Environ & { 'router.params': P }

/**
 * An app: a view, a table of URLs, a whole site. `P` are the route variables that it needs, decoded.
 *
 * @example
 * const hello: App = (environ, startResponse) => {
 *   startResponse(200, [['content-type', 'text/plain; charset=utf-8']])
 *   return ['hello']
 * }
 */
// `{}` is what it says: an app that needs no variables runs wherever there are some.
// oxlint-disable-next-line typescript/no-empty-object-type
export type App<P = {}> = (
  environ: EnvironWith<P>,
  startResponse: StartResponse,
) => Body | Promise<Body>

/** A middleware keeps the inner app's route variables: `auth(memberGet)` still needs `{ id }`. */
export type Middleware = <P>(app: App<P>) => App<P>
