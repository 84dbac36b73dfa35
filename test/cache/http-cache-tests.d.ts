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
declare module 'http-cache-tests/client/runner.mjs' {
  import type suites from 'http-cache-tests/tests/index.mjs'
  export function runTests(
    tests: typeof suites,
    fetch: unknown,
    browserCache: boolean,
    base: string,
    chunkSize: number,
  ): Promise<void>
  /** true, or what went wrong: its kind (`Setup`, `Assertion`) and a sentence. */
  export function getResults(): Readonly<Record<string, true | readonly [kind: string, why: string]>>
}
declare module 'http-cache-tests/server/*' {
  import type { IncomingMessage, ServerResponse } from 'node:http'
  export default function handle(
    segments: readonly string[],
    request: IncomingMessage,
    response: ServerResponse,
  ): void
}
