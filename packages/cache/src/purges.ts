// When what was purged last, by a clock that moves with each purge. It remembers a bounded number of names: when it
// forgets the one that was purged longest ago, everything that is older counts as purged.
import { LRUCache } from 'lru-cache'

const MOST = 100_000

export class Purges {
  #tick = 0
  /** What was asked for before is gone. */
  #floor = 0
  readonly #ticks: LRUCache<string, number>

  /** @param most names that are remembered */
  constructor(most: number = MOST) {
    this.#ticks = new LRUCache({
      max: most,
      dispose: (tick, _name, reason) => {
        if (reason === 'evict') this.#floor = Math.max(this.#floor, tick)
      },
    })
  }

  get tick(): number {
    return this.#tick
  }

  add(name: string): void {
    this.#tick += 1
    this.#ticks.set(name, this.#tick)
  }

  addAll(): void {
    this.#tick += 1
    this.#floor = this.#tick
    this.#ticks.clear()
  }

  /** Says whether what was asked for at a tick is gone, since it goes by a name that was purged later. */
  has(name: string, tick: number): boolean {
    return tick < this.#floor || tick < (this.#ticks.peek(name) ?? 0)
  }
}
