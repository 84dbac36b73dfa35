// Libraries that few apps need are loaded when they are first needed: together they take longer to load than all
// the rest of core.
import type Compressible from 'compressible'
import type Etag from 'etag'
import { createRequire } from 'node:module'
import type Negotiator from 'negotiator'
import type ProxyAddr from 'proxy-addr'

interface Libraries {
  readonly compressible: typeof Compressible
  readonly etag: typeof Etag
  readonly negotiator: typeof Negotiator
  readonly 'proxy-addr': typeof ProxyAddr
}

const require = createRequire(import.meta.url)

/** A library, loaded by the first call: at once, as `import` can't. */
export function library<Name extends keyof Libraries>(name: Name): () => Libraries[Name] {
  let loaded: Libraries[Name] | undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a name loads stands in Libraries
  return () => (loaded ??= require(name) as Libraries[Name])
}
