// An operation beside its table, before and after it.
import { tableOf } from './apply.js'
import type { Operation } from './operation.js'
import type { SchemaState, TableState } from './state.js'

/** An operation on a table that is there before and after it. */
export type TableOperation = Exclude<
  Operation,
  { readonly type: 'createTable' | 'dropTable' | 'runs' }
>

export interface Change {
  readonly operation: TableOperation
  readonly before: TableState
  readonly after: TableState
}

export function changeOf(
  before: SchemaState,
  after: SchemaState,
  operation: TableOperation,
): Change {
  const [old, now] =
    operation.type === 'renameTable'
      ? [operation.from, operation.to]
      : [operation.table, operation.table]
  return { operation, before: tableOf(before, old), after: tableOf(after, now) }
}
