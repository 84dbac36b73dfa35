// A migration as the source of its file.
import {
  array,
  type Brackets,
  call,
  chain,
  type Code,
  literal,
  object,
  print,
  quoted,
} from './code.js'
import { type ColumnState, computedDefault } from './column.js'
import type { Index } from './definition.js'
import { foreignKeyName, indexName } from './names.js'
import type { MigrationFile, Operation } from './operation.js'
import type { ForeignKeyState, TableState } from './state.js'

/** The languages that a migration may be written in. */
export type MigrationLanguage = 'ts' | 'js'

/**
 * The source of a migration's file, as Prettier leaves it (without semicolons, single quotes, 100 columns). It
 * imports from `@robaccia/db/migrations` only.
 *
 * @throws TypeError for a data step, whose source is not known
 */
export function printMigration(
  { parent, operations }: MigrationFile,
  language: MigrationLanguage = 'ts',
): string {
  const printer = new Printer()
  const steps = operations.map((operation) => printer.operation(operation))
  const body = print(
    object(
      {
        parent: parent === undefined ? 'undefined' : quoted(parent),
        operations: array(steps),
      },
      { open: true },
    ),
  )
  const names = [...printer.used].toSorted()
  if (language === 'js') {
    return `${importOf(names)}/** @type {import('@robaccia/db/migrations').MigrationFile} */
export const migration = ${body}
`
  }
  const imports =
    names.length > 0
      ? importOf([...names, 'type MigrationFile'])
      : "import type { MigrationFile } from '@robaccia/db/migrations'\n\n"
  return `${imports}export const migration: MigrationFile = ${body}
`
}

function importOf(names: readonly string[]): string {
  if (names.length === 0) return ''
  const line = `import { ${names.join(', ')} } from '@robaccia/db/migrations'\n\n`
  if (line.length <= 102) return line
  return `import {\n${names.map((name) => `  ${name},\n`).join('')}} from '@robaccia/db/migrations'\n\n`
}

class Printer {
  /** The names that it has used and the file must import. */
  readonly used = new Set<string>()

  operation(operation: Operation): Code {
    switch (operation.type) {
      case 'createTable':
      case 'dropTable':
        return this.#call(
          operation.type,
          quoted(operation.table.name),
          this.#table(operation.table),
        )
      case 'renameTable':
        return this.#call(operation.type, quoted(operation.from), quoted(operation.to))
      case 'addColumn':
      case 'dropColumn':
        return this.#call(
          operation.type,
          quoted(operation.table),
          quoted(operation.column.name),
          this.#column(operation.column, []),
        )
      case 'alterColumn':
        return this.#call(
          operation.type,
          quoted(operation.table),
          quoted(operation.to.name),
          object({ from: this.#column(operation.from, []), to: this.#column(operation.to, []) }),
        )
      case 'renameColumn':
        return this.#call(
          operation.type,
          quoted(operation.table),
          quoted(operation.from),
          quoted(operation.to),
        )
      case 'changePrimaryKey':
        return this.#call(
          operation.type,
          quoted(operation.table),
          object({ from: literal(operation.from), to: literal(operation.to) }),
        )
      case 'addIndex':
      case 'dropIndex':
        return this.#call(
          operation.type,
          quoted(operation.table),
          indexParts(operation.table, operation.index),
        )
      case 'addForeignKey':
      case 'dropForeignKey':
        return this.#call(
          operation.type,
          quoted(operation.table),
          foreignKeyParts(operation.table, operation.key),
        )
      default:
        throw new TypeError('a migration to print must have no data step, got runs()')
    }
  }

  #call(name: string, ...items: readonly Code[]): Brackets {
    this.used.add(name)
    return call(name, ...items)
  }

  #table(table: TableState): Code {
    const { name, columns, primaryKey, indexes, foreignKeys } = table
    const order = columns.map((column) => column.name).filter((each) => primaryKey.includes(each))
    const inOrder = order.join() === primaryKey.join()
    const byColumn = (column: ColumnState) =>
      indexes.filter((index) => isOf(name, column, index)).toSorted(uniqueFirst)[0]
    const said = new Set(columns.map(byColumn))
    const definitions = columns.map((column) => {
      const index = byColumn(column)
      const isKey = inOrder && primaryKey.includes(column.name) && column.kind !== 'increments'
      const modifiers = [
        ...(isKey ? ['primary'] : []),
        ...(index ? [index.unique ? 'unique' : 'index'] : []),
      ]
      return [column.name, this.#column(column, modifiers)] as const
    })
    const others = indexes.filter((index) => !said.has(index))
    return object(
      {
        columns: object(Object.fromEntries(definitions), { open: true }),
        ...(inOrder ? {} : { primaryKey: literal(primaryKey) }),
        ...(others.length === 0
          ? {}
          : { indexes: array(others.map((index) => indexParts(name, index))) }),
        ...(foreignKeys.length === 0
          ? {}
          : { foreignKeys: array(foreignKeys.map((key) => foreignKeyParts(name, key))) }),
      },
      { open: true },
    )
  }

  #column(column: ColumnState, modifiers: readonly string[]): Code {
    const { kind, length, precision, scale, nullable } = column
    const sizes = [length, precision, scale].filter((size) => size !== undefined)
    const calls: Brackets[] = nullable ? [call('nullable')] : []
    if (column.default !== undefined) {
      const computed = computedDefault(column)
      const value = computed === undefined ? literal(column.default) : this.#call(computed)
      calls.push(call('default', value))
    }
    calls.push(...modifiers.map((name) => call(name)))
    return chain(this.#call(kind, ...sizes.map(String)), calls)
  }
}

/** Whether a column's own `index()` or `unique()` says this index. */
function isOf(table: string, { name }: ColumnState, { columns, unique, ...index }: Index): boolean {
  return columns.join() === name && index.name === indexName(table, columns, unique)
}

function uniqueFirst(one: Index, other: Index): number {
  return Number(other.unique) - Number(one.unique)
}

function indexParts(table: string, { name, columns, unique }: Index): Code {
  return object({
    columns: literal(columns),
    ...(unique ? { unique: 'true' } : {}),
    ...(name === indexName(table, columns, unique) ? {} : { name: quoted(name) }),
  })
}

function foreignKeyParts(table: string, key: ForeignKeyState): Code {
  const { name, column, target, onDelete } = key
  return object({
    column: quoted(column),
    target: quoted(`${target.table}.${target.column}`),
    ...(onDelete === 'restrict' ? {} : { onDelete: quoted(onDelete) }),
    ...(name === foreignKeyName(table, column) ? {} : { name: quoted(name) }),
  })
}
