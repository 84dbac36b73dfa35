// A name and a password with each request: HTTP's Basic scheme (RFC 7617).
import type { Environ, Middleware } from '@robaccia/core'
import createError from 'http-errors'
import { assertVerify } from './bearer.js'
import { challenge, credentials, introduceUser, quoted, unauthorized } from './challenge.js'
import { clientAddress } from './client-address.js'
import { askedByStranger, askedFor } from './personal.js'
import { throttle, type Attempt, type Throttle } from './throttle.js'
import type { VerifyPassword } from './user.js'
import { Verified } from './verified.js'

export interface BasicOptions {
  /** What is guarded, for people: browsers show it. */
  readonly realm: string
  readonly verify: VerifyPassword
  /** Lets requests without credentials through, as a stranger's: for sites where `allow` says who may see what. */
  readonly optional?: boolean
  /** Counts failed attempts: `throttle()` unless given. */
  readonly throttle?: Throttle
  /** Milliseconds for which credentials that were right are not checked again: a minute unless given; 0 for none. */
  readonly remember?: number
}

/**
 * Lets in who sends a name and password that `verify` knows, and puts the user into `environ['auth.user']`. Others get a
 * 401, for which browsers ask their user, and 429 after too many. What a user gets is `private`, whatever the app says, so
 * that no cache further out gives it to others (RFC 9111 §3.5). Use it over TLS only.
 *
 * @throws TypeError without `verify`, for a realm that a header can't have, and a time that is none
 *
 * @example
 * basic({ realm: 'Staff', verify: async (name, password) => (await isRight(name, password)) ? { name } : undefined })
 */
export function basic(options: BasicOptions): Middleware {
  const {
    realm,
    verify,
    optional = false,
    throttle: counting = throttle(),
    remember = 60_000,
  } = options
  assertVerify('basic', verify)
  if (!(Number.isSafeInteger(remember) && remember >= 0)) {
    throw new TypeError(`basic: remember must be an integer of at least 0, got ${String(remember)}`)
  }
  const own = `Basic realm=${quoted('basic: realm', realm)}, charset="UTF-8"`
  const verified = new Verified(remember)

  function attempt(environ: Environ, name: string, password: string): Promise<Attempt> {
    return verified.attempt(clientAddress(environ), name, password, () =>
      counting.attempt(environ, name, () => verify(name, password)),
    )
  }

  return (app) => async (environ, startResponse) => {
    challenge(environ, own)
    const sent = credentials(environ, 'basic')
    if (sent === undefined) {
      return optional
        ? askedByStranger(app, environ, startResponse)
        : unauthorized(environ, startResponse)
    }
    const pair = decoded(sent)
    if (pair === undefined) return unauthorized(environ, startResponse)
    const { user, wait } = await attempt(environ, pair.name, pair.password)
    if (wait !== undefined) throw tooMany(wait)
    if (user === undefined) return unauthorized(environ, startResponse)
    introduceUser(environ, user)
    return askedFor(app, environ, startResponse)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** RFC 7617 §2: base64 of `name:password`, in UTF-8, without control characters. */
function decoded(sent: string): { name: string; password: string } | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(sent)) return undefined
  let text: string
  try {
    text = utf8.decode(Buffer.from(sent, 'base64'))
  } catch {
    return undefined
  }
  const colon = text.indexOf(':')
  if (colon === -1 || /\p{Cc}/u.test(text)) return undefined
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

export function tooMany(seconds: number): createError.HttpError {
  return createError(429, 'There were too many attempts. Wait a while, then try again.', {
    headers: { 'retry-after': String(seconds) },
  })
}
