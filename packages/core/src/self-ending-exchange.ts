// The exchange of a server that knows by itself when its response has ended: nothing has to be listened to.
import type { Environ, Outcome } from './contract.js'
import { Exchange } from './exchange.js'
import { reportThrown } from './thrown.js'

export class SelfEndingExchange extends Exchange {
  /** Bytes of the body handed on so far. */
  bytes = 0
  environ: Environ | undefined = undefined
  /** Closes the body on its way, if it is a stream. */
  release: (() => Promise<void>) | undefined = undefined
  #ended: Promise<Outcome> | undefined = undefined

  protected override watch(): void {}

  protected override report(error: unknown): void {
    if (this.environ !== undefined) reportThrown(error, this.environ)
  }

  /** Keeps and reports what the app threw. */
  fail(error: unknown): void {
    this.error ??= error
    this.report(error)
  }

  /** Ends the exchange, once: closes the body, then runs what was added by `after`. */
  end(aborted: boolean): Promise<Outcome> {
    if (this.#ended === undefined) {
      if (aborted) this.drop()
      this.#ended = this.#end(aborted)
    }
    return this.#ended
  }

  async #end(aborted: boolean): Promise<Outcome> {
    try {
      await this.release?.()
    } catch (error) {
      this.fail(error)
    }
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
