// An operation beside its table, before and after it.
import { tableOf } from './apply.js'
import type { Operation } from './operation.js'
import type { SchemaState, TableState } from './state.js'

/** An operation on a table that is there before and after it. */
export interface Change {
  readonly operation: Operation
  readonly before: TableState
  readonly after: TableState
}

/** The table before and after an operation that keeps it; undefined for others. */
export function changeOf(
  before: SchemaState,
  after: SchemaState,
  operation: Operation,
): Change | undefined {
  if (operation.type === 'renameTable') {
    const { from, to } = operation
    return { operation, before: tableOf(before, from), after: tableOf(after, to) }
  }
  if (!('table' in operation) || typeof operation.table !== 'string') return undefined
  const name = operation.table
  return { operation, before: tableOf(before, name), after: tableOf(after, name) }
}
