// The exchange of a server that knows by itself when its response has ended: nothing has to be listened to.
import type { Environ, Outcome } from './contract.js'
import { Exchange } from './exchange.js'
import { reportThrown } from './thrown.js'

export class SelfEndingExchange extends Exchange {
  /** Bytes of the body handed on so far. */
  bytes = 0
  environ: Environ | undefined = undefined
  /** What the request's body failed with, before its end. */
  broken: unknown = undefined
  /** Closes the body on its way, if it is a stream. */
  release: (() => Promise<void>) | undefined = undefined
  #ended: Promise<Outcome> | undefined = undefined
  #leave = (): void => {}
  readonly #left = new Promise<void>((resolve) => {
    this.#leave = resolve
  })

  protected override watch(): void {}

  protected override report(error: unknown): void {
    if (this.environ !== undefined) reportThrown(error, this.environ)
  }

  /** Keeps what the app threw, and reports it unless it is the client's leaving, which `signal` and `after` tell. */
  fail(error: unknown): void {
    this.error ??= error
    const { aborted, reason } = this.signal
    const cause = error instanceof Error ? error.cause : undefined
    const isDeparture =
      (this.broken !== undefined && error === this.broken) ||
      (aborted && (error === reason || cause === reason))
    if (!isDeparture) this.report(error)
  }

  /** The response is finished or dropped, and not a byte of it is handed on any more. */
  get over(): boolean {
    return this.#ended !== undefined
  }

  /** Ends the exchange, once: when the app has settled too, closes the body and runs what was added by `after`. */
  end(aborted: boolean): Promise<Outcome> {
    if (this.#ended === undefined) {
      if (aborted) this.drop()
      this.#ended = this.#end(aborted)
    }
    return this.#ended
  }

  /** Says that the app has settled and its body is closed, or is a stream that `release` closes. */
  leave(): void {
    this.#leave()
  }

  async #end(aborted: boolean): Promise<Outcome> {
    await this.#left
    await this.release?.()
    const outcome: Outcome = {
      status: this.status,
      headers: this.headers,
      bytes: this.bytes,
      aborted,
      ...(this.error === undefined ? {} : { error: this.error }),
    }
    await this.finish(outcome)
    return outcome
  }
}
