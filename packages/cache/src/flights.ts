// Pages that are being fetched: who asks for one meanwhile waits for it, in place of fetching it as well.
import { LRUCache } from 'lru-cache'

export interface FlightOptions {
  /** Requests that wait at most, for one page. */
  readonly most: number
}

/** How long nobody waits for a page that was not stored, or was stale at once: waiting was in vain. */
const VAIN = 10_000
const MOST_VAIN = 10_000

export class Flight {
  waiting = 0
  /** Called once the page is stored, or it is known that it won't be. */
  land: () => void = () => {}
  readonly done: Promise<void> = new Promise<void>((resolve) => {
    this.land = resolve
  })
}

export class Flights {
  readonly #flights = new Map<string, Flight>()
  readonly #vain = new LRUCache<string, true>({ max: MOST_VAIN, ttl: VAIN })
  readonly #options: FlightOptions

  constructor(options: FlightOptions) {
    this.#options = options
  }

  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /** Begins a flight that others may wait for, unless there is one. It ends by `land`, whatever happens. */
  begin(key: string): Flight {
    const flight = new Flight()
    if (!this.#flights.has(key)) {
      this.#flights.set(key, flight)
      void flight.done.then(() => {
        if (this.#flights.get(key) === flight) this.#flights.delete(key)
      })
    }
    return flight
  }

  /** Lets nobody wait for these pages any more: what comes is older than what was done since. */
  forget(keys: Iterable<string>): void {
    for (const key of keys) this.#flights.delete(key)
  }

  forgetAll(): void {
    this.#flights.clear()
  }

  /** What was fetched for one is for nobody else. */
  inVain(key: string): void {
    this.#vain.set(key, true)
  }

  /** The flight that a request for a page waits for; undefined if it is to ask the app itself. */
  toJoin(key: string): Flight | undefined {
    const flight = this.#flights.get(key)
    if (flight === undefined || this.#vain.has(key)) return undefined
    return flight.waiting < this.#options.most ? flight : undefined
  }
}

/** Waits until a flight has landed; false if it took longer than so many milliseconds. */
export async function landed(flight: Flight, milliseconds: number): Promise<boolean> {
  if (milliseconds <= 0) return false
  flight.waiting += 1
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false)
  })
  try {
    return await Promise.race([flight.done.then(() => true), timeout])
  } finally {
    clearTimeout(timer)
    flight.waiting -= 1
  }
}
