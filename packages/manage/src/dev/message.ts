// What the two processes of `dev` tell each other over their channel.
import type { Failure } from './failure.js'

/** The variable that makes `dev` the served application and not its supervisor; its value is the first version. */
export const ROLE = 'ROBACCIA_DEV'

/**
 * How far the sources have come: it changes with each restart and each edit that pages should show. Letters, digits
 * and dots, and never the same again, not even in another run.
 */
export type Version = string

/** From the supervisor. */
export type Order =
  /** A connection to answer: it is sent along. */
  | { readonly type: 'connection'; readonly id: number }
  /** Pages should show what was edited; only style sheets, perhaps. */
  | { readonly type: 'edited'; readonly version: Version; readonly styles: boolean }

/** From the application. */
export type Report =
  /** Absolute paths of source files that it has loaded. */
  | { readonly type: 'loaded'; readonly files: readonly string[] }
  | { readonly type: 'ready' }
  /** It has the connection of that id. */
  | { readonly type: 'taken'; readonly id: number }
  /** What the process is going to end of. */
  | { readonly type: 'failed'; readonly failure: Failure }

export function report(message: Report): void {
  // Without a listener of its own a message to nobody would be an error that nobody catches.
  if (process.connected) process.send?.(message, () => {})
}
