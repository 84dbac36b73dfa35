// The exchange over a Fetch Request: what is handed to the runtime counts as sent, and the request's signal or
// a cancelled body tells of the client's leaving.
import type { Outcome } from './contract.js'
import { SelfEndingExchange } from './self-ending-exchange.js'

export class FetchExchange extends SelfEndingExchange {
  readonly #signal: AbortSignal
  readonly #waitUntil: (promise: Promise<unknown>) => void

  constructor(signal: AbortSignal, waitUntil: (promise: Promise<unknown>) => void) {
    super()
    this.#signal = signal
    this.#waitUntil = waitUntil
  }

  protected override watch(): void {
    if (this.#signal.aborted) void this.end(true)
    else this.#signal.addEventListener('abort', () => void this.end(true), { once: true })
  }

  /** Some runtimes abort the signal of a request that is finished, too: that ends nothing any more. */
  override end(aborted: boolean): Promise<Outcome> {
    const ended = super.end(aborted)
    this.#waitUntil(ended)
    return ended
  }
}
