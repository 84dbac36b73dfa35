// Source text that Prettier leaves as it is (without semicolons, single quotes, 100 columns): what fits stands on one
// line, else what is in brackets gets a line for each item. Only what a migration's file is made of.

/** A piece of source: a word, or brackets with items in them. */
export type Code = string | Brackets | Chain | Pair

export interface Brackets {
  readonly type: 'call' | 'array' | 'object'
  /** What stands in front of the brackets: `string`, `new Date`, or a property's name and colon. */
  readonly head: string
  readonly items: readonly Code[]
  /** Whether each item has a line of its own even where all would fit on one. */
  readonly open: boolean
}

/** Calls on the value of a call: `string(100).nullable()`. */
interface Chain {
  readonly type: 'chain'
  readonly head: string
  readonly calls: readonly Brackets[]
}

/** A property whose value is a word. */
interface Pair {
  readonly type: 'pair'
  readonly key: string
  readonly word: string
}

interface Layout {
  readonly open?: boolean
}

const WIDTH = 100

export function call(head: string, ...items: readonly Code[]): Brackets {
  return { type: 'call', head, items, open: false }
}

export function array(items: readonly Code[]): Code {
  // Prettier opens lists of lists and of objects.
  const nested = items.length > 1 && items.every((item) => isFull(item, items[0]))
  return { type: 'array', head: '', items, open: nested }
}

function isFull(item: Code, first: Code | undefined): boolean {
  return (
    typeof item !== 'string' &&
    typeof first === 'object' &&
    item.type !== 'call' &&
    item.type === first.type &&
    'items' in item &&
    item.items.length > 1
  )
}

export function object(
  properties: Readonly<Record<string, Code>>,
  { open = false }: Layout = {},
): Code {
  const items = Object.entries(properties).map(([key, value]) => property(key, value))
  return { type: 'object', head: '', items, open }
}

/** `calls` follow one another: `nullable()`, `default(…)`. */
export function chain(first: Brackets, calls: readonly Brackets[]): Code {
  return calls.length === 0 ? first : { type: 'chain', head: '', calls: [first, ...calls] }
}

function property(key: string, value: Code): Code {
  // In a literal __proto__ would be no key.
  const name =
    key === '__proto__' ? `['__proto__']` : /^[a-z_$][\w$]*$/i.test(key) ? key : quoted(key)
  if (typeof value === 'string') return { type: 'pair', key: name, word: value }
  return value.type === 'pair' ? value : { ...value, head: `${name}: ${value.head}` }
}

/** A string literal. */
export function quoted(text: string): string {
  const double = text.split("'").length > text.split('"').length
  const escaped = JSON.stringify(text).slice(1, -1)
  if (double) return `"${escaped}"`
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** A literal of what JSON can say, and of dates and bigints. */
export function literal(value: unknown): Code {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value).replace('+', '')
  if (value instanceof Date) return call('new Date', quoted(value.toISOString()))
  if (Array.isArray(value)) return array(value.map(literal))
  if (typeof value === 'object' && value !== null) {
    return object(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, literal(v)])))
  }
  return String(value)
}

/**
 * The text of a piece of source.
 *
 * @param indent the columns that its lines begin with
 * @param after what follows it on its last line
 */
export function print(code: Code, indent = 0, after = 0): string {
  const flat = flatten(code)
  if (!isOpen(code) && indent + flat.length + after <= WIDTH) return flat
  if (typeof code === 'string') return code
  if (code.type === 'pair') return `${code.key}:\n${' '.repeat(indent + 2)}${code.word}`
  if (code.type === 'chain') return printChain(code, indent, after)
  if (code.items.length === 0) return flat
  if (code.type === 'call') return printCall(code, indent)
  return lines(code, indent)
}

function lines({ head, type, items }: Brackets, indent: number): string {
  const [begin, end] = brackets[type]
  const inner = ' '.repeat(indent + 2)
  const printed = items.map((item) => `${inner}${print(item, indent + 2, 1)},\n`)
  return `${head}${begin}\n${printed.join('')}${' '.repeat(indent)}${end}`
}

const brackets = { call: ['(', ')'], array: ['[', ']'], object: ['{', '}'] } as const

/** The last argument may open while the others stay on the line. */
function printCall(code: Brackets, indent: number): string {
  const last = code.items.at(-1)
  const begin = `${code.head}(${code.items
    .slice(0, -1)
    .map((item) => `${flatten(item)}, `)
    .join('')}`
  const opens = typeof last === 'object' && 'items' in last && last.type !== 'call'
  if (!opens || last.items.length === 0 || indent + begin.length + 1 > WIDTH) {
    return lines(code, indent)
  }
  return `${begin}${lines(last, indent)})`
}

function printChain({ head, calls }: Chain, indent: number, after: number): string {
  const [first, ...rest] = calls
  if (!first) return head
  const begin = head + flatten(first)
  if (rest.length > 2) {
    const inner = ' '.repeat(indent + 2)
    return begin + rest.map((each) => `\n${inner}.${print(each, indent + 2, after)}`).join('')
  }
  // As few calls stay on one line, and the last one with arguments opens.
  const opening = rest.findLast(({ items }) => items.length > 0)
  const printed = rest.map((each) => (each === opening ? printCall(each, indent) : flatten(each)))
  return [begin, ...printed].join('.')
}

function flatten(code: Code): string {
  if (typeof code === 'string') return code
  if (code.type === 'pair') return `${code.key}: ${code.word}`
  if (code.type === 'chain') return code.head + code.calls.map(flatten).join('.')
  const [begin, end] = brackets[code.type]
  const space = code.type === 'object' && code.items.length > 0 ? ' ' : ''
  return `${code.head}${begin}${space}${code.items.map(flatten).join(', ')}${space}${end}`
}

function isOpen(code: Code): boolean {
  if (typeof code === 'string' || code.type === 'pair') return false
  if (code.type === 'chain') return code.calls.some(isOpen)
  return code.open || code.items.some(isOpen)
}
