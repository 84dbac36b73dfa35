// The rows of a selector, found by path and method. An index by whole segments says which of them are
// asked, each by its one RegExp, in the order in which they were added.
import { readPath } from './path-pattern.js'
import { RouteIndex } from './route-index.js'
import type { Row } from './route.js'
import type { Hit, Table } from './selector-chain.js'

export class RouteTable implements Table {
  readonly rows: Row[] = []
  readonly #index = new RouteIndex<Row[]>(() => [])

  add(added: Row): void {
    this.rows.push(added)
    this.#index.at(added.pattern).push(added)
  }

  find(path: string, method: string, allowed: string[]): Hit | undefined {
    for (const { route, pattern, appFor, allowed: methods } of this.#near(path)) {
      const match = readPath(pattern, path)
      if (match === undefined) continue
      const app = appFor(method)
      if (app !== undefined) return { app, expression: route.expression, match }
      allowed.push(...methods)
    }
    return undefined
  }

  has(path: string): boolean {
    return this.#near(path).some(({ pattern }) => readPath(pattern, path) !== undefined)
  }

  get methods(): readonly string[] {
    return this.rows.flatMap(({ allowed }) => allowed)
  }

  /** The rows whose RegExp matches a comparable path, in order of definition. */
  candidates(path: string): readonly Row[] {
    return this.#near(path).filter(({ pattern }) => pattern.regexp.test(path))
  }

  /** The rows that begin with the path's whole segments, in order of definition. */
  #near(path: string): readonly Row[] {
    const found = this.#index.find(path)
    const [only = []] = found
    if (found.length < 2) return only
    return found.flat().toSorted((one, other) => one.order - other.order)
  }
}
