// The text of a `model.ts` for tables that are there already, laid out as prettier would: 100 columns wide,
// single quotes, no semicolons.
import { type ColumnState, computedDefault } from './column.js'
import { typeInWords } from './drift.js'
import type { FoundSchema } from './found.js'
import { type ColumnSource, columnSource, type ReferenceSource } from './model-column.js'
import { fit } from './model-fit.js'
import { lineTerminators, width } from './model-literal.js'
import { variableNames } from './model-variables.js'
import type { TableState } from './state.js'

/**
 * The text of a module that defines the tables of a database, with the `db` of `./dbconfig.js`. What a model
 * can't say is told in comments above its table: `// left out: …`. What the database has in another way than
 * the model would make it: `// in the database: …`.
 *
 * @param options.tables only these tables and views
 * @throws TypeError for a table that is not there
 */
export function modelSource(
  found: FoundSchema,
  options: { readonly tables?: readonly string[] } = {},
): string {
  const all = new Set([...found.tables.keys(), ...found.remarks.map(({ table }) => table)])
  const names = options.tables ?? [...all]
  const unknown = names.find((name) => !all.has(name))
  if (unknown !== undefined) {
    throw new TypeError(
      `a table must be one of ${[...all].join(', ') || 'none at all'}, got ${unknown}`,
    )
  }
  const { tables, notes } = fit(found, names)
  const defined: string[] = []
  const variables = variableNames([...tables.keys()])
  const scope: Scope = { variables, defined, used: new Set() }
  const parts = [...tables.values()].map((table) => {
    const source = tableSource(table, scope)
    defined.push(table.name)
    return [...(notes.get(table.name) ?? []).map(comment), source].join('\n')
  })
  const others = [...notes]
    .filter(([name]) => !tables.has(name))
    .map(([name, some]) => some.map((note) => comment(`${name}: ${note}`)).join('\n'))
  return [...imports(scope.used), ...parts, ...others].map((part) => `${part}\n`).join('\n')
}

/** A name or an expression of the database must not end the comment. */
function comment(note: string): string {
  return `// ${note.replaceAll(lineTerminators, ' ')}`.trimEnd()
}

function imports(used: ReadonlySet<string>): readonly string[] {
  if (used.size === 0) return []
  const names = [...used].toSorted((one, other) => (bare(one) < bare(other) ? -1 : 1))
  const one = `import { ${names.join(', ')} } from '@robaccia/db'`
  const lines = names.map((name) => `  ${name},\n`).join('')
  const text = one.length <= width ? one : `import {\n${lines}} from '@robaccia/db'`
  return [`${text}\nimport { db } from './dbconfig.js'`]
}

function bare(name: string): string {
  return name.replace('type ', '').toLowerCase()
}

interface Scope {
  /** What each table is called in the module. */
  readonly variables: ReadonlyMap<string, string>
  /** The tables that stand above. */
  readonly defined: readonly string[]
  /** What is imported. */
  readonly used: Set<string>
}

function tableSource(table: TableState, scope: Scope): string {
  const name = scope.variables.get(table.name) ?? table.name
  const start = `export const ${name} = db.table(`
  const head = `${start}'${table.name}', {`
  const lines = (indent: number): string =>
    table.columns.map((each) => `${columnSource(toSource(table, each, scope), indent)}\n`).join('')
  if (head.length <= width) return `${head}\n${lines(2)}})`
  return `${start}\n  '${table.name}',\n  {\n${lines(4)}  },\n)`
}

function toSource(table: TableState, column: ColumnState, scope: Scope): ColumnSource {
  const { name, kind } = column
  const { used } = scope
  used.add(kind)
  const computed = computedDefault(column)
  if (computed !== undefined) used.add(computed)
  const given = computed === undefined ? { value: column.default } : { call: `${computed}()` }
  const isPrimary = table.primaryKey.includes(name) && kind !== 'increments'
  const indexes = table.indexes.filter(({ columns }) => columns[0] === name)
  const references = reference(table, name, scope)
  return {
    name,
    kind: typeInWords(column),
    before: [...(isPrimary ? ['primary'] : []), ...(column.nullable ? ['nullable'] : [])],
    behind: indexes.map(({ unique }) => (unique ? 'unique' : 'index')),
    ...(column.default === undefined ? {} : { default: given }),
    ...(references ? { references } : {}),
  }
}

function reference(
  table: TableState,
  name: string,
  { variables, defined, used }: Scope,
): ReferenceSource | undefined {
  const key = table.foreignKeys.find(({ column }) => column === name)
  if (!key) return undefined
  const { target, onDelete } = key
  // TypeScript can't infer the type of a table that refers to itself, or to one below that refers to it.
  const later = !defined.includes(target.table)
  if (later) used.add('type AnyColumn')
  return {
    target: `${variables.get(target.table) ?? target.table}.${target.column}`,
    later,
    option: onDelete === 'restrict' ? undefined : `onDelete: '${onDelete}'`,
  }
}
