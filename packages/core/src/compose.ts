// Composition: middleware wrap an app, the first one outermost.
import type { App, Middleware } from './contract.js'

/**
 * Makes one middleware of several, outermost first: `compose(a, b)(app)` is `a(b(app))`.
 *
 * @throws TypeError when an argument is not a function
 */
export function compose(...middleware: readonly Middleware[]): Middleware {
  for (const [index, each] of middleware.entries()) {
    if (typeof each !== 'function') {
      throw new TypeError(`compose: argument ${index} must be a middleware, got ${typeof each}`)
    }
  }
  return <P>(app: App<P>): App<P> => middleware.reduceRight((inner, each) => each(inner), app)
}
