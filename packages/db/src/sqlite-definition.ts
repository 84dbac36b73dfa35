// What a table's `create table` says that SQLite's pragmas do not: checks, collations, whether a column counts
// up. SQLite keeps the statement as text, and edits it when something is renamed.

export interface TableText {
  /** By the column's name in lower case. */
  readonly columns: ReadonlyMap<string, ColumnText>
  /** The table's own checks. */
  readonly checks: readonly string[]
}

export interface ColumnText {
  readonly checks: readonly string[]
  readonly collation?: string
  readonly autoincrement: boolean
}

// Comments, strings, names in each of SQLite's quotes, words, and single signs.
const token =
  /--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\w$\u0080-\uffff]+|\S/g

export function readTableText(sql: string): TableText {
  const columns = new Map<string, ColumnText>()
  const checks: string[] = []
  for (const part of parts(tokensOf(sql))) {
    const [first = '', ...rest] = part.map(({ text }) => text)
    if (['constraint', 'primary', 'unique', 'check', 'foreign'].includes(first.toLowerCase())) {
      checks.push(...checksOf(sql, part))
      continue
    }
    const collated = place(part, 'collate')
    columns.set(unquoted(first).toLowerCase(), {
      checks: checksOf(sql, part),
      ...(collated < 0 ? {} : { collation: unquoted(rest[collated] ?? '') }),
      autoincrement: place(part, 'autoincrement') >= 0,
    })
  }
  return { columns, checks }
}

/** Whether two expressions are the same but for spaces, quotes round plain names, and letters' case. */
export function sameSql(one: string, other: string): boolean {
  return normal(one) === normal(other)
}

function normal(sql: string): string {
  return tokensOf(sql)
    .map(({ text }) =>
      text.startsWith("'") ? text : text.replace(/^"(\w+)"$/, '$1').toLowerCase(),
    )
    .join(' ')
}

interface Token {
  readonly text: string
  readonly start: number
}

function tokensOf(sql: string): readonly Token[] {
  const all = Array.from(sql.matchAll(token), ({ 0: text, index }) => ({ text, start: index }))
  return all.filter(({ text }) => !/^(?:--|\/\*)/.test(text))
}

/** What stands between the commas of the outermost parentheses. */
function parts(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const all: Token[][] = [[]]
  let depth = 0
  for (const each of tokens) {
    if (each.text === ')') depth -= 1
    if (each.text === ',' && depth === 1) all.push([])
    else if (depth > 0) all.at(-1)?.push(each)
    else if (each.text === ')') break
    if (each.text === '(') depth += 1
  }
  return all.filter((part) => part.length > 0)
}

/** Where a word stands outside parentheses; -1 where it does not. */
function place(tokens: readonly Token[], word: string): number {
  let depth = 0
  return tokens.findIndex(({ text }) => {
    if (text === '(') depth += 1
    if (text === ')') depth -= 1
    return depth === 0 && text.toLowerCase() === word
  })
}

/** What is in the first parentheses from there on. */
function innerOf(tokens: readonly Token[], from: number): readonly Token[] {
  const start = tokens.findIndex(({ text }, at) => at >= from && text === '(')
  let depth = 0
  const end = tokens.findIndex(({ text }, at) => {
    if (at < start) return false
    if (text === '(') depth += 1
    if (text === ')') depth -= 1
    return depth === 0
  })
  return tokens.slice(start + 1, end)
}

function checksOf(sql: string, tokens: readonly Token[]): readonly string[] {
  const at = place(tokens, 'check')
  if (at < 0) return []
  const inner = innerOf(tokens, at)
  const [first, last] = [inner[0], inner.at(-1)]
  if (!first || !last) return []
  const rest = tokens.slice(tokens.indexOf(last) + 2)
  return [sql.slice(first.start, last.start + last.text.length), ...checksOf(sql, rest)]
}

function unquoted(name: string): string {
  const [quote = ''] = name
  if (!['"', '`', '[', "'"].includes(quote)) return name
  const close = quote === '[' ? ']' : quote
  return name.slice(1, -1).replaceAll(close + close, close)
}
