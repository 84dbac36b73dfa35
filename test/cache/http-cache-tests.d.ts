// What our tests take of http-cache-tests and of the client that it takes, which have no types.
declare module 'node-fetch' {
  const fetch: unknown
  export default fetch
}
declare module 'http-cache-tests/tests/index.mjs' {
  export interface CacheTest {
    readonly id: string
    readonly kind?: 'required' | 'optimal' | 'check'
    readonly browser_only?: boolean
  }
  const suites: readonly { readonly id: string; readonly tests: readonly CacheTest[] }[]
  export default suites
}
declare module 'http-cache-tests/client/config.mjs' {
  export function setFetch(fetch: unknown): void
  export function setBaseUrl(url: string): void
}
declare module 'http-cache-tests/client/test.mjs' {
  import type { CacheTest } from 'http-cache-tests/tests/index.mjs'
  /** Settles when the result is there, whatever it is. */
  export function makeCacheTest(test: CacheTest): Promise<void>
  /** true, or what went wrong: its kind (`Setup`, `Assertion`) and a sentence. */
  export const testResults: Record<string, true | readonly [kind: string, why: string]>
}
declare module 'http-cache-tests/server/*' {
  import type { IncomingMessage, ServerResponse } from 'node:http'
  export default function handle(
    segments: readonly string[],
    request: IncomingMessage,
    response: ServerResponse,
  ): void
}
