// Limits for the rows of each value of a column, by a window function (SQL:2003 §6.10).
import type { Knex } from 'knex'

/** An alias that no column has: they begin with a letter. */
const place = '_place'

/** The rows of a builder that are within limit and offset among those of the same `column`. */
export function limitedForEach(
  knex: Knex,
  builder: Knex.QueryBuilder,
  column: string,
  order: readonly Knex.Raw[],
  { limit, offset = 0 }: { readonly limit?: number; readonly offset?: number },
): Knex.QueryBuilder {
  const orderBy = order.length > 0 ? ` order by ${order.map(() => '?').join(', ')}` : ''
  builder.select(
    knex.raw(`row_number() over (partition by ??${orderBy}) as ??`, [column, ...order, place]),
  )
  const numbered: Knex.QueryBuilder = knex.select('*').from(builder.as('numbered'))
  numbered.where(place, '>', offset).orderBy(place)
  return limit === undefined ? numbered : numbered.where(place, '<=', offset + limit)
}
