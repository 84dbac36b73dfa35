// What a table's `create table` says that SQLite's pragmas do not: checks, collations, the names of foreign
// keys, whether a column counts up. SQLite keeps the statement as text, and edits it when something is renamed.

export interface TableText {
  /** By the column's name in lower case. */
  readonly columns: ReadonlyMap<string, ColumnText>
  /** The names of foreign keys by their columns in lower case, separated by commas. */
  readonly keyNames: ReadonlyMap<string, string>
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
  const keyNames = new Map<string, string>()
  const checks: string[] = []
  for (const part of parts(tokensOf(sql))) {
    const [first = ''] = part
    if (['constraint', 'primary', 'unique', 'check', 'foreign'].includes(first.toLowerCase())) {
      checks.push(...checksOf(part))
      const key = index(part, 'foreign')
      if (key >= 0)
        nameKey(
          keyNames,
          part,
          innerOf(part, key).filter((each) => each !== ','),
        )
    } else {
      const name = unquoted(first).toLowerCase()
      if (index(part, 'references') >= 0) nameKey(keyNames, part, [first])
      const collated = index(part, 'collate')
      columns.set(name, {
        checks: checksOf(part),
        ...(collated < 0 ? {} : { collation: unquoted(part[collated + 1] ?? '') }),
        autoincrement: index(part, 'autoincrement') >= 0,
      })
    }
  }
  return { columns, keyNames, checks }
}

/** SQL in one form, whatever its spaces and letters' case outside quotes. */
export function normal(sql: string): string {
  return normalTokens(tokensOf(sql))
}

function normalTokens(tokens: readonly string[]): string {
  return tokens.map((each) => (/^['"`[]/.test(each) ? each : each.toLowerCase())).join(' ')
}

function tokensOf(sql: string): readonly string[] {
  return (sql.match(token) ?? []).filter((each) => !/^(?:--|\/\*)/.test(each))
}

/** What stands between the commas of the outermost parentheses. */
function parts(tokens: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [[]]
  let depth = 0
  for (const each of tokens) {
    if (each === ')') depth -= 1
    if (each === ',' && depth === 1) all.push([])
    else if (depth > 0) all.at(-1)?.push(each)
    else if (each === ')') break
    if (each === '(') depth += 1
  }
  return all.filter((part) => part.length > 0)
}

/** Where a word stands outside parentheses; -1 where it does not. */
function index(tokens: readonly string[], word: string): number {
  let depth = 0
  return tokens.findIndex((each) => {
    if (each === '(') depth += 1
    if (each === ')') depth -= 1
    return depth === 0 && each.toLowerCase() === word
  })
}

/** What is in the first parentheses from there on. */
function innerOf(tokens: readonly string[], from: number): readonly string[] {
  const start = tokens.indexOf('(', from)
  let depth = 0
  const end = tokens.findIndex((each, at) => {
    if (at < start) return false
    if (each === '(') depth += 1
    if (each === ')') depth -= 1
    return depth === 0
  })
  return tokens.slice(start + 1, end)
}

function checksOf(tokens: readonly string[]): readonly string[] {
  const at = index(tokens, 'check')
  if (at < 0) return []
  const inner = innerOf(tokens, at)
  const rest = tokens.slice(tokens.indexOf('(', at) + inner.length + 2)
  return [normalTokens(inner), ...checksOf(rest)]
}

function nameKey(names: Map<string, string>, part: readonly string[], columns: readonly string[]) {
  const key = Math.max(index(part, 'foreign'), index(part, 'references'))
  const named = part
    .slice(0, key)
    .map((each) => each.toLowerCase())
    .lastIndexOf('constraint')
  if (named < 0) return
  names.set(columnsKey(columns.map(unquoted)), unquoted(part[named + 1] ?? ''))
}

export function columnsKey(names: readonly string[]): string {
  return names.map((name) => name.toLowerCase()).join()
}

function unquoted(name: string): string {
  const [quote = ''] = name
  if (!['"', '`', '[', "'"].includes(quote)) return name
  const close = quote === '[' ? ']' : quote
  return name.slice(1, -1).replaceAll(close + close, close)
}
