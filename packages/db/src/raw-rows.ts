// The rows of a raw query: Knex gives its answer in each driver's own shape.
import type { Knex } from 'knex'
import type { Dialect } from './storage.js'

export async function rawRows<Row>(
  dialect: Dialect,
  knex: Knex,
  sql: string,
): Promise<readonly Row[]> {
  const answer = await knex.raw<
    readonly Row[] & readonly [readonly Row[]] & { rows: readonly Row[] }
  >(sql)
  return { sqlite: answer, postgres: answer.rows, mysql: answer[0] }[dialect]
}
