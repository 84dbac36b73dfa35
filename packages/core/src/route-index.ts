// Narrows down which routes can match a path, by its whole literal segments: a tree with one level for
// each segment. It knows nothing about what it holds.
import type { Form } from './path-expression.js'
import type { PathPattern } from './path-pattern.js'

/** A segment that must be found as it is, or (undefined) any one segment. */
type Key = string | undefined

class Branch<Item> {
  readonly literal: Map<string, Branch<Item>> = new Map()
  wild: Branch<Item> | undefined
  item: Item | undefined
}

/** Holds one item for each prefix that the patterns put into it have. */
export class RouteIndex<Item> {
  readonly #root: Branch<Item> = new Branch()
  readonly #make: () => Item

  constructor(make: () => Item) {
    this.#make = make
  }

  /** The item for all patterns with this one's prefix. */
  at(pattern: PathPattern): Item {
    let branch = this.#root
    for (const key of prefixOf(pattern)) {
      let next = key === undefined ? branch.wild : branch.literal.get(key)
      if (next === undefined) {
        next = new Branch()
        if (key === undefined) branch.wild = next
        else branch.literal.set(key, next)
      }
      branch = next
    }
    return (branch.item ??= this.#make())
  }

  /** The items of all prefixes that a comparable path has. */
  find(path: string): readonly Item[] {
    const found: Item[] = []
    descend(this.#root, path, 0, found)
    return found
  }
}

function descend<Item>(branch: Branch<Item>, path: string, from: number, found: Item[]): void {
  if (branch.item !== undefined) found.push(branch.item)
  if (from >= path.length) return
  const slash = path.indexOf('/', from + 1)
  const to = slash === -1 ? path.length : slash
  const literal =
    branch.literal.size === 0 ? undefined : branch.literal.get(path.slice(from + 1, to))
  if (literal !== undefined) descend(literal, path, to, found)
  if (branch.wild !== undefined) descend(branch.wild, path, to, found)
}

// The segments with which all forms of an expression begin.
function prefixOf({ forms, expression }: PathPattern): readonly Key[] {
  return forms
    .map((form) => segments(form, expression.open))
    .reduce((one, other) => {
      const end = one.findIndex((key, index) => index >= other.length || key !== other[index])
      return end === -1 ? one : one.slice(0, end)
    })
}

function segments(form: Form, open: boolean): readonly Key[] {
  const keys: Key[] = []
  let current: Key = ''
  for (const item of form) {
    if (item.kind === 'literal') {
      const [rest, ...following] = item.text.split('/')
      if (current !== undefined) current += rest ?? ''
      for (const segment of following) {
        keys.push(current)
        current = segment
      }
    } else if (item.type.crossesSegments) {
      return keys.slice(1)
    } else {
      current = undefined
    }
  }
  // After a last slash an open expression takes any segment.
  if (!(open && current === '')) keys.push(current)
  // The first key is the nothing before the path's first slash.
  return keys.slice(1)
}
