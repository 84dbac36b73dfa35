// How a database differs from what it should be.
import { isDeepStrictEqual } from 'node:util'
import { type ColumnState, computedDefault } from './column.js'
import type { Index } from './definition.js'
import { shown } from './errors.js'
import type { FoundSchema, Remark } from './found.js'
import { remarksOn } from './found-state.js'
import { sameDefault, sameType, type SchemaState, type TableState } from './state.js'
import { type Dialect, longestKey, sqlType } from './storage.js'

/**
 * The differences between what is expected (`schemaOf` a model, or what migrations add up to) and what
 * `readSchema` found, a line each: `entry.title must be string(100), got string(200)`. None if there are none.
 *
 * Views, triggers, checks beside those of the kinds, and indexes that a model can't have (of several columns,
 * partial, on expressions) are not compared, unless they are expected; nor is the order of columns.
 *
 * @param options.ignore tables that are none of this application's
 */
export function drift(
  expected: SchemaState,
  found: FoundSchema,
  { ignore = [] }: { readonly ignore?: readonly string[] } = {},
): string[] {
  const lines: string[] = []
  for (const table of expected.values()) {
    const other = found.tables.get(table.name)
    if (other) lines.push(...tableDrift(table, other, found))
    else lines.push(`table ${table.name} must be there, got ${instead(found, table.name)}`)
  }
  for (const { name, columns } of found.tables.values()) {
    if (expected.has(name) || ignore.includes(name)) continue
    const other = found.remarks.filter((remark) => remark.table === name && isLeftOut(remark))
    const count = counted(columns.length + other.length, 'column')
    lines.push(`table ${name} must not be there, got one of ${count}`)
  }
  return lines
}

function instead({ remarks }: FoundSchema, name: string): string {
  const other = remarks.find(({ table, about }) => table === name && about === 'view')
  return other?.found ?? 'none'
}

