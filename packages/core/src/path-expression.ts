// Reads a path expression: literals, `{name:type}`, `[…]` and a final `|`. What is not an expression is
// a TypeError that shows the place.
import { comparable } from './path.js'
import { DEFAULT_TYPE, type PathType } from './path-types.js'

/** A path expression as a tree. */
export interface PathExpression {
  readonly source: string
  readonly items: readonly PathItem[]
  /** It ends in `|`: it matches at a segment's edge and leaves the rest of the path. */
  readonly open: boolean
}

export type PathItem = Literal | Variable | OptionalGroup

/** Text to be found as it is, in its comparable form (see path.ts). */
export interface Literal {
  readonly kind: 'literal'
  readonly text: string
}

export interface Variable {
  readonly kind: 'variable'
  readonly name: string
  readonly type: PathType
  /** Where it stands in the expression. */
  readonly at: number
}

export interface OptionalGroup {
  readonly kind: 'group'
  readonly items: readonly PathItem[]
}

/** One of the forms of an expression: without optional groups, each is there or not. */
export type Form = readonly (Literal | Variable)[]

/** How many `[…]` an expression may have: each doubles the forms of a path. */
const MAX_GROUPS = 8

/**
 * Reads a path expression.
 *
 * @throws TypeError naming the expression, the place and what is allowed there
 */
export function parsePathExpression(
  source: string,
  types: ReadonlyMap<string, PathType>,
): PathExpression {
  if (typeof source !== 'string') {
    throw new TypeError(`a path expression must be a string, got ${typeof source}`)
  }
  const names = new Set<string>()
  let at = 0
  let positional = 0
  let groups = 0

  const open = source.endsWith('|')
  const end = open ? source.length - 1 : source.length
  if (source === '') fail(source, 0, "must begin with '/'")
  const items = readItems(undefined)
  if (!beginsWithSlash(items) && !(open && items.length === 0)) {
    fail(source, 0, "must begin with '/', also without what is optional")
  }
  return { source, items, open }

  function readItems(bracket: number | undefined): PathItem[] {
    const found: PathItem[] = []
    while (at < end) {
      const character = source[at]
      if (character === '{') found.push(readVariable())
      else if (character === '[') found.push(readGroup())
      else if (character === ']' && bracket !== undefined) return found
      else found.push(readLiteral())
    }
    if (bracket !== undefined) fail(source, bracket, "must close this '['")
    return found
  }

  function readLiteral(): Literal {
    const from = at
    while (at < end && !'{[]'.includes(source.charAt(at))) {
      const character = source.charAt(at)
      const rule = FORBIDDEN.get(character)
      if (rule !== undefined) fail(source, at, rule)
      at++
    }
    if (at === from) fail(source, at, "must open a '[' before this ']'")
    const text = source.slice(from, at)
    try {
      encodeURI(text) // throws for half a surrogate pair
      return { kind: 'literal', text: comparable(text) }
    } catch {
      return fail(source, from, 'must have well-formed text and percent-escapes in UTF-8')
    }
  }

  function readVariable(): Variable {
    const from = at
    const close = source.indexOf('}', from)
    if (close === -1) fail(source, from, "must close this '{'")
    const [name = '', typeName, ...rest] = source.slice(from + 1, close).split(':')
    if ((name !== '' && !/^[A-Za-z_]\w*$/.test(name)) || rest.length > 0) {
      fail(
        source,
        from,
        'must have {name}, {name:type}, {} or {:type}, a name of letters, digits and _,',
      )
    }
    const type = types.get(typeName ?? DEFAULT_TYPE)
    if (type === undefined) {
      fail(source, from, `must have one of the types ${[...types.keys()].join(', ')}`)
    }
    const variable = name === '' ? String(positional++) : name
    if (names.has(variable)) {
      fail(source, from, `must name each variable once, has two '${variable}',`)
    }
    names.add(variable)
    at = close + 1
    return { kind: 'variable', name: variable, type, at: from }
  }

  function readGroup(): OptionalGroup {
    const from = at
    if (++groups > MAX_GROUPS) fail(source, from, `must have at most ${MAX_GROUPS} '[…]'`)
    at++
    const inner = readItems(from)
    if (inner.length === 0) fail(source, from, "must have something in this '[]'")
    at++
    return { kind: 'group', items: inner }
  }
}

const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  ['}', "must open a '{' before this '}'"],
  ['|', "must have '|' at its end only"],
  ['?', "must be a path without a query: '?' is written %3F"],
  ['#', "must be a path without a fragment: '#' is written %23"],
])

/** Throws the TypeError for a mistake in an expression: what it must be, and where it is not. */
export function fail(source: string, at: number, rule: string): never {
  throw new TypeError(
    `path expression '${source}' ${rule} at column ${at + 1}\n  ${source}\n  ${' '.repeat(at)}^`,
  )
}

// Without an optional group that leads, the path must begin with a slash all the same.
function beginsWithSlash([first, ...rest]: readonly PathItem[]): boolean {
  if (first?.kind === 'group') {
    return beginsWithSlash(first.items) && (rest.length === 0 || beginsWithSlash(rest))
  }
  return first?.kind === 'literal' && first.text.startsWith('/')
}

/**
 * All the forms of an expression: with and without each optional group, the longest first.
 * Neighbouring literals are one.
 */
export function forms(items: readonly PathItem[]): readonly Form[] {
  let found: Form[] = [[]]
  for (const item of items) {
    const tails = item.kind === 'group' ? [...forms(item.items), []] : [[item]]
    found = found.flatMap((head) => tails.map((tail) => join(head, tail)))
  }
  return found
}

function join(head: Form, tail: Form): Form {
  const last = head.at(-1)
  const [next, ...rest] = tail
  return last?.kind === 'literal' && next?.kind === 'literal'
    ? [...head.slice(0, -1), { kind: 'literal', text: last.text + next.text }, ...rest]
    : [...head, ...tail]
}
