// A column's line in a model, laid out as prettier would.
import { isComplex, isNested, literal, width } from './model-literal.js'

/** What a column refers to: `author.id`, and the rest of the call. */
export interface ReferenceSource {
  readonly target: string
  /** The target stands below, so that TypeScript must be told its type. */
  readonly later: boolean
  /** `{ onDelete: 'cascade' }` without its braces. */
  readonly option: string | undefined
}

export interface ColumnSource {
  readonly name: string
  /** `string(100)`. */
  readonly kind: string
  /** Calls without an argument before and behind the default: `nullable`, `index`. */
  readonly before: readonly string[]
  readonly behind: readonly string[]
  /** The default: a value, or a call like `now()`. */
  readonly default?: { readonly value: unknown } | { readonly call: string }
  readonly references?: ReferenceSource
}

/** A call by its text, given how far its line is indented, and the columns before it and behind it. */
type Call = (indent: number, before: number, after: number) => string

/** @param indent how far the line is indented */
export function columnSource(column: ColumnSource, indent: number): string {
  const { name, kind } = column
  const start = `${' '.repeat(indent)}${name}: `
  const calls: readonly Call[] = [
    () => kind,
    ...column.before.map((each) => () => `.${each}()`),
    ...(column.default ? [defaultCall(column.default)] : []),
    ...column.behind.map((each) => () => `.${each}()`),
    ...(column.references ? [referencesCall(column.references)] : []),
  ]
  const one = `${start}${calls.map((call) => call(0, -Infinity, 0)).join('')},`
  const value = column.default && 'value' in column.default ? column.default.value : undefined
  // A chain of more than two calls is broken if one of them takes more than a simple value, and be it short.
  const complex = column.references !== undefined || isComplex(value)
  if (calls.length > 2 && (complex || one.length > width)) {
    const inner = indent + 2
    const [first = '', ...rest] = calls.map((call) => call(inner, inner, 0))
    return [start + first, ...rest.map((each) => ' '.repeat(inner) + each)].join('\n') + ','
  }
  if (one.length <= width && !one.includes('\n')) return one
  if (isShort(column)) {
    return `${start.trimEnd()}\n${' '.repeat(indent + 2)}${one.slice(start.length)}`
  }
  const [, last] = calls
  return `${start}${kind}${last?.(indent, start.length + kind.length, 1) ?? ''},`
}

/** Prettier would rather begin a line than break the parentheses round a short argument. */
function isShort({ kind, default: given }: ColumnSource): boolean {
  if (!given || !('value' in given) || kind.includes(',')) return false
  const { value } = given
  const long = typeof value === 'string' && literal(value, 0, 0, 0).length > width / 4
  return !long && typeof value !== 'object'
}

function defaultCall(given: NonNullable<ColumnSource['default']>): Call {
  return (indent, before, after) => {
    if ('call' in given) return `.default(${given.call})`
    const { value } = given
    const open = '.default('
    const flat = literal(value, indent, before + open.length, 1 + after)
    const fits = before + open.length + flat.length + 1 + after <= width
    if (fits || isNested(value)) return `${open}${flat})`
    return `${open}\n${' '.repeat(indent + 2)}${flat},\n${' '.repeat(indent)})`
  }
}

function referencesCall({ target, later, option }: ReferenceSource): Call {
  return (indent, before, after) => {
    const open = '.references('
    const arrow = `()${later ? ': AnyColumn' : ''} =>`
    const options = option === undefined ? '' : `, { ${option} }`
    const flat = `${open}${arrow} ${target}${options})`
    if (before + flat.length + after <= width) return flat
    const [outer, inner] = [' '.repeat(indent), ' '.repeat(indent + 2)]
    const hugged = `${open}${arrow} ${target}, {`
    if (option !== undefined && before + hugged.length <= width) {
      return `${hugged}\n${inner}${option},\n${outer}})`
    }
    const fits = inner.length + arrow.length + 1 + target.length + 1 <= width
    const first = `${inner}${arrow}${fits ? ' ' : `\n${inner}  `}${target},\n`
    const second = option === undefined ? '' : `${inner}{ ${option} },\n`
    return `${open}\n${first}${second}${outer})`
  }
}
