// The driver better-sqlite3 under Knex. It is synchronous: so it must not wait for another process's lock, since
// nothing else would run meanwhile, nor answer so many queries in a row that nothing else gets its turn.
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { mayKeep, statementCache } from './statement-cache.js'

interface Statement {
  readonly reader: boolean
  all(bindings: readonly unknown[]): unknown
  run(bindings: readonly unknown[]): unknown
}

/** What is used of a connection. */
export interface BetterSqlite3Connection {
  prepare(sql: string): Statement
  pragma(text: string): unknown
  close(): void
}

/** The longest that queries run before other work has a turn, in milliseconds. */
const longestTurn = 10
/** Pauses between attempts at a locked database, in milliseconds; the last is repeated. */
const pauses = [1, 2, 5, 10, 20, 50]

/**
 * Prepares a new connection: sets its pragmas, and lets it keep its statements.
 *
 * @param busyTimeout how long it waits for a lock, in milliseconds
 */
export async function openBetterSqlite3(
  connection: BetterSqlite3Connection,
  pragmas: readonly string[],
  busyTimeout: number,
): Promise<void> {
  let since: number | undefined
  async function patiently<Result>(work: () => Result): Promise<Result> {
    if (since === undefined) {
      since = performance.now()
      setImmediate(() => (since = undefined)).unref()
    } else if (performance.now() - since > longestTurn) await turn()
    const end = performance.now() + busyTimeout
    for (let attempt = 0; ; attempt++) {
      try {
        return work()
      } catch (error) {
        if (!isLocked(error) || performance.now() >= end) throw error
        // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
        await sleep(pauses[attempt] ?? pauses.at(-1))
      }
    }
  }

  try {
    // No own waiting: the driver would block.
    for (const pragma of ['busy_timeout = 0', ...pragmas]) {
      // oxlint-disable-next-line no-await-in-loop -- their order matters
      await patiently(() => connection.pragma(pragma))
    }
  } catch (error) {
    connection.close()
    throw error
  }
  const prepare = connection.prepare.bind(connection)
  const statements = statementCache<Statement>()
  // Knex awaits what `all` and `run` give.
  connection.prepare = (sql) => {
    const known = statements.get(sql)
    if (known) return known
    const statement = prepare(sql)
    const patient = {
      reader: statement.reader,
      all: (bindings: readonly unknown[]) => patiently(() => statement.all(bindings)),
      run: (bindings: readonly unknown[]) => patiently(() => statement.run(bindings)),
    }
    if (mayKeep(sql)) statements.set(sql, patient)
    return patient
  }
}

/** A lock that another connection holds; a stale snapshot stays stale. */
function isLocked(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return (
    typeof code === 'string' && code.startsWith('SQLITE_BUSY') && code !== 'SQLITE_BUSY_SNAPSHOT'
  )
}
