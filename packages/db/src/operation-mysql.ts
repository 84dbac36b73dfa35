// MySQL and MariaDB commit after each statement, so that an operation is one statement wherever it can be.
// Foreign keys need an index: where no other begins with their column one is made, and goes when another comes.
import { type ColumnState, computedDefault } from './column.js'
import { columnSql, foreignKeySql, indexSql, keyIndexes, list, quoted as quotedFor } from './ddl.js'
import type { Index } from './definition.js'
import type { ForeignKeyState, TableState } from './state.js'
import { randomUuidSql } from './storage.js'
import type { Change } from './table-change.js'

const dialect = 'mysql'
const quoted = (name: string): string => quotedFor(dialect, name)

export function mysqlStatements(change: Change): readonly string[] {
  const { operation, before, after } = change
  const { name } = before
  switch (operation.type) {
    case 'renameTable':
      return renamed(change, `rename to ${quoted(operation.to)}`)
    case 'renameColumn': {
      const { from, to } = operation
      return renamed(change, `rename column ${quoted(from)} to ${quoted(to)}`)
    }
    case 'addColumn':
      return addColumn(name, operation.column)
    case 'dropColumn':
      return [alter(name, [`drop column ${quoted(operation.column.name)}`])]
    case 'alterColumn':
      return [alter(name, [`modify column ${changedColumn(operation.to)}`])]
    case 'changePrimaryKey':
      return [
        alter(name, [
          ...(before.primaryKey.length > 0 ? ['drop primary key'] : []),
          ...(after.primaryKey.length > 0
            ? [`add primary key (${list(dialect, after.primaryKey)})`]
            : []),
          ...keyIndexChanges(before, after),
        ]),
      ]
    case 'addIndex':
      return [
        alter(name, [
          `add ${indexSql(dialect, operation.index)}`,
          ...keyIndexChanges(before, after),
        ]),
      ]
    case 'dropIndex':
      return [
        alter(name, [
          ...keyIndexChanges(before, after),
          `drop index ${quoted(operation.index.name)}`,
        ]),
      ]
    case 'addForeignKey':
      return [
        alter(name, [
          ...keyIndexChanges(before, after),
          `add ${foreignKeySql(dialect, operation.key)}`,
        ]),
      ]
    case 'dropForeignKey':
      return [
        alter(name, [
          `drop foreign key ${quoted(operation.key.name)}`,
          ...keyIndexChanges(before, after),
        ]),
      ]
    default:
      return []
  }
}

function alter(table: string, clauses: readonly string[]): string {
  return `alter table ${quoted(table)} ${clauses.join(', ')}`
}

/** A column that counts up keeps the primary key that it has. */
function changedColumn(column: ColumnState): string {
  return column.kind === 'increments'
    ? `${quoted(column.name)} int not null auto_increment`
    : columnSql(dialect, column)
}

function addColumn(table: string, column: ColumnState): readonly string[] {
  if (computedDefault(column) !== 'randomUuid') {
    return [alter(table, [`add column ${columnSql(dialect, column)}`])]
  }
  const name = quoted(column.name)
  return [
    alter(table, [`add column ${columnSql(dialect, { ...column, nullable: true })}`]),
    `update ${quoted(table)} set ${name} = ${randomUuidSql[dialect]}`,
    ...(column.nullable ? [] : [alter(table, [`modify column ${columnSql(dialect, column)}`])]),
  ]
}

/** The indexes of foreign keys alone that come and go. */
function keyIndexChanges(before: TableState, after: TableState): readonly string[] {
  const [old, wanted] = [keyIndexes(dialect, before), keyIndexes(dialect, after)]
  const lacks = (all: typeof old, name: string) => !all.some((index) => index.name === name)
  return [
    ...wanted
      .filter(({ name }) => lacks(old, name))
      .map((index) => `add ${indexSql(dialect, index)}`),
    ...old
      .filter(({ name }) => lacks(wanted, name))
      .map(({ name }) => `drop index ${quoted(name)}`),
  ]
}

/** There is no renaming of constraints: foreign keys are dropped first and come back with their new names. */
function renamed({ before, after }: Change, rename: string): readonly string[] {
  const wanted = indexesOf(after)
  const indexes = indexesOf(before).flatMap(({ name }, position) => {
    const to = wanted[position]?.name
    return to === undefined || to === name ? [] : [`rename index ${quoted(name)} to ${quoted(to)}`]
  })
  const dropped = before.foreignKeys
    .filter(isOther(after))
    .map(({ name }) => `drop foreign key ${quoted(name)}`)
  const added = after.foreignKeys
    .filter(isOther(before))
    .map((key) => `add ${foreignKeySql(dialect, key)}`)
  return [
    ...(dropped.length > 0 ? [alter(before.name, dropped)] : []),
    alter(before.name, [rename]),
    ...(indexes.length > 0 ? [alter(after.name, indexes)] : []),
    ...(added.length > 0 ? [alter(after.name, added)] : []),
  ]
}

/** Whether the table has a key of another name at this position. */
function isOther({ foreignKeys }: TableState) {
  return ({ name }: ForeignKeyState, position: number): boolean =>
    foreignKeys[position]?.name !== name
}

function indexesOf(table: TableState): readonly Index[] {
  return [...table.indexes, ...keyIndexes(dialect, table)]
}
