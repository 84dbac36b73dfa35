// Limits for the rows of each value of a column, by a window function (SQL:2003 §6.10).
import type { Knex } from 'knex'
import type { Context, Parameter } from './clause.js'

/** An alias that no column has: they begin with a letter. */
const place = '_place'

interface Limits {
  /** The column: limit and offset hold for the rows of each of its values. */
  readonly each: string
  readonly order: readonly Knex.Raw[]
  readonly limit: Parameter | number | undefined
  readonly offset: Parameter | undefined
}

/** The rows of a builder that are within the limits. */
export function limitedForEach(
  builder: Knex.QueryBuilder,
  { each, order, limit, offset }: Limits,
  { knex, valueOf }: Context,
): Knex.QueryBuilder {
  const orderBy = order.length > 0 ? ` order by ${order.map(() => '?').join(', ')}` : ''
  builder.select(
    knex.raw(`row_number() over (partition by ??${orderBy}) as ??`, [each, ...order, place]),
  )
  const numbered: Knex.QueryBuilder = knex.select('*').from(builder.as('numbered'))
  const before = offset === undefined ? 0 : valueOf(offset)
  numbered.where(place, '>', before).orderBy(place)
  // Not `<= offset + limit`: PostgreSQL could not tell of which type two parameters are.
  return limit === undefined
    ? numbered
    : numbered.whereRaw('?? - ? <= ?', [
        place,
        before,
        typeof limit === 'number' ? limit : valueOf(limit),
      ])
}
