// Composition: middleware wrap an app, the first one outermost.
import type { App, Middleware } from './contract.js'

/** @throws TypeError when what is given as an app, to what the subject names, is none */
export function assertApp(app: unknown, subject: string): void {
  if (typeof app !== 'function') {
    throw new TypeError(`${subject} must be an app, got ${app === null ? 'null' : typeof app}`)
  }
}

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
