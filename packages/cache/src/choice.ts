// What a request gets of what is stored: the decision, and nothing done about it (RFC 9111 §4).
import type { Environ } from '@robaccia/core'
import type { Forwarded } from './cache-status.js'
import { directivesOf, secondsOf, type Directives } from './directives.js'
import { ageOf, policyOf, type Policy } from './policy.js'
import { partOf, sliceOf } from './ranges.js'
import type { StoredResponse } from './stored-response.js'
import { isFor } from './vary.js'

/** A stored response at a moment. */
export interface Aged {
  readonly response: StoredResponse
  readonly policy: Policy
  /** In seconds. */
  readonly age: number
  /** Seconds for which it is still fresh, below 0 for one that is stale. */
  readonly ttl: number
}

export type Choice =
  /** It is used as it is; if `renew` is true it is validated meanwhile. */
  | { readonly use: 'stored'; readonly aged: Aged; readonly renew: boolean }
  /** The app is asked, on the condition that it has another than the stored one, if there is one. */
  | { readonly use: 'app'; readonly forwarded: Forwarded; readonly aged: Aged | undefined }

/** @param responses newest first */
export function choose(
  environ: Environ,
  responses: readonly StoredResponse[],
  now: number,
  share: number,
): Choice {
  const aged = selected(environ, responses, now, share)
  if (aged === undefined) {
    return {
      use: 'app',
      forwarded: responses.length === 0 ? 'uri-miss' : 'vary-miss',
      aged,
    }
  }
  const { HTTP_CACHE_CONTROL: value } = environ
  const request = value === undefined ? undefined : directivesOf(value)
  const forwarded = reason(aged, request)
  if (forwarded === undefined) return { use: 'stored', aged, renew: false }
  if (forwarded === 'stale' && isUsableStale(aged, aged.policy.whileRevalidating)) {
    return { use: 'stored', aged, renew: true }
  }
  return { use: 'app', forwarded, aged }
}

/** The newest that is for the request (§4.1). */
function selected(
  environ: Environ,
  responses: readonly StoredResponse[],
  now: number,
  share: number,
): Aged | undefined {
  for (const response of responses) {
    const policy = policyOf(response, share)
    if (!isFor(policy, environ)) continue
    const age = ageOf(response, policy, now)
    const aged = { response, policy, age, ttl: policy.lifetime - age }
    if (response.status === 206 && !isPartFor(environ, aged)) continue
    return aged
  }
  return undefined
}

/** Says whether a stored part has all that a request asks for. A stale one is worth nothing: it is not validated. */
function isPartFor(environ: Environ, { response: { headers }, policy, ttl }: Aged): boolean {
  const part = partOf(headers)
  if (ttl <= 0 || policy.noCache || part === undefined) return false
  const slice = sliceOf(environ, headers, part)
  return slice !== undefined && slice !== 'none'
}

/** Why a stored response is not used as it is; undefined if it is. */
function reason(
  { policy, age, ttl }: Aged,
  request: Directives | undefined,
): Forwarded | undefined {
  if (request !== undefined && isRefused(age, ttl, request)) return 'request'
  if (policy.noCache) return 'stale'
  if (ttl > 0) return undefined
  if (policy.strict || request === undefined || !request.has('max-stale')) return 'stale'
  const allowed = request.get('max-stale') === true ? Infinity : secondsOf(request, 'max-stale')
  return -ttl <= (allowed ?? 0) ? undefined : 'stale'
}

/** What the client wants newer (§5.2.1). A `max-age=0` is a reload, however young the response is. */
function isRefused(age: number, ttl: number, request: Directives): boolean {
  if (request.has('no-cache') || request.has('no-store')) return true
  const maxAge = secondsOf(request, 'max-age')
  if (maxAge !== undefined && (maxAge === 0 || age > maxAge)) return true
  return ttl < (secondsOf(request, 'min-fresh') ?? -Infinity)
}

/** Says whether a response that is stale may be used all the same, as long as it is not stale for longer than that. */
export function isUsableStale({ policy, ttl }: Aged, seconds: number): boolean {
  return !policy.strict && -ttl < seconds
}
