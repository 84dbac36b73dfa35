// What becomes of a response in the store: its head, and how long it is kept.
import { randomUUID } from 'node:crypto'
import type { Environ, HeaderList, Response } from '@robaccia/core'
import { field } from './field.js'
import { policyOf } from './policy.js'
import type { Settings } from './settings.js'
import { isStorable, isValidatable, storedHeaders } from './storable.js'
import type { StoredResponse } from './stored-response.js'
import { tagsOf } from './tags.js'
import { variantOf, variesWith } from './vary.js'

/** What was received, and when. */
export interface Received extends Response {
  readonly requestedAt: number
  readonly receivedAt: number
  /** The store's clock when it was asked for. */
  readonly tick: number
}

/** The head of what will be stored; undefined for what is not to be. Its length is known when the body has come. */
export function storedOf(
  environ: Environ,
  { status, headers, requestedAt, receivedAt, tick }: Received,
  { rules, vary, maxBody, keepStale, shown }: Settings,
  explicit = false,
): StoredResponse | undefined {
  const kept = storedHeaders(dated(headers, receivedAt))
  if (!isStorable(environ, status, kept, rules, receivedAt, explicit)) return undefined
  if (Number(field(headers, 'content-length') ?? 0) > maxBody) return undefined
  const variant = variantOf(variesWith(kept, vary) ?? [], environ)
  const { route } = environ['robaccia.notes']
  const response = {
    id: randomUUID(),
    // A part is beside the whole, and beside other parts.
    variant: JSON.stringify(status === 206 ? [...variant, field(kept, 'content-range')] : variant),
    status,
    headers: shown(kept),
    vary: variant,
    requestedAt,
    receivedAt,
    until: 0,
    length: 0,
    tags: tagsOf(headers),
    tick,
    ...(route === undefined ? {} : { route }),
  }
  return { ...response, until: untilOf(response, rules.share, keepStale) }
}

/** A response that is stored has a date; servers add it only when they send one (RFC 9110 §6.6.1). */
export function dated(headers: HeaderList, receivedAt: number): HeaderList {
  if (headers.some(([name]) => name === 'date')) return headers
  return [...headers, ['date', new Date(receivedAt).toUTCString()]]
}

/** A month: nothing is kept for longer, however long it is fresh. */
export const LONGEST_KEPT: number = 30 * 86_400_000

/** Until when a response can be used, be it stale, in milliseconds since 1970. */
export function untilOf(response: StoredResponse, share: number, keepStale: number): number {
  const policy = policyOf(response, share)
  const fresh = Math.max(0, policy.lifetime - policy.initialAge) * 1000
  const stale = Math.max(policy.whileRevalidating, policy.ifError) * 1000
  const useless = policy.strict && !isValidatable(response.headers)
  const kept = fresh + (useless ? 0 : Math.max(stale, keepStale))
  return response.receivedAt + Math.min(kept, LONGEST_KEPT)
}

/** A response whose body is here, as it is stored; undefined if it is too long, or not as long as was said. */
export function complete(
  stored: StoredResponse,
  bytes: Uint8Array,
  maxBody: number,
): StoredResponse | undefined {
  const { byteLength: length } = bytes
  const said = field(stored.headers, 'content-length')
  if (length > maxBody || (said !== undefined && Number(said) !== length)) return undefined
  return { ...stored, length }
}