/** Whether it stands for a column that no model can have. */
function isLeftOut({ about, kept }: Remark): boolean {
  return !kept && (about === 'type' || about === 'generated')
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function tableDrift(expected: TableState, other: TableState, found: FoundSchema): string[] {
  const { name } = expected
  const lines: string[] = []
  for (const column of expected.columns) {
    const twin = other.columns.find((one) => one.name === column.name)
    lines.push(...columnDrift(column, twin, found))
  }
  for (const column of other.columns) {
    if (expected.columns.some((one) => one.name === column.name)) continue
    lines.push(`${name}.${column.name} must not be there, got ${typeInWords(column)}`)
  }
  for (const remark of found.remarks) {
    const { table, column, found: got } = remark
    if (table !== name || column === undefined || !isLeftOut(remark)) continue
    if (expected.columns.some((one) => one.name === column)) continue
    lines.push(`${name}.${column} must not be there, got ${got}`)
  }
  if (!isDeepStrictEqual(expected.primaryKey, other.primaryKey)) {
    const [must, got] = [expected, other].map(({ primaryKey }) => keyInWords(primaryKey))
    lines.push(`the primary key of ${name} must be ${must}, got ${got}`)
  }
  return [...lines, ...indexDrift(expected, other), ...foreignKeyDrift(expected, other)]
}

function keyInWords(names: readonly string[]): string {
  return names.length === 0 ? 'none' : `(${names.join(', ')})`
}

function columnDrift(
  expected: ColumnState,
  column: ColumnState | undefined,
  found: FoundSchema,
): string[] {
  const full = `${expected.table}.${expected.name}`
  const type = typeInWords(expected)
  const asSql = `${type}, as SQL ${sqlType(found.dialect, expected)}`
  const remarks = remarksOn(found, expected)
  if (!column) {
    const [other] = remarks
    return [
      other ? `${full} must be ${asSql}, got ${other.found}` : `${full} must be there, got none`,
    ]
  }
  const noted = (about: Remark['about']) =>
    remarks.find((remark) => remark.about === about && remark.kept)?.found
  const lines: string[] = []
  const must = (rule: string, got: string): void =>
    void lines.push(`${full} must ${rule}, got ${got}`)

  const near = noted('type') ?? noted('check')
  if (near !== undefined) must(`be ${asSql}`, near)
  else if (!sameStoredType(found.dialect, expected, column)) must(`be ${type}`, typeInWords(column))
  const nullable = noted('key') ?? (column.nullable ? 'nullable' : 'not null')
  const wanted = expected.nullable ? 'nullable' : 'not null'
  if (nullable !== wanted) must(`be ${wanted}`, nullable)
  const value = noted('default')
  const odd = remarks.find(({ about, kept }) => about === 'default' && !kept)?.found
  if (odd !== undefined || !sameStoredDefault(expected, column)) {
    const rule =
      computedDefault(expected) === 'randomUuid' ? 'no default' : defaultInWords(expected)
    must(`have ${rule}`, odd ?? value ?? defaultInWords(column))
  }
  const collation = noted('collation')
  const ours = { sqlite: 'binary', postgres: 'C', mysql: 'utf8mb4_bin' }[found.dialect]
  if (collation !== undefined) must(`have the collation ${ours}`, collation)
  const update = noted('update')
  if (update !== undefined) must('do nothing on update', update)
  return lines
}

/** Longer strings are texts on MySQL. */
function sameStoredType(dialect: Dialect, expected: ColumnState, found: ColumnState): boolean {
  const long = dialect === 'mysql' && (expected.length ?? 0) > longestKey
  return sameType(expected, found) || (long && found.kind === 'text')
}

/** A random UUID is made by `insert`; a database may make its own. */
function sameStoredDefault(expected: ColumnState, found: ColumnState): boolean {
  if (computedDefault(expected) === 'randomUuid') {
    return found.default === undefined || computedDefault(found) === 'randomUuid'
  }
  return sameDefault(expected, found)
}

/** A column's type as a model has it: `decimal(12, 2)`. */
export function typeInWords({ kind, length, precision, scale }: ColumnState): string {
  const sizes = kind === 'decimal' ? [precision, scale] : kind === 'string' ? [length] : []
  return `${kind}(${sizes.join(', ')})`
}

function defaultInWords(column: ColumnState): string {
  const computed = computedDefault(column)
  if (computed !== undefined) return `the default ${computed}()`
  if (column.default === undefined) return 'no default'
  const json = column.kind === 'json'
  return `the default ${json ? JSON.stringify(column.default) : shown(column.default)}`
}

function indexDrift({ name, indexes }: TableState, other: TableState): string[] {
  const lines: string[] = []
  const unexpected = other.indexes.filter(
    (one) => !indexes.some((index) => index.name === one.name),
  )
  const renamed = new Set<Index>()
  for (const index of indexes) {
    const twin = other.indexes.find((one) => one.name === index.name)
    const like = unexpected.find((one) => !renamed.has(one) && same(one, index))
    if (twin && same(twin, index)) continue
    if (!twin && like) {
      renamed.add(like)
      lines.push(
        `the index of ${name} on ${indexInWords(index)} must be called ${index.name}, got ${like.name}`,
      )
      continue
    }
    const got = twin ? indexInWords(twin) : 'none'
    lines.push(`index ${index.name} of ${name} must be on ${indexInWords(index)}, got ${got}`)
  }
  for (const index of unexpected) {
    if (renamed.has(index) || index.columns.length > 1) continue
    lines.push(`index ${index.name} of ${name} must not be there, got ${indexInWords(index)}`)
  }
  return lines
}

function same(one: Index, other: Index): boolean {
  return one.unique === other.unique && isDeepStrictEqual(one.columns, other.columns)
}

function indexInWords({ columns, unique }: Index): string {
  return `(${columns.join(', ')})${unique ? ' unique' : ''}`
}

function foreignKeyDrift({ name, foreignKeys }: TableState, other: TableState): string[] {
  const lines: string[] = []
  for (const key of foreignKeys) {
    const twin = other.foreignKeys.find((one) => one.column === key.column)
    if (!twin || !isDeepStrictEqual(twin.target, key.target) || twin.onDelete !== key.onDelete) {
      const got = twin ? targetInWords(twin) : 'none'
      lines.push(
        `the foreign key of ${name}.${key.column} must be ${targetInWords(key)}, got ${got}`,
      )
    } else if (twin.name !== key.name) {
      lines.push(
        `the foreign key of ${name}.${key.column} must be called ${key.name}, got ${twin.name}`,
      )
    }
  }
  for (const key of other.foreignKeys) {
    if (foreignKeys.some((one) => one.column === key.column)) continue
    lines.push(`${name}.${key.column} must have no foreign key, got ${targetInWords(key)}`)
  }
  return lines
}

function targetInWords({ target, onDelete }: TableState['foreignKeys'][number]): string {
  return `to ${target.table}.${target.column} on delete ${onDelete}`
}
