// Rows that belong to other rows, over references in either direction. A query for children is as any other, so
// they are ordered, limited and have relations themselves.
import { type ColumnDefinition, findColumn } from './column.js'
import type { TableDefinition } from './definition.js'
import { DatabaseError } from './errors.js'
import type { AnyRow, Link } from './links.js'
import { identityOf, rowsBy } from './related-rows.js'
import { SelectQuery } from './select.js'
import type { Session } from './session.js'

interface Relation {
  /** @throws TypeError if there is no such reference */
  link(session: Session, table: TableDefinition): Link
}

/** The rows that refer to a row: what `many` gives. */
export interface Many<R> extends Relation {
  readonly kind: 'many'
  /** Exists for types only. */
  readonly rows?: R[]
}

/** The row that a row refers to by its column `Name`: what `one` gives. */
export interface One<Name extends string, R> extends Relation {
  readonly kind: 'one'
  readonly column: Name
  /** Exists for types only. */
  readonly row?: R
}

/** A choice of relations, by the names that they get in the row. */
export type Relations<Name extends string> = Readonly<
  Record<string, Many<unknown> | One<Name, unknown>>
>

/** What a choice adds to a row, of whose table `C` are the values. */
export type Related<C, Choice> = {
  -readonly [N in keyof Choice]: Choice[N] extends One<infer Name, infer R>
    ? R | (null extends C[Name & keyof C] ? null : never)
    : Choice[N] extends Many<infer R>
      ? R[]
      : never
}

/**
 * For `with`: the rows of a query that refer to each row.
 *
 * @param query its conditions and its order hold for all, its limit and its offset for the rows of each
 * @param column the column of that query's table that refers to this one
 * @example entry.select().with({ comments: many(comment.select().orderBy('posted'), 'entry') })
 */
export function many<C, R>(query: SelectQuery<C, R>, column: keyof C & string): Many<R> {
  const { session: theirs, plan } = SelectQuery.parts(query)
  return {
    kind: 'many',
    link(session, table) {
      checkSession(session, theirs)
      const refers = findColumn(plan.table, column)
      const target = targetIn(refers, table)
      const isLimited = plan.limit !== undefined || plan.offset !== undefined
      const each = isLimited ? { each: refers.name } : {}
      return {
        key: target.name,
        async load(rows) {
          const identity = identityOf(session.dialect)
          const groups = new Map<string, AnyRow[]>()
          for (const { key, row } of await rowsBy(
            session,
            { ...plan, ...each },
            refers,
            rows,
            target,
          )) {
            const group = groups.get(identity(key))
            if (group) group.push(row)
            else groups.set(identity(key), [row])
          }
          return (row) => [...(groups.get(identity(row[target.name])) ?? [])]
        },
      }
    },
  }
}

/**
 * For `with`: the row of a query that each row refers to; null where it refers to none, which only a nullable
 * column can.
 *
 * @param query says which columns and which further relations; it has no conditions, limit or offset
 * @param column the column of the table with the reference, not of the query's
 * @example comment.select().with({ entry: one(entry.select('id', 'title'), 'entry') })
 */
export function one<C, R, const Name extends string>(
  query: SelectQuery<C, R>,
  column: Name,
): One<Name, R> {
  const { session: theirs, plan } = SelectQuery.parts(query)
  if (plan.conditions.length > 0 || plan.limit !== undefined || plan.offset !== undefined) {
    throw new TypeError(
      `the query of one() must come without conditions, limit and offset: each row has its own ${plan.table.name}`,
    )
  }
  return {
    kind: 'one',
    column,
    link(session, table) {
      checkSession(session, theirs)
      const refers = findColumn(table, column)
      const target = targetIn(refers, plan.table)
      return {
        key: refers.name,
        async load(rows) {
          const identity = identityOf(session.dialect)
          const found = await rowsBy(session, plan, target, rows, refers)
          const others = new Map(found.map(({ key, row }) => [identity(key), row]))
          return (row) => {
            const other = others.get(identity(row[refers.name]))
            if (other || refers.nullable) return other ?? null
            throw new DatabaseError(
              `${table.name}.${refers.name} must refer to a row of ${target.table}, got one that does not exist`,
            )
          }
        },
      }
    },
  }
}

function checkSession(session: Session, theirs: Session): void {
  if (session === theirs) return
  throw new TypeError('the query of a relation must be of the same database, got one of another')
}

/** The column that another refers to. */
function targetIn(column: ColumnDefinition, table: TableDefinition): ColumnDefinition {
  const target = column.references?.target()
  if (target?.table === table.name) return target
  throw new TypeError(
    `${column.table}.${column.name} must refer to ${table.name} to be loaded with it, got ${target ? `a reference to ${target.table}` : 'no reference'}`,
  )
}
