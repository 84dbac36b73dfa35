// A request that goes to the app for all who wait for it: one of its own, so that a client that leaves cancels it for nobody
// else, and without what is in no key.
import {
  callApp,
  closeBody,
  subrequest,
  type App,
  type EnvironWith,
  type Response,
  type StartResponse,
  type Subrequest,
} from '@robaccia/core'
import type { Forwarded } from './cache-status.js'
import type { Aged } from './choice.js'
import { Flight } from './flights.js'
import type { Settings } from './settings.js'
import { isValidatable } from './storable.js'
import { unkeyed } from './unkeyed.js'
import { conditionsFor } from './validation.js'

/** What is asked for, and for whom. */
export interface Asked<P> {
  readonly app: App<P>
  readonly environ: EnvironWith<P>
  readonly startResponse: StartResponse
  readonly key: string
  /** The store's clock when it was looked into. */
  readonly tick: number
  readonly forwarded: Forwarded
  /** What is stored already, and can't be used as it is. */
  readonly aged: Aged | undefined
  /** Nobody waits for it: the client has been answered. */
  readonly background?: boolean
  /** A range is asked for, with the client's own conditions. */
  readonly part?: boolean
}

export class ForwardedRequest<P> {
  readonly asked: Asked<P>
  readonly settings: Settings
  /** The stored response that the app is asked to validate. */
  readonly validated: Aged | undefined
  readonly #flight: Flight
  readonly #request: Subrequest<P>
  #isLate = false
  #whenLate: (() => void) | undefined

  constructor(asked: Asked<P>, settings: Settings) {
    const { environ, key, aged, part } = asked
    this.asked = asked
    this.settings = settings
    this.validated = aged !== undefined && isValidatable(aged.response.headers) ? aged : undefined
    this.#flight = part === true ? new Flight() : settings.flights.begin(key)
    this.#request = subrequest(environ, {
      ...Object.fromEntries(unkeyed(environ, settings.vary).map((name) => [name, undefined])),
      ...(part === true ? {} : conditionsFor(this.validated?.response.headers)),
    })
  }

  /** Others wait for the response. */
  get isAwaited(): boolean {
    return this.#flight.waiting > 0
  }

  /** The app has called `startResponse` after it answered: the response is an error, though its head may be sent. */
  get isLate(): boolean {
    return this.#isLate
  }

  /** @param run called when that comes to be, and at once if it is so already */
  whenLate(run: () => void): void {
    this.#whenLate = run
    if (this.#isLate) run()
  }

  async response(): Promise<Response> {
    const { app, environ, startResponse, background } = this.asked
    const { signal } = environ['robaccia.server']
    const leave = (): void => {
      if (!this.isAwaited) this.abort()
    }
    if (background !== true) {
      signal.addEventListener('abort', leave)
      // It may have left while the store was asked.
      if (signal.aborted) leave()
    }
    try {
      return await callApp(app, this.#request.environ, (status, headers, error) => {
        this.#isLate = true
        this.#whenLate?.()
        startResponse(status, headers, error)
      })
    } finally {
      signal.removeEventListener('abort', leave)
      if (background !== true) this.#takeNotes()
    }
  }

  /** What the app noted is the client's too, the route above all. */
  #takeNotes(): void {
    const { report: _, ...notes } = this.#request.environ['robaccia.notes']
    Object.assign(this.asked.environ['robaccia.notes'], notes)
  }

  abort(): void {
    this.#request.abort()
  }

  async discard(response: Response): Promise<void> {
    await closeBody(response.body)
    await this.end(response, { bytes: 0, aborted: false })
  }

  /** Its response is read, or closed. */
  async end(
    { status, headers }: Omit<Response, 'body'>,
    {
      bytes,
      aborted,
      error,
    }: { readonly bytes: number; readonly aborted: boolean; readonly error?: unknown },
  ): Promise<void> {
    await this.#request.end({
      status,
      headers,
      bytes,
      aborted,
      ...(error === undefined ? {} : { error }),
    })
  }

  /** Who waits need wait no longer: the response is stored, or won't be. */
  land(): void {
    this.#flight.land()
  }

  /** Nobody waits for this page for a while: it was no use. */
  inVain(): void {
    this.settings.flights.inVain(this.asked.key)
  }

  landInVain(): void {
    if (this.asked.part !== true) this.inVain()
    this.land()
  }
}
