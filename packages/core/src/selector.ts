// The table of URLs: an app that hands a request on to the app for its path and method.
import { assertApp } from './compose.js'
import type { App, Body, Environ, EnvironWith, StartResponse } from './contract.js'
import { parsePathExpression } from './path-expression.js'
import type { PathParams } from './path-params.js'
import { compilePath } from './path-pattern.js'
import { pathTypes, type CustomTypes } from './path-types.js'
import { writePath, type PathValues } from './path-url.js'
import { methodNotAllowed, notFound } from './response.js'
import { row, type Route, type Row } from './route.js'
import { RouteTable } from './route-table.js'
import { baseOf } from './selector-base.js'
import { LINKS, dispatch, linksOf, type Link } from './selector-chain.js'
import { findUnreachable, type Unreachable } from './unreachable.js'

export interface SelectorOptions {
  /** Types of variables beside the built-in ones: the pattern of the whole decoded value. */
  readonly types?: CustomTypes
  /** Answers when no route has the path. */
  readonly notFound?: App
  /** Answers when no route that has the path has the method; `allow` is added to its answer. */
  readonly methodNotAllowed?: App
  /** Sends a path without a route to the same with, or without, a final slash, if that has one. */
  readonly slash?: 'redirect'
}

/** `Outer` are variables that outer selectors give (see `selector`). */
// oxlint-disable-next-line typescript/no-empty-object-type -- none, unless said
export interface Selector<Outer extends object = {}> {
  (environ: EnvironWith<Outer>, startResponse: StartResponse): Body | Promise<Body>

  /**
   * Adds a route and returns the selector. The first route that has a request's path and method gets it.
   * GET's app answers HEAD too; OPTIONS is answered unless the route has it; `*` is any method.
   *
   * @param name for `url()`
   * @throws TypeError for a mistake in the expression (it shows the place), a method that is not an
   * upper-case token, an app that is not a function, a name that is taken
   */
  add<Expression extends string>(
    expression: Expression,
    apps: { readonly [method: Uppercase<string>]: App<PathParams<Expression, Outer>> },
    name?: string,
  ): this

  /**
   * The path of a named route, percent-encoded, below where this request entered the selector (below
   * SCRIPT_NAME if it did not). A group `[…]` is written when one of its variables is given.
   *
   * @throws TypeError for a name or a variable that the table does not have, a variable that is missing, and
   * a value that the route would not give back
   */
  url(environ: Environ, name: string, values?: PathValues): string

  /** The rows, in order of definition. */
  routes(): readonly Route[]

  /**
   * Chains another app and returns the selector: it is asked when no route has the path and method, before
   * a 405. The other's 404 and 405 and its `Allow` are merged with the selector's own.
   *
   * @throws TypeError when the other is not a function, or is chained to this one
   */
  or(other: App<Outer>): this

  /** Methods of routes that never match because earlier routes take all their paths. */
  unreachable(): readonly Unreachable[]

  /** For chained selectors. */
  readonly [LINKS]: () => readonly Link[]
}

/**
 * A table of URLs.
 *
 * @example
 * const urls = selector()
 *   .add('/blog/', { GET: list })
 *   .add('/blog/{id}/', { GET: memberGet, POST: memberUpdate }, 'entry')
 * urls.url(environ, 'entry', { id: 'first-post' }) // '/blog/first-post/'
 *
 * @throws TypeError for an option that is not what it must be
 *
 * @typeParam Outer the variables that an outer selector's open expression gives:
 * `selector<{ lang: string }>()` below `'/{lang}|'`
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- none, unless said
export function selector<Outer extends object = {}>(
  options: SelectorOptions = {},
): Selector<Outer> {
  const types = pathTypes(options.types)
  const table = new RouteTable()
  const names = new Map<string, Row>()
  const others: App<never>[] = []
  const refusals = {
    notFound: options.notFound ?? notFound,
    methodNotAllowed: options.methodNotAllowed ?? methodNotAllowed,
  }

  assertApp(refusals.notFound, "selector's notFound")
  assertApp(refusals.methodNotAllowed, "selector's methodNotAllowed")
  if (options.slash !== undefined && options.slash !== 'redirect') {
    throw new TypeError(`selector's slash must be 'redirect', got '${String(options.slash)}'`)
  }

  const links = (): readonly Link[] => [own, ...others.flatMap(linksOf)]
  const app = (environ: EnvironWith<Outer>, startResponse: StartResponse) =>
    dispatch(others.length === 0 ? alone : links(), refusals, environ, startResponse)

  const urls: Selector<Outer> = Object.assign(app, {
    add(expression: string, apps: Readonly<Record<string, App<never>>>, name?: string) {
      const pattern = compilePath(parsePathExpression(expression, types))
      const taken = name === undefined ? undefined : names.get(name)
      if (taken !== undefined) {
        throw new TypeError(
          `route name '${name}' must be given once, got ${expression} beside ${taken.route.expression}`,
        )
      }
      const added = row({ expression, name, methods: { ...apps } }, pattern, table.rows.length)
      table.add(added)
      if (name !== undefined) names.set(name, added)
      return urls
    },
    url(environ: Environ, name: string, values: PathValues = {}) {
      const named = names.get(name)
      if (named === undefined) {
        const known = [...names.keys()].join(', ') || 'none'
        throw new TypeError(`route name must be one of the selector's (${known}), got '${name}'`)
      }
      const subject = `url of route '${name}' (${named.route.expression})`
      // The empty path is `/` (RFC 3986 §6.2.3).
      const url = baseOf(environ, urls) + writePath(named.pattern, values, subject) || '/'
      if (url.startsWith('//')) {
        throw new TypeError(`${subject} must not begin with //: that is another host, got ${url}`)
      }
      return url
    },
    routes: () => table.rows.map(({ route }) => route),
    or(other: App<Outer>) {
      if (typeof other !== 'function') {
        throw new TypeError(`or must be given an app, got ${typeof other}`)
      }
      if (linksOf(other).includes(own)) {
        throw new TypeError('or must be given an app that is not chained to this selector')
      }
      others.push(other)
      return urls
    },
    unreachable: () => findUnreachable(table.rows, (path) => table.candidates(path)),
    [LINKS]: links,
  })
  const own: Link = { app: urls, table, slash: options.slash === 'redirect' }
  const alone: readonly Link[] = [own]
  return urls
}
