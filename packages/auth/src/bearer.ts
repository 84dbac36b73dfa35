// Tokens of programs: HTTP's Bearer scheme (RFC 6750). Only the header is read: a token in a URL ends up in logs.
import type { Environ, Middleware } from '@robaccia/core'
import { challenge, credentials, introduceUser, quoted, unauthorized } from './challenge.js'
import { askedByStranger, askedFor } from './personal.js'
import type { User } from './user.js'

export interface BearerOptions {
  /** Finds the user whose token it is, else gives undefined. Keep tokens hashed, and look up the hash. */
  readonly verify: (token: string, environ: Environ) => User | undefined | Promise<User | undefined>
  /** What is guarded, for people: `site` unless given. */
  readonly realm?: string
  /** Lets requests without a token through, as a stranger's: for sites where `allow` says who may see what. */
  readonly optional?: boolean
}

/** RFC 6750 §2.1. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/

/**
 * Lets in who sends a token that `verify` knows, and puts the user into `environ['auth.user']`. Others get a 401. What a
 * user gets is `private`, as with `basic`. Use it over TLS only.
 *
 * @throws TypeError without `verify`, and for a realm that a header can't have
 */
export function bearer({ verify, realm = 'site', optional = false }: BearerOptions): Middleware {
  assertVerify('bearer', verify)
  const plain = `Bearer realm=${quoted('bearer: realm', realm)}`
  // RFC 6750 §3.1: who sent nothing is told nothing more.
  const invalid = `${plain}, error="invalid_token"`
  return (app) => async (environ, startResponse) => {
    const token = credentials(environ, 'bearer')
    if (token === undefined) {
      challenge(environ, plain)
      return optional
        ? askedByStranger(app, environ, startResponse)
        : unauthorized(environ, startResponse)
    }
    const user = TOKEN.test(token) ? await verify(token, environ) : undefined
    if (user === undefined) {
      challenge(environ, invalid)
      return unauthorized(environ, startResponse)
    }
    introduceUser(environ, user)
    challenge(environ, plain)
    return askedFor(app, environ, startResponse)
  }
}

export function assertVerify(subject: string, verify: unknown): void {
  if (typeof verify === 'function') return
  throw new TypeError(
    `${subject}: verify must be a function that finds the user, got ${typeof verify}`,
  )
}
