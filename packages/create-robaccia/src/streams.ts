// The terminal, or what stands in for it in tests.
import type { Readable, Writable } from 'node:stream'

/** `process` has these. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable
}
