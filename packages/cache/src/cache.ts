// A shared HTTP cache in front of any app, as of RFC 9111. What is stored and when it is used is decided by headers alone,
// by pure functions in files of their own; here they are put in the way of requests.
import {
  callApp,
  closeBody,
  copyOf,
  empty,
  type App,
  type Body,
  type Environ,
  type EnvironWith,
  type Middleware,
  type StartResponse,
} from '@robaccia/core'
import { keyOfUrl } from './cache-key.js'
import type { Forwarded } from './cache-status.js'
import { choose, type Aged, type Choice } from './choice.js'
import { deliver } from './delivery.js'
import { directivesOf } from './directives.js'
import { fetchFor } from './fetching.js'
import { landed } from './flights.js'
import type { Asked } from './forwarded-request.js'
import { safe } from './invalidation.js'
import { settingsOf, type CacheOptions, type Settings } from './settings.js'
import type { Found, Soon } from './store.js'
import { passHead, passUnsafe, purgeTags } from './writing-through.js'

/** The middleware, and what purges it. */
export interface Cache extends Middleware {
  /**
   * Makes all that is stored of a URL out of date: every variant of it.
   *
   * @throws TypeError for what is no http or https URL
   */
  purge(url: string): Promise<void>
  /** Makes all responses out of date that have a tag in their `cache-tag` or `cache-groups`. */
  purgeTag(tag: string): Promise<void>
  /** Makes everything out of date: after a release, say. */
  purgeAll(): Promise<void>
}

/**
 * Makes a cache. It stores what responses allow a shared cache to store, and answers with that as long as it is fresh,
 * validates it when it is stale, and drops it when an unsafe method succeeds at its URL, or says that it is out of date
 * (`cache-group-invalidation`, RFC 9875).
 *
 * @throws TypeError for options that it can't have
 *
 * @example
 * const pages = cache()
 * const site = compose(errors(), compress(), pages, conditional())(urls)
 */
export function cache(options: CacheOptions = {}): Cache {
  const settings = settingsOf(options)
  const { flights, store: guarded } = settings
  const middleware =
    <P>(app: App<P>): App<P> =>
    (environ, startResponse) =>
      answer({ app, environ, startResponse, settings })
  return Object.assign(middleware, {
    async purge(url: string) {
      const key = keyOfUrl(url)
      flights.forget([key])
      await guarded.purge({ keys: [key] }, undefined)
    },
    async purgeTag(tag: string) {
      await purgeTags([tag], settings)
    },
    async purgeAll() {
      flights.forgetAll()
      await guarded.purge({ all: true }, undefined)
    },
  })
}

/** A request, and what it is answered with. */
export interface Exchange<P> {
  readonly app: App<P>
  readonly environ: EnvironWith<P>
  readonly startResponse: StartResponse
  readonly settings: Settings
}

/** At once, if the store answers at once and has what is asked for: that is what a cache is for. */
function answer<P>(exchange: Exchange<P>): Soon<Body> {
  const { environ, settings } = exchange
  const { REQUEST_METHOD: method } = environ
  if (method !== 'GET' && method !== 'HEAD') {
    return safe.has(method) ? pass(exchange, 'method') : passUnsafe(exchange)
  }
  const key = isBypassed(environ) ? undefined : settings.keyOf(environ)
  if (key === undefined) return pass(exchange, 'bypass')
  const found = settings.store.find(key, environ)
  return found instanceof Promise
    ? found.then((those) => answerWith(exchange, key, those))
    : answerWith(exchange, key, found)
}

/**
 * What no stored response may answer, nor its answer be stored: a GET with a body, which is in no key, and conditions
 * that are for the app alone (RFC 9111 §4.3.2).
 */
function isBypassed(environ: Environ): boolean {
  return (
    (environ.CONTENT_LENGTH !== undefined && environ.CONTENT_LENGTH !== '0') ||
    environ.HTTP_TRANSFER_ENCODING !== undefined ||
    environ.HTTP_IF_MATCH !== undefined ||
    environ.HTTP_IF_UNMODIFIED_SINCE !== undefined
  )
}

