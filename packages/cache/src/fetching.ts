// Asks the app for a response, for all who wait for it: as a request of its own, so that a client that leaves cancels it
// for nobody else, and without what is in no key.
import {
  answerTo,
  callApp,
  closeBody,
  isWhole,
  notModified,
  precondition,
  readAll,
  reportThrown,
  subrequest,
  type App,
  type Body,
  type Chunk,
  type EnvironWith,
  type HeaderList,
  type Response,
  type StartResponse,
  type Subrequest,
} from '@robaccia/core'
import type { Forwarded } from './cache-status.js'
import { isUsableStale, type Aged } from './choice.js'
import { deliver } from './delivery.js'
import { directivesOf, secondsOf } from './directives.js'
import { field } from './field.js'
import { Flight } from './flights.js'
import { complete, dated, storedOf, untilOf, type Received } from './keeping.js'
import { ageOf, policyOf } from './policy.js'
import { Recording } from './recording.js'
import type { Settings } from './settings.js'
import { isStorable, isValidatable, storedHeaders } from './storable.js'
import type { StoredResponse } from './stored-response.js'
import { tagsOf } from './tags.js'
import { unkeyed } from './unkeyed.js'
import { conditionsFor, renewed } from './validation.js'

/** What is asked for, and for whom. */
export interface Asked<P> {
  readonly app: App<P>
  readonly environ: EnvironWith<P>
  readonly startResponse: StartResponse
  readonly key: string
  /** The store's clock when it was looked into. */
  readonly tick: number
  readonly forwarded: Forwarded
  /** What is stored already, and can't be used as it is. */
  readonly aged: Aged | undefined
  /** Nobody waits for it: the client has been answered. */
  readonly background?: boolean
  /** A range is asked for, with the client's own conditions. */
  readonly part?: boolean
}

/** Fetches, stores and answers. */
export async function fetchFor<P>(asked: Asked<P>, settings: Settings): Promise<Body> {
  const { environ, key, aged } = asked
  const part = asked.part === true
  const flight = part ? new Flight() : settings.flights.begin(key)
  const validated = aged !== undefined && isValidatable(aged.response.headers) ? aged : undefined
  const request = subrequest(environ, {
    ...Object.fromEntries(unkeyed(environ, settings.vary).map((name) => [name, undefined])),
    ...(part ? {} : conditionsFor(validated?.response.headers)),
  })
  const fetching = new Fetching(asked, settings, flight, request)
  try {
    return await fetching.run(validated)
  } catch (error) {
    flight.land()
    throw error
  }
}

class Fetching<P> {
  readonly #asked: Asked<P>
  readonly #settings: Settings
  readonly #flight: Flight
  readonly #request: Subrequest<P>
  /** What keeps a body from being stored that says late that it is an error. */
  #spoil: (() => void) | undefined
  #late = false

  constructor(asked: Asked<P>, settings: Settings, flight: Flight, request: Subrequest<P>) {
    this.#asked = asked
    this.#settings = settings
    this.#flight = flight
    this.#request = request
  }

  async run(validated: Aged | undefined): Promise<Body> {
    const { app, environ, startResponse, tick, aged, background } = this.#asked
    const { signal } = environ['robaccia.server']
    const leave = (): void => {
      if (this.#flight.waiting === 0) this.#request.abort()
    }
    if (background !== true) {
      signal.addEventListener('abort', leave)
      // It may have left while the store was asked.
      if (signal.aborted) leave()
    }
    const requestedAt = Date.now()
    let response: Response
    try {
      response = await callApp(app, this.#request.environ, (status, headers, error) => {
        this.#late = true
        this.#spoil?.()
        startResponse(status, headers, error)
      })
    } catch (error) {
      return await this.#failed(error)
    } finally {
      signal.removeEventListener('abort', leave)
      if (background !== true) this.#takeNotes()
    }
    const received = { ...response, requestedAt, receivedAt: Date.now(), tick }
    if (response.status === 304 && validated !== undefined) {
      return this.#renew(validated.response, received)
    }
    if (aged !== undefined && isFailure(response.status) && this.#mayReplace(aged)) {
      await this.#discard(response)
      return this.#deliverStale(aged, response.status)
    }
    return this.#pass(received)
  }

