// Sessions kept on the server: the visitor has a cookie with an id, and nothing else.
import {
  callApp,
  closeBody,
  type Environ,
  type HeaderList,
  type Middleware,
  type StartResponse,
} from '@robaccia/core'
import { randomBytes } from 'node:crypto'
import { memoryStore } from './memory-store.js'
import { personal, personalError } from './personal.js'
import { redisAt } from './redis-at.js'
import { storeBy } from './redis-store.js'
import type { Session } from './session.js'
import { sessionCookie } from './session-cookie.js'
import { lifeTimes, SessionLife } from './session-life.js'
import type { SessionStore } from './session-store.js'
import { isSitePath } from './site-path.js'
import { orUnavailable } from './unavailable.js'
import type { User } from './user.js'

declare module '@robaccia/core' {
  interface Environ {
    /** The visitor's session, inside `sessions`; `sessionOf` gives it without a question mark. */
    'auth.session'?: Session
  }
}

export interface SessionsOptions {
  /**
   * Signs the cookie: at least 32 random characters, or several such, the newest first; the older ones still count.
   * Without a `store` one is made: sessions in this process's memory end with it anyway.
   */
  readonly secret?: string | readonly string[] | undefined
  /**
   * `memoryStore()` unless given, which is for one process. A URL of Redis (`redis://user:password@host:port/database`, or
   * `rediss://` for TLS) keeps them there, by the package `redis`.
   */
  readonly store?: SessionStore | string | undefined
  /** Milliseconds without a request after which a session ends: an hour unless given. */
  readonly idle?: number
  /** Milliseconds after which a session ends, used or not: a day unless given. */
  readonly absolute?: number
  /** Keeps the cookie when the browser is closed, until the absolute end. */
  readonly persistent?: boolean
  /** The cookie's name, which has `__Host-` in front on https: `session` unless given. */
  readonly name?: string
  /** The most bytes that a session may hold: 65,536 unless given. */
  readonly limit?: number
  /**
   * The path of the page where people log in, below where `sessions` stands, or a function that gives the whole one;
   * `allow` sends strangers there.
   */
  readonly login?: string | ((environ: Environ) => string)
  /** Gives the session's user as they are now, and undefined for one who may no longer be here: that ends the session. */
  readonly reload?: (user: User, environ: Environ) => User | undefined | Promise<User | undefined>
}

/**
 * Gives each visitor a session, in `environ['auth.session']` and by `sessionOf`, and the user who has logged in, in
 * `environ['auth.user']`. None is made before something is set. It is saved when the app has answered and before the
 * head is sent; what an app that throws has changed is dropped. A response for which it was read or changed gets
 * `vary: cookie` and `cache-control: private`; of an error's answer to somebody who has a session that is assumed, since
 * its page is made further out.
 *
 * The times are those that NIST SP 800-63B-4 §2.2.3 recommends for logins that matter.
 *
 * @throws TypeError for options that it can't have, for a `store` without a `secret`, and for a URL without the package
 * `redis`
 * @throws (from the app that it makes) 503 when the store fails: where the session is first asked for, or saved
 *
 * @example
 * compose(sessions({ secret: process.env.SESSION_SECRET, store: 'redis://localhost' }), sameOrigin())(urls)
 */
export function sessions(options: SessionsOptions = {}): Middleware {
  const { persistent = false, name = 'session', login, reload } = options
  const store = storeOf(options.store)
  const cookie = sessionCookie(
    name,
    options.secret === undefined ? ownSecret(options.store) : options.secret,
  )
  const life = { ...lifeTimes(options), store: orUnavailable(store), cookie, persistent, reload }
  if (typeof login === 'string') assertPath(login)

  return (app) => async (environ, startResponse) => {
    const here = await SessionLife.begin(life, environ)
    const { session } = here
    environ['auth.session'] = session
    const root = rootOf(environ)
    environ['auth.root'] = root
    if (login !== undefined)
      environ['auth.login'] = typeof login === 'function' ? login(environ) : root + login
    const settle = introduce(environ, here)

    let added: HeaderList = []
    const complete = (headers: HeaderList): HeaderList => {
      const own = [...headers, ...added]
      return session.touched ? personal(own, 'cookie') : own
    }
    const late: StartResponse = (status, headers, error) =>
      startResponse(status, complete(headers), error)
    let answered
    try {
      answered = await callApp(app, environ, late)
    } catch (error) {
      settle(true)
      throw session.touched || here.exists ? personalError(error, 'cookie') : error
    }
    const { status, headers, body } = answered
    settle(status >= 400)
    try {
      added = await here.save()
    } catch (error) {
      await closeBody(body)
      throw error
    }
    startResponse(status, complete(headers))
    return body
  }
}

/**
 * Puts the user into the environ, as an accessor: whoever reads it has read the session. Copies may have it too. What is
 * given back ends that, when the answer is made: from then on it is what it was, in all of them.
 */
function introduce(environ: Environ, { session, exists }: SessionLife): (isError: boolean) => void {
  const outer = environ['auth.user']
  let settled: { readonly user: User | undefined } | undefined
  const get = () => (settled === undefined ? (session.user ?? outer) : settled.user)
  Object.defineProperty(environ, 'auth.user', {
    get,
    // `basic` and the like, further in, know better.
    set(this: Environ, value: User | undefined) {
      const plain = { value, configurable: true, enumerable: true, writable: true }
      Object.defineProperty(this, 'auth.user', plain)
    },
    configurable: true,
    enumerable: true,
  })
  return (isError) => {
    // A page for the error may show who is there: then the answer says that it is theirs.
    const isKnown = !session.failed && (session.touched || (isError && exists))
    settled = { user: isKnown ? get() : outer }
    const isOurs = Object.getOwnPropertyDescriptor(environ, 'auth.user')?.get === get
    const name = session.known?.name
    if (isOurs && name !== undefined) environ['robaccia.notes'].user = name
    session.seal()
  }
}

/**
 * The request's session.
 *
 * @throws TypeError outside `sessions`
 */
export function sessionOf(environ: Environ): Session {
  const session = environ['auth.session']
  if (session === undefined) {
    throw new TypeError('an app that asks for the session must be inside sessions(), got none')
  }
  return session
}

/** An open end of a selector's takes what a client sends: what leads to another host is no place of ours. */
function rootOf({ SCRIPT_NAME: root }: Environ): string {
  return isSitePath(`${root}/`) ? root : ''
}

function storeOf(store: SessionStore | string = memoryStore()): SessionStore {
  if (typeof store === 'object' && store !== null) return store
  return storeBy(redisAt(store, 'sessions: store', 'a store'))
}

/** @throws TypeError where others must know it too */
function ownSecret(store: SessionStore | string | undefined): string {
  if (store === undefined) return randomBytes(32).toString('base64')
  throw new TypeError(
    'sessions: secret must be given with a store, got none: other processes that use the store, and this one after a ' +
      'restart, must read the cookies. `openssl rand -base64 32` makes one',
  )
}

function assertPath(login: string): void {
  if (/^\/(?![/\\])/.test(login)) return
  throw new TypeError(
    `sessions: login must be a path that begins with '/', got ${JSON.stringify(login)}`,
  )
}
