// Compiles a path expression to one anchored RegExp over comparable paths (see path.ts), and reads the
// variables out of a path by it.
import {
  fail,
  forms,
  type Form,
  type Literal,
  type PathExpression,
  type PathItem,
  type Variable,
} from './path-expression.js'
import { HELD_SLASH, released } from './path.js'

/** A path expression, ready to match. */
export interface PathPattern {
  readonly expression: PathExpression
  /** What may match a comparable path; {@link readPath} has the last word. */
  readonly regexp: RegExp
  /** In the order of the RegExp's groups. */
  readonly variables: readonly Variable[]
  readonly forms: readonly Form[]
}

/** A path that matched. */
export interface PathMatch {
  /** The variables that were there, decoded. */
  readonly values: Readonly<Record<string, string>>
  /** For an open expression, how many segments it took. */
  readonly segments: number
}

/**
 * Compiles a path expression.
 *
 * @throws TypeError when its variables could divide a path in too many ways
 */
export function compilePath(expression: PathExpression): PathPattern {
  const variables: Variable[] = []
  const stops = new Map<Variable, readonly string[]>()
  collect(expression.items, [])
  const every = forms(expression.items)
  const repeat = repeatOf(expression.source, every, stops)
  const end = expression.open ? '(?:(?=/)|(?<=/)|$)' : '$'
  const regexp = new RegExp(`^${sourceOf(expression.items)}${end}`, 'u')
  return { expression, regexp, variables, forms: every }

  function collect(items: readonly PathItem[], after: readonly PathItem[]): void {
    for (const [index, item] of items.entries()) {
      const rest = [...items.slice(index + 1), ...after]
      if (item.kind === 'group') collect(item.items, rest)
      if (item.kind !== 'variable') continue
      variables.push(item)
      stops.set(item, item.type.stopsBeforeGroups ? groupStarts(rest) : [])
    }
  }

  function sourceOf(items: readonly PathItem[]): string {
    return items
      .map((item) => {
        if (item.kind === 'literal') return escapeRegExp(item.text)
        if (item.kind === 'group') return `(?:${sourceOf(item.items)})?`
        return `(${variableSource(item)})`
      })
      .join('')
  }

  function variableSource(variable: Variable): string {
    const ends = stops.get(variable) ?? []
    if (ends.length === 0) return variable.type.source(repeat)
    return `(?:(?!${ends.map(escapeRegExp).join('|')})${variable.type.source('')})${repeat}`
  }
}

// The literals with which the optional groups that directly follow begin.
function groupStarts(items: readonly PathItem[]): readonly string[] {
  const end = items.findIndex(({ kind }) => kind !== 'group')
  return starts(end === -1 ? items : items.slice(0, end))
}

function starts([first, ...rest]: readonly PathItem[]): readonly string[] {
  if (first?.kind === 'literal') return [first.text]
  return first?.kind === 'group' ? [...starts(first.items), ...starts(rest)] : []
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}

// How many ways a RegExp may have to try to divide one path among variables that are not kept apart. With
// values of n characters there are n² for two such variables and n³ for three, in each form of the
// expression: where there are several, values have a length limit that follows from this one.
const MAX_WAYS = 1_000_000
const MIN_LENGTH = 50

function repeatOf(
  source: string,
  every: readonly Form[],
  stops: ReadonlyMap<Variable, readonly string[]>,
): string {
  let shortest = Infinity
  for (const form of every) {
    let loose = 0
    for (const [index, item] of form.entries()) {
      if (item.kind === 'literal') continue
      if (loose > 0) shortest = Math.min(shortest, (MAX_WAYS / every.length) ** (1 / (loose + 1)))
      if (shortest < MIN_LENGTH) {
        fail(source, item.at, "must keep variables apart, by a '/' or by narrower types,")
      }
      if (runsInto(item, form[index + 1], stops.get(item) ?? [])) loose++
    }
  }
  return shortest === Infinity ? '+' : `{1,${Math.round(shortest)}}`
}

// Whether a variable's end is not certain from what follows it: `{a}-{b}` with chunks, not with digits.
function runsInto(
  { type }: Variable,
  next: Literal | Variable | undefined,
  stops: readonly string[],
): boolean {
  if (next === undefined) return false
  if (next.kind === 'variable') {
    return SAMPLE.some((c) => type.characters.test(c) && next.type.characters.test(c))
  }
  if (stops.some((stop) => next.text.startsWith(stop))) return false
  return type.characters.test(String.fromCodePoint(next.text.codePointAt(0) ?? 0))
}

// Of the characters by which the types differ, at least one each.
const SAMPLE = ['a', 'Z', '0', '_', '-', '.', '~', '/', ';', 'é']

const OWN = { configurable: true, enumerable: true, writable: true }

/** Reads a comparable path: its variables, or undefined when it does not match after all. */
export function readPath(pattern: PathPattern, path: string): PathMatch | undefined {
  const match = pattern.regexp.exec(path)
  if (match === null) return undefined
  const values: Record<string, string> = {}
  let group = 0
  for (const { name, type } of pattern.variables) {
    const found = match[++group]
    if (found === undefined) continue
    const value = released(found)
    if (type.custom && (found.includes(HELD_SLASH) || !type.accepts(value))) return undefined
    if (name !== '__proto__') values[name] = value
    // An assignment would not make a property of it.
    else Object.defineProperty(values, name, { ...OWN, value })
  }
  return { values, segments: pattern.expression.open ? segmentsOf(match[0]) : 0 }
}

function segmentsOf(path: string): number {
  return path.split('/').length - (path.endsWith('/') ? 2 : 1)
}
