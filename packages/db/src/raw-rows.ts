// Rows of a query in SQL: Knex gives a raw query's answer in each driver's own shape.
import type { Knex } from 'knex'
import type { Dialect } from './storage.js'

export async function rawRows<Row>(
  dialect: Dialect,
  knex: Knex,
  sql: string,
  bindings: readonly string[] = [],
): Promise<readonly Row[]> {
  const answer = await knex.raw<
    readonly Row[] & readonly [readonly Row[]] & { rows: readonly Row[] }
  >(sql, [...bindings])
  return { sqlite: answer, postgres: answer.rows, mysql: answer[0] }[dialect]
}
