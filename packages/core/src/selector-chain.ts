// Dispatches a request: chained tables and apps are asked in turn, and when none takes it, one answer is
// made of what all of them said.
import { callApp, closeBody } from './body.js'
import type { App, Body, EnvironWith, StartResponse } from './contract.js'
import { copyOf } from './environ-copy.js'
import { locationOf, moveSegments, requestPath } from './path.js'
import type { PathMatch } from './path-pattern.js'
import { empty, redirect } from './response.js'
import { noteRoute } from './route-note.js'
import { enter } from './selector-base.js'

/** A route that takes the request. */
export interface Hit {
  readonly app: App<never>
  readonly expression: string
  readonly match: PathMatch
}

/** What a selector's table is asked. */
export interface Table {
  /** The first route with the path and the method; else adds the methods of those with the path. */
  find(path: string, method: string, allowed: string[]): Hit | undefined
  has(path: string): boolean
  /** The methods of all routes. */
  readonly methods: Iterable<string>
}

/** The key under which a selector keeps what it brings to a chain. */
export const LINKS: unique symbol = Symbol('links')

/** One of several chained apps: a selector has a table. */
export interface Link {
  readonly app: App<never>
  readonly table?: Table
  /** The other form of a path, as to its final slash, is looked for too. */
  readonly slash?: boolean
}

/** What an app brings to a chain: itself, and if it is a selector what is chained to it. */
export function linksOf(app: App<never>): readonly Link[] {
  return isSelector(app) ? app[LINKS]() : [{ app }]
}

function isSelector(app: App<never>): app is App<never> & { [LINKS](): readonly Link[] } {
  return LINKS in app
}

/** The apps that answer when there is no route. */
export interface Refusals {
  readonly notFound: App
  readonly methodNotAllowed: App
}

type Environ = Parameters<App>[0]

/** A request on its way along a chain. */
interface Inquiry {
  readonly environ: Environ
  readonly startResponse: StartResponse
  readonly chain: readonly Link[]
  readonly refusals: Refusals
  /** In its comparable form. */
  readonly path: string
  /** The methods of the routes that have the path; some may come several times. */
  readonly allowed: string[]
}

/**
 * Hands a request on to the first route that takes it.
 *
 * @throws an http-errors 400 for a path that is not percent-encoded UTF-8
 */
export function dispatch(
  chain: readonly Link[],
  refusals: Refusals,
  environ: Environ,
  startResponse: StartResponse,
): Body | Promise<Body> {
  const path = requestPath(environ)
  for (const { app, table } of chain) if (table !== undefined) enter(environ, app)
  return ask({ environ, startResponse, chain, refusals, path, allowed: [] }, 0)
}

/** Asks the chain from a place on. */
function ask(inquiry: Inquiry, place: number): Body | Promise<Body> {
  const { chain, path, environ, allowed } = inquiry
  const link = chain[place]
  if (link === undefined) return refuse(inquiry)
  if (link.table === undefined) return askApp(inquiry, link.app, place)
  const hit = link.table.find(path, environ.REQUEST_METHOD, allowed)
  return hit === undefined ? ask(inquiry, place + 1) : handOn(hit, inquiry)
}

function handOn({ app, expression, match }: Hit, { environ, startResponse }: Inquiry) {
  noteRoute(environ, expression)
  if (match.segments > 0) moveSegments(environ, match.segments)
  environ['router.params'] = merged(environ['router.params'], match.values)
  return call(app, environ, startResponse)
}

/** The outer selectors' variables with the inner one's over them. */
function merged(outer: object, inner: object): object {
  // Nearly always there is no outer one, and a copy costs as much as the rest of the dispatch.
  for (const _ in outer) return { ...outer, ...inner }
  return inner
}

function call(app: App<never>, environ: Environ, startResponse: StartResponse) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked when the app was added
  return app(environ as EnvironWith<never>, startResponse)
}

// An app that is not a selector can only be tried. Unless nothing depends on it, its refusal is taken back:
// what it did to the environ is lost with the copy.
async function askApp(inquiry: Inquiry, app: App<never>, place: number): Promise<Body> {
  const { environ, startResponse, chain, allowed } = inquiry
  const isLast =
    place === chain.length - 1 && allowed.length === 0 && slashLocation(inquiry) === undefined
  if (isLast) return call(app, environ, startResponse)
  const { route } = environ['robaccia.notes']
  const { status, headers, body } = await callApp<object>(
    (copy, start) => call(app, copy, start),
    copyOf(environ),
    startResponse,
  )
  const allow = headers.find(([name]) => name === 'allow')?.[1]
  const isRefusal =
    status === 404 ||
    status === 405 ||
    (environ.REQUEST_METHOD === 'OPTIONS' && allow !== undefined && allowed.length > 0)
  if (!isRefusal) {
    startResponse(status, headers)
    return body
  }
  await closeBody(body)
  if (route === undefined) delete environ['robaccia.notes'].route
  else environ['robaccia.notes'].route = route
  for (const method of allow?.split(',') ?? []) allowed.push(method.trim())
  return ask(inquiry, place + 1)
}

function refuse(inquiry: Inquiry): Body | Promise<Body> {
  const { environ, startResponse, chain, refusals, allowed } = inquiry
  const isOptions = environ.REQUEST_METHOD === 'OPTIONS'
  if (isOptions && allowed.length === 0 && environ.SCRIPT_NAME + environ.PATH_INFO === '') {
    // `OPTIONS *` asks about the server as a whole (RFC 9110 §9.3.7).
    for (const { table } of chain) allowed.push(...(table?.methods ?? []))
  }
  if (allowed.length > 0) {
    const allow = ['allow', [...new Set(allowed).add('OPTIONS')].join(', ')] as const
    if (isOptions) return empty(environ, startResponse, 204, [allow])
    return refusals.methodNotAllowed(environ, (status, headers, error) => {
      startResponse(status, [...headers.filter(([name]) => name !== 'allow'), allow], error)
    })
  }
  const location = slashLocation(inquiry)
  if (location !== undefined) return redirect(environ, startResponse, location, { status: 308 })
  return refusals.notFound(environ, startResponse)
}

function slashLocation({ environ, chain, path }: Inquiry): string | undefined {
  const other = toggleSlash(path)
  const isWanted = chain.some(({ table, slash }) => slash === true && table?.has(other))
  return isWanted ? locationOf(environ, toggleSlash(environ.PATH_INFO)) : undefined
}

function toggleSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`
}
