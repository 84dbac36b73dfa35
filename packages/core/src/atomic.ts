// One transaction for each request that may change something: all of what it wrote stays, or nothing. The
// response begins when that is certain, so nobody is told of a change that was lost.
import { callApp, closeBody, type Response } from './body.js'
import type { Middleware } from './contract.js'
import { safeMethods } from './safe-methods.js'

/** What has transactions: `Database` of `@robaccia/db`. */
export interface Transactional {
  /** Runs `fn` in a transaction that all its queries are in: committed when it settles, rolled back on a throw. */
  transaction<Result>(fn: () => Promise<Result>): Promise<Result>
}

/**
 * Runs each request with an unsafe method (RFC 9110 §9.2.1) in a transaction. It is committed when the inner
 * app's promise settles, before the response begins, and rolled back when the app throws or answers with a
 * status of 400 and over. A body that is a stream runs after that, outside of the transaction. Safe methods pass.
 *
 * @throws TypeError for what has no `transaction`
 * @throws (from the app that it makes) what the app throws; and what `db` throws if it can't commit, so that
 * it becomes a 500
 * @example compose(errors(), sameOrigin(), atomic(db))(urls)
 */
export function atomic(db: Transactional): Middleware {
  if (typeof db?.transaction !== 'function') {
    throw new TypeError(
      `the database of atomic must have transaction(fn), got ${db === null ? 'null' : typeof db}`,
    )
  }
  return (app) => async (environ, startResponse) => {
    if (safeMethods.has(environ.REQUEST_METHOD)) return app(environ, startResponse)
    const made: { response?: Response } = {}
    const answer = async (): Promise<Response> => {
      made.response = await callApp(app, environ, startResponse)
      if (made.response.status >= 400) throw new Refusal(made.response)
      return made.response
    }
    let response: Response
    try {
      response = await db.transaction(answer)
    } catch (error) {
      if (!(error instanceof Refusal)) {
        if (made.response !== undefined) await closeBody(made.response.body)
        throw error
      }
      response = error.response
    }
    startResponse(response.status, response.headers)
    return response.body
  }
}

/** Rolls a transaction back for a response that is to be sent all the same. */
class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly response: Response

  constructor(response: Response) {
    super(`the response has the status ${response.status}`)
    this.response = response
  }
}
