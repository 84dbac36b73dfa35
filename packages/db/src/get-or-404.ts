// The one row that a request is about, or the answer that there is none.
import createError from 'http-errors'
import type { Columns, RowOf } from './definition.js'
import type { TableQueries } from './table.js'

/**
 * The row that a condition names.
 *
 * @param where a key and its value: it must name at most one row
 * @throws http-errors' 404 if there is none
 * @throws TypeError if there are several, or the condition names no column
 * @example const row = await getOr404(entry, { id: environ['router.params'].id })
 */
export async function getOr404<Name extends string, C extends Columns>(
  table: TableQueries<Name, C>,
  where: Partial<RowOf<C>>,
): Promise<RowOf<C>> {
  const [row, another] = await table.select().where(where).limit(2)
  if (another !== undefined || Object.keys(where).length === 0) {
    throw new TypeError(
      `the condition of getOr404(${table.table.name}) must name one row, got one for several`,
    )
  }
  if (row === undefined) throw createError(404)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names of columns are strings
  return row as RowOf<C>
}
