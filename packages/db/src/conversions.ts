// Which kinds of columns may become which others, rows included. Each way has its way back, so that what
// migrates can be rolled back; a value that the new column could not hold is found before anything changes.
import type { ColumnState, Kind } from './column.js'

const conversions: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  string: ['text'],
  text: ['string'],
  integer: ['bigInteger', 'increments'],
  bigInteger: ['integer'],
  increments: ['integer'],
}

/** @throws TypeError for a kind that can't become the other */
export function checkConversion(from: ColumnState, to: ColumnState): void {
  if (from.kind === to.kind) return
  const possible = conversions[from.kind] ?? []
  if (possible.includes(to.kind)) return
  const rule = ['stay', ...possible.map(() => 'become')]
    .map((verb, index) => `${verb} a ${possible[index - 1] ?? from.kind}()`)
    .join(' or ')
  throw new TypeError(
    `${from.table}.${from.name} must ${rule}, got ${to.kind}(): give the new column another name, and fill it from the old one`,
  )
}
