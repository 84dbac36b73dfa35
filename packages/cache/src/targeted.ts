// What a response says to caches on the server's side alone: CDN-Cache-Control (RFC 9213), a structured field.
import type { HeaderList } from '@robaccia/core'
import { parseDictionary, Token, type BareItem } from 'structured-headers'
import { directivesOf, type Directives } from './directives.js'
import { field } from './field.js'

export interface Control {
  readonly directives: Directives
  /** They were said to us: `Cache-Control` and `Expires` do not count then (§2.2). */
  readonly targeted: boolean
}

/** A response's directives for this cache. */
export function controlOf(headers: HeaderList): Control {
  const own = targeted(field(headers, 'cdn-cache-control'))
  if (own !== undefined) return { directives: own, targeted: true }
  return { directives: directivesOf(field(headers, 'cache-control')), targeted: false }
}

/** What is empty, or no dictionary, or has a number that is none, is not there (RFC 9213 §2.1). */
function targeted(value: string | undefined): Directives | undefined {
  if (value === undefined) return undefined
  const directives = new Map<string, string | true>()
  try {
    for (const [name, [item]] of parseDictionary(value)) {
      if (item === false || Array.isArray(item)) continue
      const argument = argumentOf(item)
      if (timed.has(name) && !/^\d+$/.test(String(argument))) return undefined
      if (timed.has(name) && typeof item !== 'number') return undefined
      directives.set(name, argument)
    }
  } catch {
    return undefined
  }
  return directives.size === 0 ? undefined : directives
}

const timed: ReadonlySet<string> = new Set([
  'max-age',
  's-maxage',
  'stale-if-error',
  'stale-while-revalidate',
])

function argumentOf(item: BareItem): string | true {
  if (item === true) return true
  return typeof item === 'string' || typeof item === 'number' || item instanceof Token
    ? String(item)
    : ''
}
