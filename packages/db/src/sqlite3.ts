// The driver sqlite3 under Knex, which asks a connection for `all` and `run`: here they keep what they prepare.
import { mayKeep, statementCache } from './statement-cache.js'

type Done = (this: Counts | void, error: Error | null, rows?: unknown) => void

/** What an insert or another change says of itself. */
interface Counts {
  readonly lastID?: number
  readonly changes?: number
}

interface Statement {
  all(bindings: readonly unknown[], done: (this: Counts, ...answer: Parameters<Done>) => void): void
  run(bindings: readonly unknown[], done: (this: Counts, ...answer: Parameters<Done>) => void): void
  finalize(): void
}

/** What is used of a connection. */
export interface Sqlite3Connection {
  prepare(sql: string, done: (error: Error | null) => void): Statement
  all(sql: string, bindings: readonly unknown[], done: Done): void
  run(sql: string, bindings: readonly unknown[], done: Done): void
  exec(sql: string, done: (error: Error | null) => void): void
  /** Ends the statements that run with an error. */
  interrupt(): void
  close(done: (error: Error | null) => void): void
}

/** Prepares a new connection: sets its pragmas, and lets it keep its statements. */
export async function openSqlite3(
  connection: Sqlite3Connection,
  pragmas: readonly string[],
): Promise<void> {
  const close = connection.close.bind(connection)
  try {
    await new Promise<void>((resolve, reject) => {
      connection.exec(pragmas.map((each) => `pragma ${each}`).join(';'), (error) =>
        error ? reject(error) : resolve(),
      )
    })
  } catch (error) {
    close(() => {})
    throw error
  }
  const statements = statementCache<Statement>((statement) => statement.finalize())
  const call = (method: 'all' | 'run', sql: string, bindings: readonly unknown[], done: Done) => {
    const run = (statement: Statement) =>
      statement[method](bindings, function (error, rows) {
        // One that failed may be in any state.
        if (error) statements.delete(sql)
        // The counts are the statement's own, which its next run overwrites.
        const { lastID, changes } = this
        done.call({ ...(lastID !== undefined && { lastID, changes }) }, error, rows)
      })
    const known = statements.get(sql)
    if (known) return run(known)
    const statement = connection.prepare(sql, (error) => {
      // The driver has let a statement go whose SQL is wrong, and would call back for nothing more of it.
      if (error) return done(error)
      if (mayKeep(sql)) statements.set(sql, statement)
      run(statement)
      if (!statements.has(sql)) statement.finalize()
    })
  }
  connection.all = (sql, bindings, done) => call('all', sql, bindings, done)
  connection.run = (sql, bindings, done) => call('run', sql, bindings, done)
  connection.close = (done) => {
    // One that is not finalized keeps the file open.
    statements.clear()
    close(done)
  }
}
