// PostgreSQL changes everything in place, in one transaction. Constraints, indexes and counters have names of
// their own, which follow those of their table and columns.
import { type ColumnState, computedDefault } from './column.js'
import {
  addForeignKey,
  columnSql,
  createIndex,
  list,
  primaryKeyName,
  quoted as quotedFor,
} from './ddl.js'
import { sameType, type TableState } from './state.js'
import { counterName, randomUuidSql, sqlDefault, sqlType } from './storage.js'
import type { Change } from './table-change.js'

const dialect = 'postgres'
const quoted = (name: string): string => quotedFor(dialect, name)

export function postgresStatements(change: Change): readonly string[] {
  const { operation, before, after } = change
  const table = `alter table ${quoted(after.name)}`
  switch (operation.type) {
    case 'renameTable':
      return [
        `alter table ${quoted(operation.from)} rename to ${quoted(operation.to)}`,
        ...renamedParts(before, after),
      ]
    case 'renameColumn':
      return [
        `${table} rename column ${quoted(operation.from)} to ${quoted(operation.to)}`,
        ...renamedParts(before, after),
      ]
    case 'addColumn':
      return addColumn(table, after, operation.column)
    case 'dropColumn':
      return [`${table} drop column ${quoted(operation.column.name)}`]
    case 'alterColumn':
      return alterColumn(table, operation.from, operation.to)
    case 'addIndex':
      return [createIndex(dialect, after.name, operation.index)]
    case 'dropIndex':
      return [`drop index ${quoted(operation.index.name)}`]
    case 'addForeignKey':
      return [addForeignKey(dialect, after.name, operation.key)]
    case 'dropForeignKey':
      return [`${table} drop constraint ${quoted(operation.key.name)}`]
    case 'changePrimaryKey':
      return [
        ...(before.primaryKey.length > 0
          ? [`${table} drop constraint ${quoted(primaryKeyName(before))}`]
          : []),
        ...(after.primaryKey.length > 0 ? [addPrimaryKey(table, after)] : []),
      ]
    default:
      return []
  }
}

function addPrimaryKey(table: string, after: TableState): string {
  const name = quoted(primaryKeyName(after))
  return `${table} add constraint ${name} primary key (${list(dialect, after.primaryKey)})`
}

function addColumn(table: string, after: TableState, column: ColumnState): readonly string[] {
  const added = `${table} add column ${columnSql(dialect, column)}`
  if (column.kind === 'increments') return [added, addPrimaryKey(table, after)]
  if (computedDefault(column) !== 'randomUuid') return [added]
  return [
    `${added} default ${randomUuidSql[dialect]}`,
    `${table} alter column ${quoted(column.name)} drop default`,
  ]
}

function alterColumn(table: string, from: ColumnState, to: ColumnState): readonly string[] {
  const column = `alter column ${quoted(to.name)}`
  if (from.kind === 'increments' && to.kind !== 'increments') {
    const rest = alterColumn(table, { ...from, kind: 'integer' }, to)
    return [`${table} ${column} drop identity`, ...rest]
  }
  if (to.kind === 'increments' && from.kind !== 'increments') {
    const { default: _none, ...plain } = to
    const counter = counterName(to.table, to.name)
    const name = quoted(to.name)
    return [
      ...alterColumn(table, from, { ...plain, kind: 'integer' }),
      `${table} ${column} add ${sqlType(dialect, to).replace(/^integer /, '')}`,
      `select setval('${quoted(counter)}', greatest(coalesce(max(${name}), 0), 0) + 1, false) from ${quoted(to.table)}`,
    ]
  }
  const [oldDefault, newDefault] = [sqlDefault(dialect, from), sqlDefault(dialect, to)]
  const retyped = !sameType(from, to)
  const clauses: string[] = []
  // A default has a type too.
  if (oldDefault !== undefined && (retyped || newDefault === undefined)) {
    clauses.push(`${column} drop default`)
  }
  if (retyped) clauses.push(`${column} type ${sqlType(dialect, to)}`)
  if (newDefault !== undefined && (retyped || newDefault !== oldDefault)) {
    clauses.push(`${column} set default ${newDefault}`)
  }
  if (from.nullable !== to.nullable) {
    clauses.push(`${column} ${to.nullable ? 'drop' : 'set'} not null`)
  }
  return clauses.length === 0 ? [] : [`${table} ${clauses.join(', ')}`]
}

/** What has a name made of its table's and its columns' takes its new one. */
function renamedParts(before: TableState, after: TableState): readonly string[] {
  const table = `alter table ${quoted(after.name)}`
  const constraints = renames(constraintNames(before), constraintNames(after))
  const indexes = renames(names(before.indexes), names(after.indexes))
  const counters = renames(counterNames(before), counterNames(after))
  return [
    ...constraints.map(([from, to]) => `${table} rename constraint ${from} to ${to}`),
    ...indexes.map(([from, to]) => `alter index ${from} rename to ${to}`),
    ...counters.map(([from, to]) => `alter sequence ${from} rename to ${to}`),
  ]
}

/** The quoted names, old and new, of what is called otherwise now. */
function renames(
  from: readonly string[],
  to: readonly string[],
): readonly (readonly [from: string, to: string])[] {
  return to.flatMap((name, position) => {
    const old = from[position]
    return old === undefined || old === name ? [] : [[quoted(old), quoted(name)] as const]
  })
}

function constraintNames(table: TableState): readonly string[] {
  const key = table.primaryKey.length > 0 ? [primaryKeyName(table)] : []
  return [...key, ...names(table.foreignKeys)]
}

function counterNames({ name, columns }: TableState): readonly string[] {
  const counted = columns.filter(({ kind }) => kind === 'increments')
  return counted.map((column) => counterName(name, column.name))
}

function names(all: readonly { readonly name: string }[]): readonly string[] {
  return all.map(({ name }) => name)
}
