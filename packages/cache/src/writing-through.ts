// Requests that go to the app whatever is stored, and change what is stored: unsafe methods, and HEAD.
import { callApp, isWhole, readAll, type Body, type Response } from '@robaccia/core'
import type { Exchange } from './cache.js'
import { keyOf } from './cache-key.js'
import type { Choice } from './choice.js'
import { isOfTarget, outdated } from './invalidation.js'
import { complete, dated, storedOf, untilOf } from './keeping.js'
import { Recording } from './recording.js'
import { isStorable, storedHeaders } from './storable.js'
import type { Found } from './store.js'
import type { StoredResponse } from './stored-response.js'
import { withoutTags } from './tags.js'
import { unkeyed } from './unkeyed.js'
import { isAbout, renewed } from './validation.js'

/** An unsafe method: when it succeeds, what is stored of its URL is out of date before its answer is sent (RFC 9111 §4.4). */
export async function passUnsafe<P>(exchange: Exchange<P>): Promise<Body> {
  const { app, environ, startResponse, settings } = exchange
  const requestedAt = Date.now()
  const response = await callApp(app, environ, startResponse)
  const { status, headers } = response
  if (status < 400 && keyOf(environ) !== undefined) {
    const keys = outdated(environ, headers)
    settings.flights.forget(keys)
    await settings.store.purge(keys, environ)
  }
  const own = settings.forwardTags ? headers : withoutTags(headers)
  const stored = await storedPost(exchange, response, requestedAt)
  startResponse(
    status,
    settings.status.went(own, { forwarded: 'method', status, stored: stored !== undefined }),
  )
  if (stored === undefined) return response.body
  const { key, head } = stored
  const keep = (bytes: Uint8Array | undefined): void => {
    const whole = bytes && complete(head, bytes, settings.maxBody)
    if (whole !== undefined) void settings.store.put(key, whole, bytes, environ)
  }
  const { body } = response
  if (isWhole(body)) {
    const bytes = await readAll(body)
    keep(bytes)
    return [bytes]
  }
  return new Recording(body, {
    limit: settings.maxBody,
    goesOn: () => false,
    abandoned: () => {},
    kept: keep,
    ended: () => {},
  }).body
}

/** The answer to a POST that says it is what GET would have, and for how long (RFC 9110 §9.3.3). */
async function storedPost<P>(
  { environ, settings }: Exchange<P>,
  response: Response,
  requestedAt: number,
): Promise<{ readonly key: string; readonly head: StoredResponse } | undefined> {
  const key = keyOf(environ)
  if (environ.REQUEST_METHOD !== 'POST' || response.status !== 200 || key === undefined) {
    return undefined
  }
  if (!isOfTarget(environ, response.headers)) return undefined
  const found = await settings.store.find(key, environ)
  if (found === undefined) return undefined
  const received = { ...response, requestedAt, receivedAt: Date.now(), tick: found.tick }
  const head = storedOf(environ, received, settings, true)
  return head && { key, head }
}

/**
 * HEAD, where what is stored can't answer it: a 200 tells whether what is stored of GET is still good (§4.3.5). That is
 * everybody's, so it is asked for without what is in no key.
 */
export async function passHead<P>(
  { app, environ, startResponse, settings }: Exchange<P>,
  key: string,
  { tick }: Found,
  { aged, forwarded }: Choice & { use: 'app' },
): Promise<Body> {
  const { store, rules, keepStale, forwardTags } = settings
  const own = { ...environ }
  for (const name of unkeyed(environ, settings.vary)) delete own[name]
  const requestedAt = Date.now()
  const { status, headers, body } = await callApp(app, own, startResponse)
  if (aged !== undefined && status === 200 && aged.response.status === 200) {
    const receivedAt = Date.now()
    const stored = aged.response
    const update = storedHeaders(dated(headers, receivedAt))
    const now = {
      ...stored,
      headers: renewed(stored.headers, update),
      requestedAt,
      receivedAt,
      tick,
    }
    const good = isAbout(headers, stored.headers, stored.length)
    if (!good) await store.purge([key], environ)
    else if (isStorable(environ, 200, now.headers, rules, receivedAt)) {
      const response = { ...now, until: untilOf(now, rules.share, keepStale) }
      await store.put(key, response, undefined, environ)
    }
  }
  startResponse(
    status,
    settings.status.went(forwardTags ? headers : withoutTags(headers), { forwarded, status }),
  )
  return body
}
