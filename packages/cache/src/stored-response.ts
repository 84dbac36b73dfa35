// A response as a store keeps it: plain data, but for its body.
import type { HeaderList } from '@robaccia/core'

export interface StoredResponse {
  /** Another one for each body that was ever stored. */
  readonly id: string
  /** What the response is for, among those of its key: a newer one with the same takes its place. */
  readonly variant: string
  readonly status: number
  /** As the app gave them, with a `date`. */
  readonly headers: HeaderList
  /** The request's headers that the response varies with, normalised; null for one that was not sent. */
  readonly vary: readonly (readonly [name: string, value: string | null])[]
  /** When it was asked for, in milliseconds since 1970. */
  readonly requestedAt: number
  /** When it was received or last validated, in milliseconds since 1970. */
  readonly receivedAt: number
  /** Until when anybody could have a use for it, in milliseconds since 1970. */
  readonly until: number
  /** The body's length in bytes. */
  readonly length: number
  readonly tags: readonly string[]
  /** The store's clock when it was asked for: what was purged since is gone, though it arrived later. */
  readonly tick: number
  /** The route that the app noted. */
  readonly route?: string
}
