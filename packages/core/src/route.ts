// A row of a selector's table: a path expression and the apps for its methods.
import { assertApp } from './compose.js'
import type { App } from './contract.js'
import type { PathPattern } from './path-pattern.js'

/** A row of the table. */
export interface Route {
  readonly expression: string
  readonly name: string | undefined
  /** The apps by method, in order of definition; `*` is any method. */
  readonly methods: Readonly<Record<string, App<never>>>
}

/** A route, ready to be asked. */
export interface Row {
  readonly route: Route
  readonly pattern: PathPattern
  /** Its place in the table. */
  readonly order: number
  /** The app for a method: GET's for HEAD if that has none, `*`'s for all that have none. */
  readonly appFor: (method: string) => App<never> | undefined
  /** What `Allow` says of it. */
  readonly allowed: readonly string[]
}

/**
 * Makes a row.
 *
 * @throws TypeError for a method that is not an upper-case token, and for an app that is not a function
 */
export function row(route: Route, pattern: PathPattern, order: number): Row {
  const { expression, methods } = route
  const apps = new Map(Object.entries(methods))
  if (apps.size === 0) throw new TypeError(`route ${expression} must have a method, got none`)
  for (const [method, app] of apps) {
    // Methods are case-sensitive tokens (RFC 9110 §9.1), and all that are registered are upper-case.
    if (!/^(?:\*|[A-Z][A-Z0-9_-]*)$/.test(method)) {
      throw new TypeError(
        `route ${expression}: a method must be upper-case like GET, or *, got '${method}'`,
      )
    }
    assertApp(app, `route ${expression}: ${method}`)
  }
  const appFor = (method: string) =>
    apps.get(method) ?? (method === 'HEAD' ? apps.get('GET') : undefined) ?? apps.get('*')
  const allowed = [...apps.keys()].flatMap((method) => {
    if (method === '*') return []
    return method === 'GET' ? ['GET', 'HEAD'] : [method]
  })
  return { route, pattern, order, appFor, allowed }
}
