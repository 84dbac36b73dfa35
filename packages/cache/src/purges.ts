// When what was purged last, by a clock that moves with each purge. It remembers a bounded number of names: when it
// forgets the one that was purged longest ago, everything that is older counts as purged.

const MOST = 100_000

export class Purges {
  #tick = 0
  #floor = 0
  /** In the order in which they were purged. */
  readonly #ticks = new Map<string, number>()

  /** Everything that was asked for before is gone. */
  get floor(): number {
    return this.#floor
  }

  get tick(): number {
    return this.#tick
  }

  add(name: string): void {
    this.#tick += 1
    this.#ticks.delete(name)
    this.#ticks.set(name, this.#tick)
    if (this.#ticks.size <= MOST) return
    const [oldest] = this.#ticks
    if (oldest === undefined) return
    this.#ticks.delete(oldest[0])
    this.#floor = oldest[1]
  }

  addAll(): void {
    this.#tick += 1
    this.#floor = this.#tick
    this.#ticks.clear()
  }

  /** Says whether a name was purged after a tick. */
  has(name: string, tick: number): boolean {
    return tick < (this.#ticks.get(name) ?? 0)
  }
}
