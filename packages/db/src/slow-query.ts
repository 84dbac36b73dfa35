// Tells of statements that take long: their SQL with its placeholders, never their values.
import type { Knex } from 'knex'
import type { Limits } from './options.js'

/** A statement as Knex's events have it. */
interface Sent {
  readonly __knexQueryUid: string
  readonly sql: string
}

/** Watches all that goes through a Knex instance, its transactions included. */
export function watchSlowQueries(
  knex: Knex,
  { threshold, log }: NonNullable<Limits['slowQuery']>,
): void {
  const started = new Map<string, number>()
  const end = ({ __knexQueryUid: id, sql }: Sent): void => {
    const start = started.get(id)
    if (start === undefined) return
    started.delete(id)
    const milliseconds = performance.now() - start
    if (milliseconds <= threshold) return
    try {
      log({ sql, milliseconds })
    } catch (error) {
      // The query has done well.
      process.emitWarning(`the slowQuery.log of a database must not throw, got ${String(error)}`)
    }
  }
  knex.on('query', ({ __knexQueryUid: id }: Sent) => void started.set(id, performance.now()))
  knex.on('query-response', (_response: unknown, sent: Sent) => end(sent))
  knex.on('query-error', (_error: unknown, sent: Sent) => end(sent))
}
