// Which kinds of columns may become which others, rows included. Each way has its way back, so that what
// migrates can be rolled back; a value that the new column could not hold is found before anything changes.
import type { ColumnState, Kind } from './column.js'

const conversions: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  string: ['text', 'integer', 'bigInteger', 'uuid'],
  text: ['string', 'integer', 'bigInteger', 'uuid'],
  integer: ['string', 'text', 'bigInteger', 'decimal', 'float', 'boolean', 'increments'],
  bigInteger: ['string', 'text', 'integer', 'decimal'],
  decimal: ['integer', 'bigInteger'],
  float: ['integer'],
  boolean: ['integer'],
  uuid: ['string', 'text'],
  increments: ['integer'],
}

/** @throws TypeError for a kind that can't become the other */
export function checkConversion(from: ColumnState, to: ColumnState): void {
  if (from.kind === to.kind) return
  const possible = conversions[from.kind] ?? []
  if (possible.includes(to.kind)) return
  const rule =
    possible.length === 0
      ? `must stay a ${from.kind}()`
      : `must stay a ${from.kind}() or become one of ${possible.map((kind) => `${kind}()`).join(', ')}`
  throw new TypeError(
    `${from.table}.${from.name} ${rule}, got ${to.kind}(): give the new column another name, and fill it from the old one`,
  )
}
