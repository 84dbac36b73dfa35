// A response of the app's is the answer, and stored as it passes if it may be (RFC 9111 §3).
import {
  closeBody,
  isWhole,
  notModified,
  precondition,
  readAll,
  reportThrown,
  type Body,
  type Chunk,
  type Environ,
  type HeaderList,
} from '@robaccia/core'
import { deliver } from './delivery.js'
import { field } from './field.js'
import type { ForwardedRequest } from './forwarded-request.js'
import { complete, storedOf, type Received } from './keeping.js'
import { ageOf, policyOf } from './policy.js'
import { Recording } from './recording.js'
import type { StoredResponse } from './stored-response.js'
import { passUnstored } from './unstored.js'

/** What is sent, and what is stored of it when all of it has come. */
interface Passing {
  readonly received: Received
  readonly stored: StoredResponse
  /** The headers for the client. */
  readonly sent: HeaderList
  /** The client has it already: a 304 will do. */
  readonly unchanged: boolean
}

export async function passAndStore<P>(
  request: ForwardedRequest<P>,
  received: Received,
): Promise<Body> {
  const { asked, settings } = request
  const { environ, forwarded } = asked
  const { status, headers, body } = received
  const stored = request.isLate ? undefined : storedOf(environ, received, settings)
  const ttl = stored && ttlOf(stored, settings.rules.share)
  const sent = settings.status.went(settings.shown(headers), {
    forwarded,
    status,
    ...(ttl === undefined ? {} : { ttl, stored: true }),
  })
  // The client's condition did not go to the app.
  const unchanged =
    status === 200 && environ.REQUEST_METHOD === 'GET' && isUnchanged(environ, headers)
  if (stored === undefined) {
    request.landInVain()
    return passUnstored(request, received, sent, unchanged)
  }
  if (ttl === undefined || ttl <= 0) request.inVain()
  const passing = { received, stored, sent, unchanged }
  return isWhole(body)
    ? passWhole(request, passing, await readAll(body))
    : passStream(request, passing, body)
}

function ttlOf(response: StoredResponse, share: number): number {
  const policy = policyOf(response, share)
  return policy.noCache ? 0 : policy.lifetime - ageOf(response, policy, Date.now())
}

function isUnchanged(environ: Environ, headers: HeaderList): boolean {
  const validators = { etag: field(headers, 'etag'), lastModified: field(headers, 'last-modified') }
  return precondition(environ, validators) === 304
}

async function passWhole<P>(
  request: ForwardedRequest<P>,
  { received, stored, sent }: Passing,
  bytes: Uint8Array,
): Promise<Body> {
  const { environ, startResponse } = request.asked
  keep(request, stored, bytes)
  await request.end(received, { bytes: bytes.byteLength, aborted: false })
  // Its conditions and its range are met here.
  return (await deliver(environ, startResponse, stored, sent, () => bytes)) ?? []
}

async function passStream<P>(
  request: ForwardedRequest<P>,
  { received, stored, sent, unchanged }: Passing,
  body: AsyncIterable<Chunk> & Body,
): Promise<Body> {
  const { asked, settings } = request
  const { environ, startResponse, background } = asked
  // Before the first chunk, with which the app may say that it is an error.
  startResponse(unchanged ? 304 : received.status, unchanged ? notModified(sent) : sent)
  const recording = new Recording(body, {
    budget: settings.budget,
    limit: settings.maxBody,
    goesOn: () => unchanged || background === true || request.isAwaited,
    abandoned: () => request.abort(),
    kept: (bytes) => keep(request, stored, bytes),
    ended: (bytes, error, unread) => {
      if (error !== undefined && unread) reportThrown(error, environ)
      return request.end(received, { bytes, aborted: error !== undefined, error })
    },
  })
  // It begins at once, and may have said so at once.
  request.whenLate(() => recording.spoil())
  if (!unchanged) return recording.body
  await closeBody(recording.body)
  return []
}

/** Stores it, if all of it came. At once, if the store is in this process: whoever comes next finds it. */
function keep<P>(
  request: ForwardedRequest<P>,
  response: StoredResponse,
  bytes: Uint8Array | undefined,
): void {
  const { asked, settings } = request
  const { key, environ } = asked
  const whole = bytes && complete(response, bytes, settings.maxBody)
  if (bytes === undefined || whole === undefined) {
    request.landInVain()
    return
  }
  const put = settings.store.put(key, whole, bytes, environ)
  if (put instanceof Promise) void put.then(() => request.land())
  else request.land()
}
