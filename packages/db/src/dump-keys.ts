// Foreign keys while rows are loaded. Rows come in the order of their tables' references, so that most keys
// are checked row by row; where tables refer to each other or to themselves, all checks wait for the end.
import { type ForeignKey, foreignKeys } from './references.js'
import type { TableDefinition } from './definition.js'
import { LoadError } from './dump-format.js'
import type { Session } from './session.js'

/** Runs `work`, which fills the tables one after the other, so that each key is checked when it can be. */
export async function withKeysChecked<Result>(
  session: Session,
  tables: readonly TableDefinition[],
  work: () => Promise<Result>,
): Promise<Result> {
  const keys = tables.flatMap(foreignKeys)
  const position = (name: string): number => tables.findIndex((table) => table.name === name)
  // A table that is not filled is complete from the start.
  const early = keys.every(({ column, target }) => position(target.table) < position(column.table))
  if (early) return work()
  return deferred(session, keys, async () => {
    const result = await work()
    // oxlint-disable-next-line no-await-in-loop -- one connection
    for (const key of keys) await check(session, key)
    return result
  })
}

async function deferred<Result>(
  session: Session,
  keys: readonly ForeignKey[],
  work: () => Promise<Result>,
): Promise<Result> {
  const run = (sql: string, names: readonly string[] = []): Promise<unknown> =>
    session.run((knex) => knex.raw(sql, [...names]))
  if (session.dialect === 'sqlite') {
    await run('pragma defer_foreign_keys = on') // until the end of the transaction
    return work()
  }
  if (session.dialect === 'mysql') {
    await run('set foreign_key_checks = 0')
    try {
      return await work()
    } finally {
      await run('set foreign_key_checks = 1')
    }
  }
  const alter = async (how: string): Promise<void> => {
    for (const { column, name } of keys) {
      // oxlint-disable-next-line no-await-in-loop -- one connection
      await run(`alter table ?? alter constraint ?? ${how}`, [column.table, name])
    }
  }
  await alter('deferrable initially deferred')
  const result = await work()
  await run('set constraints all immediate')
  await alter('not deferrable')
  return result
}

async function check(session: Session, { column, target }: ForeignKey): Promise<void> {
  const from = `${column.table}.${column.name}`
  const [row] = await session.run<readonly { readonly rows: unknown }[]>((knex) =>
    knex(column.table)
      .leftJoin({ target: target.table }, from, `target.${target.name}`)
      .whereNotNull(from)
      .whereNull(`target.${target.name}`)
      .count({ rows: '*' }),
  )
  if (Number(row?.rows) === 0) return
  throw new LoadError(
    `${from} must refer to rows of ${target.table} that the dump or the database has, got ${String(row?.rows)} that do not`,
  )
}
