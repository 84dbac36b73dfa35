// What a stored response's headers say about its use, read once for each.
import type { HeaderList } from '@robaccia/core'
import { forAll, secondsOf, type Directives } from './directives.js'
import { initialAge, lifetimeOf } from './freshness.js'
import type { StoredResponse } from './stored-response.js'
import { controlOf } from './targeted.js'

export interface Policy {
  /** How long it is fresh, in seconds. */
  readonly lifetime: number
  /** How old it was when it was received, in seconds. */
  readonly initialAge: number
  /** It must be validated each time it is used. */
  readonly noCache: boolean
  /** It must not be used when it is stale, whatever else was said. */
  readonly strict: boolean
  /** How long a stale one may be used while it is validated, in seconds (RFC 5861 §3). */
  readonly whileRevalidating: number
  /** How long a stale one may be used in place of an error, in seconds (RFC 5861 §4). */
  readonly ifError: number
  /** The headers that it is sent with, but for its age. */
  readonly headers: HeaderList
  readonly vary: readonly (readonly [key: HeaderKey, value: string | null])[]
}

const known = new WeakMap<StoredResponse, Policy>()

export function policyOf(response: StoredResponse, share: number): Policy {
  let policy = known.get(response)
  if (policy === undefined) {
    policy = read(response, share)
    known.set(response, policy)
  }
  return policy
}

function read(
  { status, headers, vary, requestedAt, receivedAt }: StoredResponse,
  share: number,
): Policy {
  const control = controlOf(headers)
  const { directives } = control
  return {
    lifetime: lifetimeOf(status, headers, control, receivedAt, share).seconds,
    initialAge: initialAge(headers, requestedAt, receivedAt),
    noCache: forAll(directives, 'no-cache'),
    strict: isStrict(directives),
    whileRevalidating: secondsOf(directives, 'stale-while-revalidate') ?? 0,
    ifError: secondsOf(directives, 'stale-if-error') ?? 0,
    headers: headers.filter(([name]) => name !== 'age'),
    vary: vary.map(([name, value]) => [environKey(name), value]),
  }
}

/** `s-maxage` has the meaning of `proxy-revalidate` as well (RFC 9111 §5.2.2.10). */
function isStrict(directives: Directives): boolean {
  return (
    directives.has('must-revalidate') ||
    directives.has('proxy-revalidate') ||
    directives.has('s-maxage') ||
    forAll(directives, 'no-cache')
  )
}

/** A request header's key in the environ. */
export type HeaderKey = `HTTP_${string}` | 'CONTENT_TYPE' | 'CONTENT_LENGTH'

export function environKey(name: string): HeaderKey {
  const key = name.toUpperCase().replaceAll('-', '_')
  return key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH' ? key : `HTTP_${key}`
}

/** How old a response is, in seconds. */
export function ageOf(response: StoredResponse, policy: Policy, now: number): number {
  return policy.initialAge + (now - response.receivedAt) / 1000
}
