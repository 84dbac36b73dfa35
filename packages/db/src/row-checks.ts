// What rows may keep a migration's operation from doing, found by counting them before anything changes: a
// database would say it in words of its own, or cut values short.
import type { Knex } from 'knex'
import type { ColumnState } from './column.js'
import { list, quoted } from './ddl.js'
import { rowsOf } from './errors.js'
import { describe, type Operation } from './operation.js'
import { rawRows } from './raw-rows.js'
import type { ForeignKeyState } from './state.js'
import type { Dialect } from './storage.js'

/** A query for a count `n` of rows that are in the way, and what to say of them. */
export interface RowCheck {
  readonly sql: string
  /** @param rows `1 row`, `12 rows` */
  readonly problem: (rows: string) => string
}

/** How many rows are in the way, in words; undefined if none is. */
export async function rowsInTheWay(
  dialect: Dialect,
  knex: Knex,
  { sql }: RowCheck,
): Promise<string | undefined> {
  const [answer] = await rawRows<{ readonly n: unknown }>(dialect, knex, sql)
  const rows = Number(answer?.n)
  return rows > 0 ? rowsOf(rows) : undefined
}

/** The checks of an operation on a state that it fits. */
export function rowChecks(dialect: Dialect, operation: Operation): readonly RowCheck[] {
  const checks = checksOf(dialect, operation)
  return checks.map(({ sql, problem }) => ({
    sql,
    problem: (rows) => `${describe(operation)}: ${problem(rows)}`,
  }))
}

function checksOf(dialect: Dialect, operation: Operation): readonly RowCheck[] {
  switch (operation.type) {
    case 'addColumn':
      return addedColumn(dialect, operation.table, operation.column)
    case 'alterColumn':
      return alteredColumn(dialect, operation.from, operation.to)
    case 'changePrimaryKey':
      return operation.to.length === 0 ? [] : [unique(dialect, operation.table, operation.to)]
    case 'addIndex':
      return operation.index.unique
        ? [unique(dialect, operation.table, operation.index.columns)]
        : []
    case 'addForeignKey':
      return [reference(dialect, operation.table, operation.key)]
    default:
      return []
  }
}

function count(dialect: Dialect, table: string, where?: string): string {
  const condition = where === undefined ? '' : ` where ${where}`
  return `select count(*) as n from ${quoted(dialect, table)}${condition}`
}

function addedColumn(dialect: Dialect, table: string, column: ColumnState): readonly RowCheck[] {
  if (column.nullable || column.default !== undefined || column.kind === 'increments') return []
  const name = `${table}.${column.name}`
  return [
    {
      sql: count(dialect, table),
      problem: (rows) =>
        `${name} must have a default or be nullable where there are rows, got ${rows}: give it a default, or make it nullable, fill it by runs(), and take nullable() away after that`,
    },
  ]
}

function alteredColumn(dialect: Dialect, from: ColumnState, to: ColumnState): readonly RowCheck[] {
  const name = `${to.table}.${to.name}`
  const value = quoted(dialect, to.name)
  const checks: RowCheck[] = []
  const add = (where: string, rule: string, what: string) =>
    checks.push({
      sql: count(dialect, to.table, where),
      problem: (rows) => `${name} must ${rule}, got ${rows} ${what}`,
    })
  if (from.nullable && !to.nullable) {
    add(`${value} is null`, 'not be null', 'with null: fill them by runs() before')
  }
  const { length } = to
  if (length !== undefined && (from.length ?? Infinity) > length) {
    const characters = `${dialect === 'sqlite' ? 'length' : 'char_length'}(${value})`
    add(`${characters} > ${length}`, `have at most ${length} characters`, 'with more')
  }
  if (from.kind === 'bigInteger' && to.kind === 'integer') {
    const range = '-2147483648 and 2147483647'
    add(`${value} not between ${range}`, `be between ${range}`, 'outside it')
  }
  if (to.kind === 'decimal') {
    const units = tooLarge(dialect, value, from, to)
    if (units) add(units, `fit in decimal(${to.precision}, ${to.scale})`, 'with more digits')
  }
  return checks
}

/** Which decimals would lose digits, before their point or after it. */
function tooLarge(
  dialect: Dialect,
  value: string,
  from: ColumnState,
  to: ColumnState,
): string | undefined {
  const [scale = 0, newScale = 0] = [from.scale, to.scale]
  const whole = (to.precision ?? 0) - newScale
  const conditions: string[] = []
  // SQLite stores a whole number of the smallest unit.
  const shift = dialect === 'sqlite' ? scale : 0
  if (whole < (from.precision ?? 0) - scale) {
    conditions.push(`abs(${value}) >= 1${'0'.repeat(whole + shift)}`)
  }
  if (newScale < scale) {
    conditions.push(
      dialect === 'sqlite'
        ? `${value} % 1${'0'.repeat(scale - newScale)} <> 0`
        : `${value} <> round(${value}, ${newScale})`,
    )
  }
  return conditions.length === 0 ? undefined : conditions.join(' or ')
}

function unique(dialect: Dialect, table: string, columns: readonly string[]): RowCheck {
  const names = list(dialect, columns)
  const present = columns.map((name) => `${quoted(dialect, name)} is not null`).join(' and ')
  const groups = `select count(*) as m from ${quoted(dialect, table)} where ${present} group by ${names} having count(*) > 1`
  return {
    sql: `select coalesce(sum(m), 0) as n from (${groups}) as duplicates`,
    problem: (rows) =>
      `(${columns.join(', ')}) of ${table} must be unique, got ${rows} with values that others have`,
  }
}

function reference(dialect: Dialect, table: string, key: ForeignKeyState): RowCheck {
  const { target } = key
  const from = `child.${quoted(dialect, key.column)}`
  const to = `parent.${quoted(dialect, target.column)}`
  return {
    sql: `select count(*) as n from ${quoted(dialect, table)} as child left join ${quoted(dialect, target.table)} as parent on ${to} = ${from} where ${from} is not null and ${to} is null`,
    problem: (rows) =>
      `${table}.${key.column} must refer to rows of ${target.table} that exist, got ${rows} without one: delete them, or point them elsewhere, by runs() before`,
  }
}
