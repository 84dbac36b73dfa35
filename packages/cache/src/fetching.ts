// Asks the app for a response, and answers with it, or with the stored one that it validates or that is better than an error.
import { answerTo, reportThrown, type Body, type Response } from '@robaccia/core'
import { isUsableStale, type Aged } from './choice.js'
import { deliver } from './delivery.js'
import { directivesOf, secondsOf } from './directives.js'
import { ForwardedRequest, type Asked } from './forwarded-request.js'
import { freshen } from './freshening.js'
import type { Settings } from './settings.js'
import { passAndStore } from './storing.js'

/** Fetches, stores and answers. */
export async function fetchFor<P>(asked: Asked<P>, settings: Settings): Promise<Body> {
  const request = new ForwardedRequest(asked, settings)
  try {
    // The store may have lost the body of what is still good: then without a condition.
    return (await answered(request)) ?? (await fetchFor({ ...asked, aged: undefined }, settings))
  } catch (error) {
    request.land()
    throw error
  }
}

async function answered<P>(request: ForwardedRequest<P>): Promise<Body | undefined> {
  const { validated, asked } = request
  const { tick, aged } = asked
  const requestedAt = Date.now()
  let response: Response
  try {
    response = await request.response()
  } catch (error) {
    return failed(request, error)
  }
  const received = { ...response, requestedAt, receivedAt: Date.now(), tick }
  if (response.status === 304 && validated !== undefined) {
    return freshen(request, validated.response, received)
  }
  if (aged !== undefined && isFailure(response.status) && mayReplace(request, aged)) {
    await request.discard(response)
    return deliverStale(request, aged, response.status)
  }
  return passAndStore(request, received)
}

/** The app threw: a stale response is better than none, unless it must not be used. */
async function failed<P>(request: ForwardedRequest<P>, error: unknown): Promise<Body> {
  const { asked, settings } = request
  const { environ, aged, background } = asked
  const { status } = answerTo(error)
  await request.end({ status, headers: [] }, { bytes: 0, aborted: false, error })
  const { signal } = environ['robaccia.server']
  // By its own reason the server knows the client's leaving from an error of the app's.
  if (background !== true && signal.aborted) throw signal.reason
  if (status < 500) throw error
  if (background !== true) {
    if (aged === undefined || !isUsableStale(aged, settings.keepStale / 1000)) throw error
  }
  reportThrown(error, environ)
  return aged === undefined ? [] : deliverStale(request, aged, status)
}

/** They say that something is broken for now (RFC 5861 §4). */
function isFailure(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}

/** Says whether a stale response may stand for an error (RFC 5861 §4). */
function mayReplace<P>({ asked }: ForwardedRequest<P>, aged: Aged): boolean {
  const wanted = secondsOf(directivesOf(asked.environ.HTTP_CACHE_CONTROL), 'stale-if-error')
  return isUsableStale(aged, Math.max(aged.policy.ifError, wanted ?? -1))
}

async function deliverStale<P>(
  request: ForwardedRequest<P>,
  { response, policy, age, ttl }: Aged,
  status: number,
): Promise<Body> {
  request.land()
  const { asked, settings } = request
  const { environ, startResponse, forwarded, key } = asked
  const headers = settings.status.went([...policy.headers, ['age', String(Math.floor(age))]], {
    forwarded,
    status,
    ttl,
    detail: 'stale',
  })
  const body = await deliver(environ, startResponse, response, headers, () =>
    settings.store.body(key, response, environ),
  )
  if (body !== undefined) return body
  throw new Error(`the app failed with ${status}, and the stored response was gone`)
}
