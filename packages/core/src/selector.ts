// The table of URLs: an app that hands a request on to the app for its path and method.
// @koa/router's tables hold the routes and match them; an index by prefix says which tables to ask.
import { Router } from '@koa/router'
import type { App, Body, Environ, EnvironWith, StartResponse } from './contract.js'
import { parsePathExpression } from './path-expression.js'
import type { PathParams } from './path-params.js'
import { compilePath, readPath, type PathPattern } from './path-pattern.js'
import { pathTypes, type CustomTypes } from './path-types.js'
import { writePath, type PathValues } from './path-url.js'
import { methodNotAllowed, notFound } from './response.js'
import { RouteIndex } from './route-index.js'
import { baseOf } from './selector-base.js'
import { LINKS, dispatch, linksOf, type Hit, type Link, type Table } from './selector-chain.js'
import { findUnreachable, type Row, type Unreachable } from './unreachable.js'

/** A row of the table. */
export interface Route {
  readonly expression: string
  readonly name: string | undefined
  /** The apps by method, in order of definition; `*` is any method. */
  readonly methods: Readonly<Record<string, App<never>>>
}

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
  unreachable(): readonly Unreachable<Route>[]

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
 * @typeParam Outer the variables that an outer selector's open expression gives:
 * `selector<{ lang: string }>()` below `'/{lang}|'`
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- none, unless said
export function selector<Outer extends object = {}>(
  options: SelectorOptions = {},
): Selector<Outer> {
  const types = pathTypes(options.types)
  const table = new RouteTable()
  const names = new Map<string, Entry>()
  const others: App<never>[] = []
  const refusals = { notFound, methodNotAllowed, ...options }

  const links = (): readonly Link[] => [own, ...others.flatMap(linksOf)]
  const app = (environ: EnvironWith<Outer>, startResponse: StartResponse) =>
    dispatch(others.length === 0 ? alone : links(), refusals, environ, startResponse)

  const urls: Selector<Outer> = Object.assign(app, {
    add(expression: string, apps: Readonly<Record<string, App<never>>>, name?: string) {
      const pattern = compilePath(parsePathExpression(expression, types))
      checkApps(expression, apps)
      if (name !== undefined && names.has(name)) {
        throw new TypeError(
          `route name '${name}' must be given once, got ${expression} beside ${names.get(name)?.route.expression}`,
        )
      }
      const entry = table.add({ expression, name, methods: { ...apps } }, pattern)
      if (name !== undefined) names.set(name, entry)
      return urls
    },
    url(environ: Environ, name: string, values: PathValues = {}) {
      const entry = names.get(name)
      if (entry === undefined) {
        const known = [...names.keys()].join(', ') || 'none'
        throw new TypeError(`route name must be one of the selector's (${known}), got '${name}'`)
      }
      const subject = `url of route '${name}' (${entry.route.expression})`
      const url = baseOf(environ, urls) + writePath(entry.pattern, values, subject)
      if (url.startsWith('//')) {
        throw new TypeError(`${subject} must not begin with //: that is another host, got ${url}`)
      }
      return url
    },
    routes: () => table.entries.map(({ route }) => route),
    or(other: App<Outer>) {
      if (typeof other !== 'function') {
        throw new TypeError(`or must be given an app, got ${typeof other}`)
      }
      if (linksOf(other).includes(own))
        throw new TypeError('or must be given another app than itself')
      others.push(other)
      return urls
    },
    unreachable: () => findUnreachable(table.entries, (path) => table.matching(path)),
    [LINKS]: links,
  })
  const own: Link = { app: urls, table, slash: options.slash === 'redirect' }
  const alone: readonly Link[] = [own]
  return urls
}

function checkApps(expression: string, apps: Readonly<Record<string, unknown>>): void {
  const methods = Object.entries(apps)
  if (methods.length === 0) throw new TypeError(`route ${expression} must have a method, got none`)
  for (const [method, app] of methods) {
    // Methods are case-sensitive tokens (RFC 9110 §9.1), and all that are registered are upper-case.
    if (!/^(?:\*|[A-Z][A-Z0-9_-]*)$/.test(method)) {
      throw new TypeError(
        `route ${expression}: a method must be upper-case like GET, or *, got '${method}'`,
      )
    }
    if (typeof app !== 'function') {
      throw new TypeError(`route ${expression}: ${method} must be an app, got ${typeof app}`)
    }
  }
}

type Layer = ReturnType<Router['match']>['path'][number]

interface Entry extends Row<Route> {
  readonly appFor: (method: string) => App<never> | undefined
}

class RouteTable implements Table {
  readonly entries: Entry[] = []
  readonly #byLayer = new Map<Layer, Entry>()
  readonly #index = new RouteIndex(() => new Router())

  add(route: Route, pattern: PathPattern): Entry {
    const apps = new Map(Object.entries(route.methods))
    const methods = [...apps.keys()]
    const appFor = (method: string) =>
      apps.get(method) ?? (method === 'HEAD' ? apps.get('GET') : undefined) ?? apps.get('*')
    const order = this.entries.length
    const takes = (method: string) => appFor(method) !== undefined
    const entry = { route, pattern, order, methods, appFor, takes }
    this.entries.push(entry)
    const router = this.#index.at(pattern)
    router.register(pattern.regexp, methods, () => undefined, { pathAsRegExp: true })
    const layer = router.stack.at(-1)
    if (layer !== undefined) this.#byLayer.set(layer, entry)
    return entry
  }

  find(path: string, method: string, allowed: Set<string>): Hit | undefined {
    for (const { route, pattern, appFor, methods } of this.matching(path)) {
      const match = readPath(pattern, path)
      if (match === undefined) continue
      const app = appFor(method)
      if (app !== undefined) return { app, expression: route.expression, match }
      addMethods(methods, allowed)
    }
    return undefined
  }

  has(path: string): boolean {
    return this.matching(path).some(({ pattern }) => readPath(pattern, path) !== undefined)
  }

  get methods(): Iterable<string> {
    const all = new Set<string>()
    for (const { methods } of this.entries) addMethods(methods, all)
    return all
  }

  /** The rows whose RegExp matches a comparable path, in order of definition. */
  matching(path: string): readonly Entry[] {
    const found: Entry[] = []
    const routers = this.#index.find(path)
    for (const router of routers) {
      for (const layer of router.match(path, '').path) {
        const entry = this.#byLayer.get(layer)
        if (entry !== undefined) found.push(entry)
      }
    }
    return routers.length > 1 ? found.toSorted((one, other) => one.order - other.order) : found
  }
}

function addMethods(methods: readonly string[], all: Set<string>): void {
  for (const method of methods) {
    if (method === '*') continue
    all.add(method)
    if (method === 'GET') all.add('HEAD')
  }
}
