// One request and its response as every server sees them: what startResponse keeps, when the head is
// gone, and what runs at the end. Servers differ only in how they move bytes.
import { isWhole } from './body.js'
import type { Body, HeaderList, Outcome, ServerPort, StartResponse } from './contract.js'

type After = (outcome: Outcome) => void | Promise<void>

/** Statuses whose responses have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

const none: HeaderList = []

export abstract class Exchange implements ServerPort {
  status = 0
  headers: HeaderList = none
  /** Set by the server once status and headers can no longer change. */
  headSent = false
  /** What the app threw, if it threw. */
  error: unknown = undefined
  #after: After[] | undefined
  #abort: AbortController | undefined
  #dropped = false
  #finished = false
  /** Somebody wants to know how the response ends. */
  protected watched = false

  /** Calls `finish` when the response is finished or dropped. Asked for at most once, and only if anybody wants to know. */
  protected abstract watch(): void
  /** Tells the operator of what no answer tells: what an `after` function, or closing a body, threw. */
  protected abstract report(error: unknown): void

  readonly startResponse: StartResponse = (status, headers, error) => {
    if (this.status !== 0) {
      if (error === undefined) {
        throw new TypeError(
          `startResponse must be called once, or again with an error, got a second status ${status}`,
        )
      }
      if (this.headSent) throw error
    }
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new TypeError(
        `startResponse's status must be an integer from 200 to 599, got ${String(status)}`,
      )
    }
    this.status = status
    this.headers = headers
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#dropped) this.#abort.abort()
      this.#watchOnce()
    }
    return this.#abort.signal
  }

  after(fn: After): void {
    if (this.#finished) {
      throw new TypeError('after must be called before the response is finished')
    }
    this.#watchOnce()
    this.#after ??= []
    this.#after.push(fn)
  }

  #watchOnce(): void {
    if (this.watched) return
    this.watched = true
    this.watch()
  }

  /** Tells those who asked that the client went away. The body is closed next, then `finish` is called. */
  drop(): void {
    this.#dropped = true
    this.#abort?.abort()
  }

  /** Takes what a body failed with that no answer can tell any more: in its closing, or after the head. */
  bodyFailed(error: unknown): void {
    this.error ??= error
    this.report(asError(error, 'a body failed to close'))
  }

  /** Ends the exchange, the body being closed: runs what was added, last first. */
  async finish(outcome: Outcome): Promise<void> {
    this.#finished = true
    for (const fn of this.#after?.toReversed() ?? []) {
      try {
        await fn(outcome)
      } catch (error) {
        this.report(asError(error, 'an after function failed'))
      }
    }
  }
}

/** @throws TypeError when the app settled without having called startResponse */
export function assertStarted(exchange: Exchange): void {
  if (exchange.status === 0) {
    throw new TypeError('an app must call startResponse before it settles')
  }
}

/** @throws TypeError for what an app without types hands back as a body though it is none, and can't be closed */
export function assertBody(body: Body): void {
  const given: unknown = body
  const isObject = typeof given === 'object' && given !== null
  if (!isObject || !(isWhole(body) || Symbol.asyncIterator in given)) {
    throw new TypeError(`an app must return an array or an async iterable, got ${typeof given}`)
  }
}

/** What was thrown as an Error, which it need not be. */
export function asError(thrown: unknown, message: string): Error {
  return thrown instanceof Error ? thrown : new Error(message, { cause: thrown })
}
