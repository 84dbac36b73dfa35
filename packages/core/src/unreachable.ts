// Finds routes that never match because earlier ones take all their paths. It tries sample paths: a
// route is reported only when earlier routes take every one.
import type { Form } from './path-expression.js'
import { readPath, type PathPattern } from './path-pattern.js'
import { comparable, encodeValue } from './path.js'
import type { PathType } from './path-types.js'
import type { Route, Row } from './route.js'

/** A route's method that can't be reached, and a route that is in its way. */
export interface Unreachable {
  readonly route: Route
  readonly method: string
  readonly by: Route
}

/**
 * The methods of routes that can never match.
 *
 * @param candidates the rows that match a comparable path
 */
export function findUnreachable(
  rows: readonly Row[],
  candidates: (path: string) => readonly Row[],
): readonly Unreachable[] {
  return rows.flatMap(({ route, pattern, order }) => {
    const twins = rows.slice(0, order).filter((each) => isSame(each.pattern, pattern))
    const earlier = samplePaths(pattern).map((path) => [
      ...twins,
      ...candidates(path).filter((each) => each.order < order),
    ])
    return Object.keys(route.methods).flatMap((method) => {
      const takers = earlier.map((each) => each.find(({ appFor }) => appFor(method) !== undefined))
      const [by] = takers
      if (by === undefined || takers.includes(undefined)) return []
      return [{ route, method, by: by.route }]
    })
  })
}

function isSame(one: PathPattern, other: PathPattern): boolean {
  return one.regexp.source === other.regexp.source
}

const VALUES = [
  'a',
  'Q',
  'new',
  '7',
  '42',
  '3.5',
  '.5',
  '_',
  'a-b',
  'x1Y_2',
  '~',
  'é',
  'a;b',
  'a.b',
  ' ',
].concat('(1)', 'a'.repeat(199), '9'.repeat(199))
const LONG_VALUES = ['a/b', '7/', '/x.y/z']
const TAILS = ['', '/', '/q', '/7/x.y~']

// The paths of all forms. What a variable gets is another odd value of its type in each; a user's own
// type stands for whatever it may match, so it gets all of them.
function samplePaths(pattern: PathPattern): readonly string[] {
  const tails = pattern.expression.open ? TAILS : ['']
  const custom = pattern.variables.some(({ type }) => type.custom)
  return pattern.forms
    .flatMap(samples)
    .flatMap((path) => tails.map((tail) => path + tail))
    .filter((path) => custom || readPath(pattern, path) !== undefined)
}

function samples(form: Form): readonly string[] {
  const hasVariables = form.some(({ kind }) => kind === 'variable')
  return VALUES.slice(0, hasVariables ? VALUES.length : 1).map((_, turn) =>
    form
      .map((item, index) => (item.kind === 'literal' ? item.text : sample(item.type, turn + index)))
      .join(''),
  )
}

function sample(type: PathType, turn: number): string {
  const values = [
    ...VALUES.filter((value) => type.custom || type.accepts(value)),
    ...LONG_VALUES.filter((value) => type.crossesSegments && type.accepts(value)),
  ]
  return comparable(encodeValue(values[turn % values.length] ?? '').replaceAll('%2F', '/'))
}
