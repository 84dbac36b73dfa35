// The rows that belong to others, for all of them by one query.
import type { Knex } from 'knex'
import type { ColumnDefinition } from './column.js'
import type { AnyRow } from './links.js'
import { binding, clause, type Clause, type Context, Parameter } from './clause.js'
import { group } from './conditions.js'
import type { Plan } from './plan.js'
import { SelectQuery } from './select.js'
import type { Session } from './session.js'
import { type Dialect, stored } from './storage.js'
import { plain } from './value.js'

interface Among {
  readonly dialect: Dialect
  readonly column: ColumnDefinition
  readonly values: readonly Parameter[]
}

/** How many rows one further query is for. With the 30,000 values of a condition that is what SQLite takes. */
const mostKeys = 2000

/** The rows of a plan whose `column` has what `from` is in the given rows. */
export async function rowsBy(
  session: Session,
  plan: Plan,
  column: ColumnDefinition,
  given: readonly AnyRow[],
  from: ColumnDefinition,
): Promise<{ readonly key: unknown; readonly row: AnyRow }[]> {
  const identity = identityOf(session.dialect)
  const distinct = new Map(given.map((row) => [identity(row[from.name]), row[from.name]]))
  const values = [...distinct.values()].filter((value) => value !== null)
  const isExtra = !plan.names.includes(column.name)
  const names = isExtra ? [...plan.names, column.name] : plan.names
  const all: { key: unknown; row: AnyRow }[] = []
  for (let start = 0; start < values.length; start += mostKeys) {
    const some = values.slice(start, start + mostKeys)
    const conditions = [
      () => group('where', plan.conditions),
      () => isAmong(session.dialect, column, some),
    ]
    // oxlint-disable-next-line no-await-in-loop -- one connection
    const found = await new SelectQuery<unknown, AnyRow>(session, { ...plan, names, conditions })
    for (const row of found) {
      all.push({ key: row[column.name], row })
      if (isExtra) Reflect.deleteProperty(row, column.name)
    }
  }
  return all
}

function isAmong(dialect: Dialect, column: ColumnDefinition, values: readonly unknown[]): Clause {
  const parameters = values.flatMap((value) => {
    const form = plain(column, value)
    return form === null ? [] : new Parameter(stored(dialect, column, form))
  })
  return clause(sayAmong, { dialect, column, values: parameters })
}

function sayAmong(
  builder: Knex.QueryBuilder,
  { dialect, column, values }: Among,
  context: Context,
): void {
  builder.whereIn(
    `${column.table}.${column.name}`,
    values.map((value) => binding(dialect, column, value, context)),
  )
}

/** What is the same for values that the database takes for equal. */
export function identityOf(dialect: Dialect): (value: unknown) => string {
  return (value) => {
    if (value instanceof Date) return value.toISOString()
    // MySQL compares strings without the spaces that they end with.
    return dialect === 'mysql' ? String(value).replace(/ +$/, '') : String(value)
  }
}