function answerWith<P>(exchange: Exchange<P>, key: string, found: Found | undefined): Soon<Body> {
  if (found === undefined) return pass(exchange, 'bypass', 'store')
  const choice = chosen(exchange, found)
  if (choice.use === 'app') return fromApp(exchange, key, found, choice)
  const body = fromStore(exchange, key, choice.aged)
  if (choice.renew) renew(exchange, key, found, choice.aged)
  if (body instanceof Promise) {
    return body.then((it) => it ?? fromApp(exchange, key, found, gone))
  }
  return body ?? fromApp(exchange, key, found, gone)
}

/** The store had a response, but no longer its body. */
const gone: Choice & { use: 'app' } = { use: 'app', forwarded: 'uri-miss', aged: undefined }

function chosen<P>({ environ, settings }: Exchange<P>, { responses }: Found): Choice {
  return choose(environ, responses, Date.now(), settings.rules.share)
}

function fromStore<P>(
  { environ, startResponse, settings: { status, store } }: Exchange<P>,
  key: string,
  { response, policy, age, ttl }: Aged,
  waited?: Forwarded,
): Soon<Body | undefined> {
  const headers =
    waited === undefined
      ? status.hit(policy.headers, age, ttl)
      : status.went([...policy.headers, ['age', String(Math.floor(age))]], {
          forwarded: waited,
          ttl,
          collapsed: true,
        })
  if (response.route !== undefined) environ['robaccia.notes'].route ??= response.route
  return deliver(environ, startResponse, response, headers, () =>
    store.body(key, response, environ),
  )
}

/** Validates what was just used, unless somebody does. */
function renew<P>(exchange: Exchange<P>, key: string, { tick }: Found, aged: Aged): void {
  const { app, environ, settings } = exchange
  if (settings.flights.has(key)) return
  const asked: Asked<P> = {
    app,
    // Nobody reads what comes of it, so it is not asked for in parts.
    environ: copyOf(environ, { REQUEST_METHOD: 'GET' }),
    startResponse: () => {},
    key,
    tick,
    forwarded: 'stale',
    aged,
    background: true,
  }
  // What fails was reported.
  void fetchFor(asked, settings)
    .then(closeBody)
    .catch(() => {})
}

async function fromApp<P>(
  exchange: Exchange<P>,
  key: string,
  found: Found,
  choice: Choice & { use: 'app' },
): Promise<Body> {
  const { app, environ, startResponse, settings } = exchange
  const request = directivesOf(environ.HTTP_CACHE_CONTROL)
  if (request.has('only-if-cached')) {
    return empty(environ, startResponse, 504, settings.status.went([], { forwarded: 'request' }))
  }
  if (request.has('no-store')) return pass(exchange, 'request')
  if (environ.REQUEST_METHOD === 'HEAD') return passHead(exchange, key, found, choice)
  // The whole of what may be large is not fetched for a part of it, and nobody waits for that.
  if (environ.HTTP_RANGE !== undefined && choice.aged === undefined) {
    const { forwarded, aged } = choice
    return fetchFor(
      { app, environ, startResponse, key, tick: found.tick, forwarded, aged, part: true },
      settings,
    )
  }
  const until = Date.now() + settings.collapseTime
  let now = found
  let { forwarded, aged } = choice
  for (;;) {
    const flight = forwarded === 'request' ? undefined : settings.flights.toJoin(key)
    if (flight === undefined || !(await landed(flight, until - Date.now()))) break
    environ['robaccia.server'].signal.throwIfAborted()
    const again = await settings.store.find(key, environ)
    if (again === undefined) break
    now = again
    const next = chosen(exchange, now)
    if (next.use === 'stored') {
      const body = await fromStore(exchange, key, next.aged, forwarded)
      if (body !== undefined) return body
      break
    }
    ;({ forwarded, aged } = next)
  }
  return fetchFor({ app, environ, startResponse, key, tick: now.tick, forwarded, aged }, settings)
}

/** Hands a request on, and its answer back: nothing of it is stored. */
async function pass<P>(
  { app, environ, startResponse, settings: { status: says, shown } }: Exchange<P>,
  forwarded: Forwarded,
  detail?: string,
): Promise<Body> {
  const { status, headers, body } = await callApp(app, environ, startResponse)
  startResponse(
    status,
    says.went(shown(headers), { forwarded, status, ...(detail === undefined ? {} : { detail }) }),
  )
  return body
}
