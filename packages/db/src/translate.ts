// One clear line for what a driver throws about a connection or a unique key; all else stays as it is.
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AnyTable, TableDefinition } from './definition.js'
import { closed, DatabaseError, UniqueViolation } from './errors.js'
import { isLost } from './lost.js'
import type { Limits } from './options.js'
import type { Translate } from './session.js'
import type { Target } from './url.js'

/** What the drivers' errors have in common. */
interface DriverError extends Error {
  readonly code?: string
  readonly table?: string
  readonly constraint?: string
  readonly sql?: string
}

export function translator(target: Target, limits: Limits, tables: readonly AnyTable[]): Translate {
  return (error) => {
    if (!(error instanceof Error) || error instanceof DatabaseError) return error
    const problem = connectionProblem(target, limits, error)
    if (problem) return new DatabaseError(problem, { cause: error })
    return uniqueViolation(tables, error) ?? error
  }
}

// What drivers say without a code.
const codes: Readonly<Record<string, string>> = {
  'Cannot open database because the directory does not exist': 'SQLITE_CANTOPEN',
  'timeout expired': 'ETIMEDOUT',
  'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string': '28P01',
}

function connectionProblem(
  { dialect, driver, label }: Target,
  { acquireTimeout, busyTimeout, pool }: Limits,
  error: DriverError,
): string | undefined {
  const code = codeOf(error)
  switch (code) {
    case 'SQLITE_CANTOPEN': {
      const folder = dirname(label)
      return existsSync(folder)
        ? `the SQLite file ${label} must be a file that may be read and written`
        : `the folder of the SQLite file must exist, got ${folder}: make it with mkdir -p`
    }
    case 'SQLITE_NOTADB':
      return `the file ${label} must be a SQLite database, got another kind of file`
    case 'SQLITE_BUSY':
      return `the SQLite file ${label} must be free within ${seconds(busyTimeout)}, got locked: another process is in a long transaction`
    case 'SQLITE_READONLY':
      return `the SQLite file ${label} and its folder must be writable`
    case '28P01':
    case '28000':
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
    case 'ER_DBACCESS_DENIED_ERROR':
      return `the user and password for ${label} must be right, got refused: check the database URL`
    case '3D000':
    case 'ER_BAD_DB_ERROR':
      return `the database of ${label} must exist: create it, or check its name in the database URL`
    case '55P03':
    case 'ER_LOCK_WAIT_TIMEOUT':
      return 'a row must be free in time, got locked: by a long transaction, or by the one that outside() was called in'
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `the server of ${label} must be reachable, got ${code}: start it, or check host and port in the database URL`
    default:
      // A query that waited for a connection when the database was closed.
      if (error.message === 'aborted') return closed
      // What better-sqlite3 says of itself when its installation did not compile it.
      if (error.message.startsWith('Could not locate the bindings file')) {
        return `the driver ${driver} must be compiled, got none for this system: npm rebuild ${driver}`
      }
      if (isLost(error)) {
        return `the connection to ${label} must last, got lost${code === undefined ? '' : ` (${code})`}: what ran on it may be done or not`
      }
      if (error.name !== 'KnexTimeoutError') return undefined
      return dialect === 'sqlite'
        ? `the connection to ${label} must be free within ${seconds(acquireTimeout)}, got one in use: is a transaction waiting for a query outside it?`
        : `one of the ${pool.max} connections to ${label} must be free within ${seconds(acquireTimeout)}, got none: raise pool.max, or is a transaction waiting for a query outside it?`
  }
}

/** better-sqlite3 gives SQLite's extended codes (sqlite.org/rescode.html), sqlite3 the primary ones. */
function codeOf(error: DriverError): string | undefined {
  const code = error.code ?? codes[error.message]
  return code?.replace(/^(SQLITE_[A-Z]+)_.*$/, '$1')
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`
}

function uniqueViolation(
  tables: readonly AnyTable[],
  error: DriverError,
): UniqueViolation | undefined {
  const definitions = tables.map(({ table }) => table)
  if (codeOf(error) === 'SQLITE_CONSTRAINT') {
    // UNIQUE constraint failed: entry.id, entry.title
    const names = /UNIQUE constraint failed: (.+)$/.exec(error.message)?.[1]?.split(', ')
    const table = names?.[0]?.split('.')[0]
    if (!names || table === undefined) return undefined
    return new UniqueViolation(
      table,
      names.map((name) => name.slice(table.length + 1)),
      { cause: error },
    )
  }
  if (error.code === '23505') {
    const table = error.table ?? ''
    return new UniqueViolation(table, columnsOf(definitions, table, error.constraint), {
      cause: error,
    })
  }
  if (error.code === 'ER_DUP_ENTRY') {
    // MySQL names the key only: 'PRIMARY', 'entry.PRIMARY' or 'entry_title_unique'.
    const table = /^(?:insert into|update) `(\w+)`/.exec(error.sql ?? '')?.[1] ?? ''
    const key = /for key '(?:\w+\.)?(\w+)'$/.exec(error.message)?.[1]
    return new UniqueViolation(table, columnsOf(definitions, table, key), { cause: error })
  }
  return undefined
}

function columnsOf(
  definitions: readonly TableDefinition[],
  table: string,
  key = '',
): readonly string[] {
  const definition = definitions.find(({ name }) => name === table)
  const index = definition?.indexes.find(({ name }) => name === key)
  return index?.columns ?? definition?.primaryKey ?? []
}