  /** What the app noted is the client's too, the route above all. */
  #takeNotes(): void {
    const { report: _, ...notes } = this.#request.environ['robaccia.notes']
    Object.assign(this.#asked.environ['robaccia.notes'], notes)
  }

  /** The app threw: a stale response is better than none, unless it must not be used. */
  async #failed(error: unknown): Promise<Body> {
    const { environ, aged, background } = this.#asked
    const { status } = answerTo(error)
    await this.#request.end({ status, headers: [], bytes: 0, aborted: false, error })
    const { signal } = environ['robaccia.server']
    // By its own reason the server knows the client's leaving from an error of the app's.
    if (background !== true && signal.aborted) throw signal.reason
    if (status < 500) throw error
    if (background !== true) {
      if (aged === undefined || !isUsableStale(aged, this.#settings.keepStale / 1000)) throw error
    }
    reportThrown(error, environ)
    return aged === undefined ? [] : this.#deliverStale(aged, status)
  }

  /** Says whether a stale response may stand for an error (RFC 5861 §4). */
  #mayReplace(aged: Aged): boolean {
    const wanted = secondsOf(directivesOf(this.#asked.environ.HTTP_CACHE_CONTROL), 'stale-if-error')
    return isUsableStale(aged, Math.max(aged.policy.ifError, wanted ?? -1))
  }

  async #discard({ status, headers, body }: Response): Promise<void> {
    await closeBody(body)
    await this.#request.end({ status, headers, bytes: 0, aborted: false })
  }

  async #deliverStale({ response, policy, age, ttl }: Aged, status: number): Promise<Body> {
    this.#flight.land()
    const { environ, startResponse, forwarded, key } = this.#asked
    const headers = this.#settings.status.went(
      [...policy.headers, ['age', String(Math.floor(age))]],
      { forwarded, status, ttl, detail: 'stale' },
    )
    const body = await deliver(environ, startResponse, response, headers, () =>
      this.#settings.store.body(key, response, environ),
    )
    if (body !== undefined) return body
    throw new Error(`the app failed with ${status}, and the stored response was gone`)
  }

  /** A 304: what is stored is good again, with the headers that came. */
  async #renew(stored: StoredResponse, received: Received): Promise<Body> {
    const { environ, startResponse, key, forwarded } = this.#asked
    const { store, rules, status, keepStale, flights, shown } = this.#settings
    await this.#discard(received)
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
    if (ttl <= 0 || policy.noCache) flights.inVain(key)
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
    this.#flight.land()
    // The store has lost the body meanwhile: now without a condition.
    return body ?? fetchFor({ ...this.#asked, aged: undefined }, this.#settings)
  }

  /** Any other response: it is the answer, and stored if it may be. */
  async #pass(received: Received): Promise<Body> {
    const { environ, forwarded } = this.#asked
    const { status, headers, body } = received
    const stored = this.#late ? undefined : storedOf(environ, received, this.#settings)
    const ttl = stored && this.#ttl(stored)
    const sent = this.#settings.status.went(this.#settings.shown(headers), {
      forwarded,
      status,
      ...(ttl === undefined ? {} : { ttl, stored: true }),
    })
    // The client's condition did not go to the app.
    const unchanged =
      status === 200 && environ.REQUEST_METHOD === 'GET' && isUnchanged(environ, headers)
    if (stored === undefined) {
      this.#landInVain()
      return this.#passUnstored(received, sent, unchanged)
    }
    if (ttl === undefined || ttl <= 0) this.#settings.flights.inVain(this.#asked.key)
    return isWhole(body)
      ? this.#passWhole(received, stored, sent, await readAll(body))
      : this.#passStream(received, body, stored, sent, unchanged)
  }

  async #passWhole(
    received: Received,
    stored: StoredResponse,
    sent: HeaderList,
    bytes: Uint8Array,
  ): Promise<Body> {
    const { environ, startResponse } = this.#asked
    this.#keep(stored, bytes)
    await this.#end(received, bytes.byteLength, false)
    // Its conditions and its range are met here.
    return (await deliver(environ, startResponse, stored, sent, () => bytes)) ?? []
  }

  async #passStream(
    received: Received,
    body: AsyncIterable<Chunk> & Body,
    stored: StoredResponse,
    sent: HeaderList,
    unchanged: boolean,
  ): Promise<Body> {
    const { startResponse, background } = this.#asked
    // Before the first chunk, with which the app may say that it is an error.
    startResponse(unchanged ? 304 : received.status, unchanged ? notModified(sent) : sent)
    const recording = new Recording(body, {
      budget: this.#settings.budget,
      limit: this.#settings.maxBody,
      goesOn: () => unchanged || background === true || this.#flight.waiting > 0,
      abandoned: () => this.#request.abort(),
      kept: (bytes) => this.#keep(stored, bytes),
      ended: (bytes, error, unread) => {
        if (error !== undefined && unread) reportThrown(error, this.#asked.environ)
        return this.#end(received, bytes, error !== undefined, error)
      },
    })
    this.#spoil = () => recording.spoil()
    // It begins at once, and may have said so at once.
    if (this.#late) recording.spoil()
    if (!unchanged) return recording.body
    await closeBody(recording.body)
    return []
  }

  #ttl(response: StoredResponse): number {
    const policy = policyOf(response, this.#settings.rules.share)
    return policy.noCache ? 0 : policy.lifetime - ageOf(response, policy, Date.now())
  }

  /** Stores it, if all of it came. At once, if the store is in this process: whoever comes next finds it. */
  #keep(response: StoredResponse, bytes: Uint8Array | undefined): void {
    const { key, environ } = this.#asked
    const whole = bytes && complete(response, bytes, this.#settings.maxBody)
    if (bytes === undefined || whole === undefined) {
      this.#landInVain()
      return
    }
    const put = this.#settings.store.put(key, whole, bytes, environ)
    if (put instanceof Promise) void put.then(() => this.#flight.land())
    else this.#flight.land()
  }

  #landInVain(): void {
    if (this.#asked.part !== true) this.#settings.flights.inVain(this.#asked.key)
    this.#flight.land()
  }

  async #passUnstored(received: Received, sent: HeaderList, unchanged: boolean): Promise<Body> {
    const { startResponse } = this.#asked
    const { status, body } = received
    if (unchanged) {
      await this.#discard(received)
      startResponse(304, notModified(sent))
      return []
    }
    startResponse(status, sent)
    if (isWhole(body)) {
      const bytes = await readAll(body)
      await this.#end(received, bytes.byteLength, false)
      return [bytes]
    }
    let bytes = 0
    let whole = false
    let failed: unknown
    const { signal } = this.#asked.environ['robaccia.server']
    const leave = (): void => this.#request.abort()
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    return {
      async *[Symbol.asyncIterator]() {
        try {
          for await (const chunk of body) {
            bytes += chunk.length
            yield chunk
          }
          whole = true
        } catch (error) {
          failed = error
          throw error
        }
      },
      close: async () => {
        signal.removeEventListener('abort', leave)
        try {
          await closeBody(body)
        } finally {
          await this.#end(received, bytes, !whole, failed)
        }
      },
    }
  }

  async #end(
    { status, headers }: Response,
    bytes: number,
    aborted: boolean,
    error?: unknown,
  ): Promise<void> {
    await this.#request.end({
      status,
      headers,
      bytes,
      aborted,
      ...(error === undefined ? {} : { error }),
    })
  }
}

/** They say that something is broken for now (RFC 5861 §4). */
function isFailure(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}

function isUnchanged(environ: EnvironWith<unknown>, headers: HeaderList): boolean {
  const validators = { etag: field(headers, 'etag'), lastModified: field(headers, 'last-modified') }
  return precondition(environ, validators) === 304
}
