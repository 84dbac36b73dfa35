// The references of a definition's columns, as the foreign keys that they make.
import type { AnyColumn, ColumnDefinition, OnDelete } from './column.js'
import type { TableDefinition } from './definition.js'
import { foreignKeyName } from './names.js'

export interface ForeignKey {
  readonly name: string
  readonly column: ColumnDefinition
  readonly target: AnyColumn
  readonly onDelete: OnDelete
}

export function foreignKeys({ name: table, columns }: TableDefinition): readonly ForeignKey[] {
  return columns.flatMap((column) => {
    if (!column.references) return []
    const { target, onDelete } = column.references
    const name = foreignKeyName(table, column.name)
    return [{ name, column, target: target(), onDelete }]
  })
}
