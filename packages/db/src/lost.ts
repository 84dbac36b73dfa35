// Which errors say that a connection is no more: the server has ended it, or nothing comes through.

const codes = new Set([
  'ECONNRESET',
  'EPIPE',
  // PostgreSQL, appendix A: connection exceptions, and a server or an administrator that ends the session.
  '08000',
  '08003',
  '08006',
  '57P01',
  '57P02',
  '57P05',
  // mysql2's own, and what MariaDB and MySQL say of a session that is killed or was idle for too long.
  'PROTOCOL_CONNECTION_LOST',
  'ER_CONNECTION_KILLED',
  'ER_SERVER_SHUTDOWN',
  'ER_CLIENT_INTERACTION_TIMEOUT',
])

// What the drivers say without a code; Knex puts the SQL in front.
const messages =
  /(?:^|- )(?:Connection terminated(?: unexpectedly)?|Client has encountered a connection error and is not queryable|Client was closed and is not queryable|Can't add new command when connection is in closed state)$/

/** Whether a query failed since its connection was lost. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  if ((typeof code === 'string' && codes.has(code)) || messages.test(error.message)) return true
  // Of a query that was made of several, one has told of it already.
  return isLost(error.cause)
}
