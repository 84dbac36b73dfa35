// The app says by a 304 that what is stored is still good: it is, with the headers that came (RFC 9111 §4.3.4).
import type { Body } from '@robaccia/core'
import { deliver } from './delivery.js'
import type { ForwardedRequest } from './forwarded-request.js'
import { dated, untilOf, type Received } from './keeping.js'
import { ageOf, policyOf } from './policy.js'
import { isStorable, storedHeaders } from './storable.js'
import type { StoredResponse } from './stored-response.js'
import { tagsOf } from './tags.js'
import { renewed } from './validation.js'

/** @returns undefined if the store has lost the body meanwhile; nothing was answered then */
export async function freshen<P>(
  request: ForwardedRequest<P>,
  stored: StoredResponse,
  received: Received,
): Promise<Body | undefined> {
  const { environ, startResponse, key, forwarded } = request.asked
  const { store, rules, status, keepStale, shown } = request.settings
  await request.discard(received)
  const { receivedAt, requestedAt, tick } = received
  const update = shown(storedHeaders(dated(received.headers, receivedAt)))
  const cookies = update.filter(([name]) => name === 'set-cookie')
  const headers = renewed(
    stored.headers,
    rules.cookies ? update : update.filter(([name]) => name !== 'set-cookie'),
  )
  const tags = tagsOf(received.headers)
  const now = {
    ...stored,
    headers,
    requestedAt,
    receivedAt,
    tick,
    tags: tags.length > 0 ? tags : stored.tags,
  }
  const response = { ...now, until: untilOf(now, rules.share, keepStale) }
  const policy = policyOf(response, rules.share)
  const age = ageOf(response, policy, Date.now())
  const ttl = policy.lifetime - age
  const storable = isStorable(environ, stored.status, headers, rules, receivedAt)
  if (ttl <= 0 || policy.noCache) request.inVain()
  if (storable) await store.put(key, response, undefined, environ)
  const sent = status.went(
    [...policy.headers, ...(rules.cookies ? [] : cookies), ['age', String(Math.floor(age))]],
    { forwarded, status: 304, stored: storable, ttl },
  )
  const body = await deliver(environ, startResponse, response, sent, () =>
    store.body(key, stored, environ),
  )
  // With credentials it says nothing of what others get.
  const isForAll = environ.HTTP_AUTHORIZATION === undefined
  if (!storable && isForAll) await store.purge({ keys: [key] }, environ)
  request.land()
  return body
}
