// So many requests in so much time, round any app.
import type { Environ, HeaderList, Middleware } from '@robaccia/core'
import createError from 'http-errors'
import { clientAddress } from './client-address.js'
import { count, type Counters } from './counters.js'
import { countersOf } from './counters-of.js'
import { withHeaders } from './error-headers.js'
import { positive, wholeSeconds } from './limit.js'

export interface RateLimitOptions {
  /** The most requests in the time. */
  readonly limit: number
  /** The time in milliseconds, in whole seconds, from a client's first request on: a minute unless given. */
  readonly window?: number
  /** Whose requests are counted together: by address unless given. Where it gives undefined, the request is not counted. */
  readonly key?: (environ: Environ) => string | undefined | Promise<string | undefined>
  /** What clients are told that the limit is called, and keeps its counter apart from others: `default` unless given. */
  readonly name?: string
  /**
   * Where it counts: in this process's memory unless given. A URL of Redis (`redis://user:password@host:port/database`, or
   * `rediss://` for TLS) counts there, by the package `redis`.
   */
  readonly counters?: Counters | string | undefined
}

/**
 * Lets so many requests through, and answers more with 429 and `retry-after`. Each response says how many are left, in
 * `ratelimit-policy` and `ratelimit` (draft-ietf-httpapi-ratelimit-headers-11 §3 and §4), also that to an http-errors error
 * which the app throws. Behind a proxy `proxied` must stand further out, or all clients are one.
 *
 * @throws TypeError for numbers and counters that are none, a name that a header can't have, and a URL without the package
 * `redis`
 * @throws (from the app that it makes) 429, and what the place throws where it counts
 *
 * @example
 * rateLimit({ limit: 100 })(api)
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { key = clientAddress, name = 'default' } = options
  const counters = countersOf('rateLimit', options.counters)
  const limit = positive('rateLimit: limit', options.limit)
  const seconds = wholeSeconds('rateLimit: window', options.window ?? 60_000)
  if (!/^[\w.-]+$/.test(name)) {
    throw new TypeError(
      `rateLimit: name must be letters, digits, '-', '_' and '.', got ${JSON.stringify(name)}`,
    )
  }
  const counter = counters({ name: `rate.${name}`, points: limit, seconds })
  const policy = `"${name}";q=${limit};w=${seconds}`
  const isOurs = ([header, value]: HeaderList[number]) =>
    header.startsWith('ratelimit') && value.startsWith(`"${name}";`)
  return (app) => async (environ, startResponse) => {
    const who = await key(environ)
    if (who === undefined) return app(environ, startResponse)
    const now = await count(counter, who)
    const told: HeaderList = [
      ['ratelimit-policy', policy],
      ['ratelimit', `"${name}";r=${now.remaining};t=${now.seconds}`],
    ]
    if (now.over) {
      throw createError(429, 'There were too many requests. Wait a while, then try again.', {
        headers: { ...Object.fromEntries(told), 'retry-after': String(now.seconds) },
      })
    }
    try {
      return await app(environ, (status, headers, error) =>
        startResponse(status, [...headers, ...told], error),
      )
    } catch (error) {
      // An app may throw the same error again and again.
      throw withHeaders(error, (headers) => [...headers.filter((each) => !isOurs(each)), ...told])
    }
  }
}
