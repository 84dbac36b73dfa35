// Statements of SQLite that are kept prepared: to prepare one costs more than to run it. PostgreSQL and MySQL
// would keep them on the server, which a proxy between (PgBouncer) can't follow, so theirs are not kept.
import { LRUCache } from 'lru-cache'

/** The most statements of a connection, and the most characters of all their SQL. */
const most = { statements: 200, characters: 1_000_000 }
/** A longer one is prepared for its one run: it is a list of values that will not come again. */
const longest = 100_000

// What is prepared anew each time: a pragma, which may take effect when it is prepared
// (sqlite.org/pragma.html), and a change of the schema, which never comes again.
const kinds = /^\s*(?:select|insert|update|delete|with|begin|commit)\b/i

/** Whether a statement of this SQL may be kept. */
export function mayKeep(sql: string): boolean {
  return sql.length <= longest && kinds.test(sql)
}

/**
 * The prepared statements of a connection by their SQL, the latest used ones.
 *
 * @param finalize lets a statement go that is kept no longer; it may still be running
 */
export function statementCache<Statement extends object>(
  finalize?: (statement: Statement) => void,
): LRUCache<string, Statement> {
  return new LRUCache<string, Statement>({
    max: most.statements,
    maxSize: most.characters,
    sizeCalculation: (_statement, sql) => sql.length,
    ...(finalize && { dispose: finalize }),
  })
}
