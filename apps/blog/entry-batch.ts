// Entries on their way into the table, many in one transaction: a commit costs as much as several posts.
import type { Insert } from '@robaccia/db'
import { addMissing, limits, type entry } from './model.js'

const most = { entries: 200, characters: limits.content }

export class EntryBatch {
  added = 0
  /** Those that were there already. */
  known = 0
  #entries: Insert<typeof entry>[] = []
  #characters = 0

  /** Keeps an entry, and writes all when they are many. */
  async add(row: Insert<typeof entry>): Promise<void> {
    this.#entries.push(row)
    this.#characters += row.content.length
    if (this.#entries.length >= most.entries || this.#characters >= most.characters) {
      await this.flush()
    }
  }

  async flush(): Promise<void> {
    const entries = this.#entries
    this.#entries = []
    this.#characters = 0
    const added = await addMissing(entries)
    this.added += added
    this.known += entries.length - added
  }
}
