// Requests that go to the app whatever is stored, and change what is stored: unsafe methods, and HEAD.
import {
  callApp,
  copyOf,
  isWhole,
  readAll,
  type Body,
  type Environ,
  type Response,
} from '@robaccia/core'
import type { Exchange } from './cache.js'
import type { Choice } from './choice.js'
import { isOfTarget, outdated } from './invalidation.js'
import { complete, dated, storedOf, untilOf } from './keeping.js'
import { Recording } from './recording.js'
import { isStorable, storedHeaders } from './storable.js'
import type { Settings } from './settings.js'
import type { Found } from './store.js'
import type { StoredResponse } from './stored-response.js'
import { outdatedTags } from './tags.js'
import { unkeyed } from './unkeyed.js'
import { isAbout, renewed } from './validation.js'

/**
 * An unsafe method: when it succeeds, what is stored of its URL (RFC 9111 §4.4), and what has a tag that it names (RFC 9875
 * §3), is out of date before its answer is sent.
 */
export async function passUnsafe<P>(exchange: Exchange<P>): Promise<Body> {
  const { app, environ, startResponse, settings } = exchange
  const requestedAt = Date.now()
  const response = await callApp(app, environ, startResponse)
  const { status, headers } = response
  if (status < 400 && settings.keyOf(environ) !== undefined) {
    const keys = outdated(environ, headers)
    settings.flights.forget(keys)
    await settings.store.purge({ keys }, environ)
  }
  if (status < 400) await purgeTags(outdatedTags(headers), settings, environ)
  const stored = await storedPost(exchange, response, requestedAt)
  startResponse(
    status,
    settings.status.went(settings.shown(headers), {
      forwarded: 'method',
      status,
      stored: stored !== undefined,
    }),
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
    budget: settings.budget,
    limit: settings.maxBody,
    goesOn: () => false,
    abandoned: () => {},
    kept: keep,
    ended: () => {},
  }).body
}

/** Purges that the store is asked for at once. */
const AT_ONCE = 16

/** @param environ undefined for a purge that no request asks for */
export async function purgeTags(
  tags: readonly string[],
  { flights, store }: Settings,
  environ?: Environ,
): Promise<void> {
  // What a page that is on its way will be tagged with nobody knows.
  if (tags.length > 0) flights.forgetAll()
  for (let at = 0; at < tags.length; at += AT_ONCE) {
    const some = tags.slice(at, at + AT_ONCE)
    await Promise.all(some.map((tag) => store.purge({ tag }, environ)))
  }
}

/** The answer to a POST that says it is what GET would have, and for how long (RFC 9110 §9.3.3). */
async function storedPost<P>(
  { environ, settings }: Exchange<P>,
  response: Response,
  requestedAt: number,
): Promise<{ readonly key: string; readonly head: StoredResponse } | undefined> {
  const key = settings.keyOf(environ)
  if (environ.REQUEST_METHOD !== 'POST' || response.status !== 200 || key === undefined) {
    return undefined
  }
  if (!isOfTarget(environ, response.headers)) return undefined
  // It was made from what is in no key.
  if (unkeyed(environ, settings.vary).length > 0) return undefined
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
  const { store, rules, keepStale, shown } = settings
  const own = copyOf(environ)
  for (const name of unkeyed(environ, settings.vary)) delete own[name]
  const requestedAt = Date.now()
  const { status, headers, body } = await callApp(app, own, startResponse)
  if (aged !== undefined && status === 200 && aged.response.status === 200) {
    const receivedAt = Date.now()
    const stored = aged.response
    const update = shown(storedHeaders(dated(headers, receivedAt)))
    const now = {
      ...stored,
      headers: renewed(stored.headers, update),
      requestedAt,
      receivedAt,
      tick,
    }
    const good = isAbout(headers, stored.headers, stored.length)
    if (!good) await store.purge({ keys: [key] }, environ)
    else if (isStorable(environ, 200, now.headers, rules, receivedAt)) {
      const response = { ...now, until: untilOf(now, rules.share, keepStale) }
      await store.put(key, response, undefined, environ)
    }
  }
  startResponse(status, settings.status.went(shown(headers), { forwarded, status }))
  return body
}
