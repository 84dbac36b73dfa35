// Writes a path from a path expression and values, and refuses what would not be read back as it is.
import type { PathItem } from './path-expression.js'
import { comparable, encodePath, encodeValue } from './path.js'
import { readPath, type PathPattern } from './path-pattern.js'

/** Values for an expression's variables. A number is written as `String(n)`. */
export type PathValues = Readonly<Record<string, string | number | undefined>>

/**
 * Writes the path of an expression, percent-encoded. A group `[…]` is written when one of its variables
 * is given.
 *
 * @param subject whose path it is, for messages
 * @throws TypeError for a variable that is unknown or missing, and for a value that its type does not
 * accept or that could not be read back out of the path
 */
export function writePath(pattern: PathPattern, values: PathValues, subject: string): string {
  const given = new Map<string, string>()
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    given.set(name, checked(pattern, name, value, subject))
  }
  const path = write(pattern.expression.items)
  const got = `, got ${JSON.stringify(Object.fromEntries(given))} for ${path}`
  if (/\/\.\.?(?=\/|$)/.test(path)) {
    throw new TypeError(`${subject} must not have a segment '.' or '..': clients remove them${got}`)
  }
  const match = readPath(pattern, comparable(path))
  const read = match === undefined ? [] : Object.entries(match.values)
  if (
    match === undefined ||
    read.length !== given.size ||
    read.some(([name, value]) => given.get(name) !== value)
  ) {
    throw new TypeError(`${subject} must be read back as it was written${got}`)
  }
  return path

  function write(items: readonly PathItem[]): string {
    return items.map(writeItem).join('')
  }

  function writeItem(item: PathItem): string {
    if (item.kind === 'literal') return encodePath(item.text)
    if (item.kind === 'group') return item.items.some(isGiven) ? write(item.items) : ''
    const value = given.get(item.name)
    if (value === undefined) {
      throw new TypeError(`${subject} must be given the variable '${item.name}'`)
    }
    return item.type.crossesSegments
      ? value.split('/').map(encodeValue).join('/')
      : encodeValue(value)
  }

  function isGiven(item: PathItem): boolean {
    if (item.kind === 'group') return item.items.some(isGiven)
    return item.kind === 'variable' && given.has(item.name)
  }
}

function checked(
  pattern: PathPattern,
  name: string,
  value: string | number,
  subject: string,
): string {
  const variable = pattern.variables.find((each) => each.name === name)
  if (variable === undefined) {
    const known = pattern.variables.map((each) => each.name).join(', ')
    throw new TypeError(
      `${subject} must be given no variables but ${known || 'none'}, got '${name}'`,
    )
  }
  const text = String(value)
  const isValue = typeof value === 'string' ? !/\p{Cs}/u.test(value) : Number.isFinite(value)
  if (!isValue || !variable.type.accepts(text)) {
    const { name: type, rule } = variable.type
    throw new TypeError(
      `${subject}: the variable '${name}' must be of type ${type} (${rule}), got ${JSON.stringify(text)}`,
    )
  }
  return text
}
