// Values as TypeScript, laid out as prettier would: 100 columns wide, in single quotes.

export const width: number = 100

/** What would end a comment of one line. */
export const lineTerminators: RegExp = /[\n\r\u2028\u2029]+/g

/**
 * A value of a row or of JSON.
 *
 * @param indent how far the line that it begins on is indented
 * @param before the columns that the line has before it
 * @param after those that it has behind it
 */
export function literal(value: unknown, indent: number, before: number, after: number): string {
  const one = onOneLine(value)
  const fits = before + one.length + after <= width && !mustBreak(value)
  if (fits || !isNested(value)) return one
  const inner = indent + 2
  const lines = Object.entries(value).map(([name, each]: [string, unknown]) => {
    const key = Array.isArray(value) ? '' : `${keySource(name)}:`
    const source = literal(each, inner, inner + key.length + 1, 1)
    return `${' '.repeat(inner)}${key}${gap(key, each, source, inner)}${source},\n`
  })
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`
}

/** What is between a key and its value: prettier puts a long string into a line of its own. */
function gap(key: string, value: unknown, source: string, indent: number): string {
  if (key === '') return ''
  const fits = indent + key.length + 1 + source.length + 1 <= width
  return typeof value === 'string' && !fits && key.length > 5 ? `\n${' '.repeat(indent + 2)}` : ' '
}

/** What can be broken into lines: an array or an object that is not empty. */
export function isNested(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Date) &&
    Object.keys(value).length > 0
  )
}

/** What makes a chain of calls too much for one line. */
export function isComplex(value: unknown): boolean {
  return (
    isNested(value) && (Object.values(value).some(isNested) || Object.hasOwn(value, '__proto__'))
  )
}

/** Several arrays, or objects of several entries, are broken into lines even where they would fit. */
function mustBreak(value: unknown): boolean {
  if (!isNested(value)) return false
  const inner: readonly unknown[] = Object.values(value)
  const [first] = inner
  const alike = (each: unknown): boolean =>
    isNested(each) && Array.isArray(each) === Array.isArray(first) && Object.keys(each).length > 1
  return (Array.isArray(value) && inner.length > 1 && inner.every(alike)) || inner.some(mustBreak)
}

function onOneLine(value: unknown): string {
  if (typeof value === 'string') return stringSource(value)
  if (typeof value === 'number') return String(value).replace('e+', 'e')
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return `new Date('${value.toISOString()}')`
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([name, each]) => `${keySource(name)}: ${onOneLine(each)}`,
    )
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  }
  return String(value)
}

/** In the quotes that need fewer escapes, single ones if they are equal. */
export function stringSource(value: string): string {
  const count = (quote: string): number => value.split(quote).length
  const quote = count("'") > count('"') ? '"' : "'"
  const body = JSON.stringify(value)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
  return quote + body + quote
}

function keySource(name: string): string {
  // As a plain name it would set the prototype.
  if (name === '__proto__') return "['__proto__']"
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : stringSource(name)
}
