// The cookie that holds a session's id. On https its name has the prefix `__Host-`, so that no other host, above or
// below, and no plain http can set it (RFC 6265bis §4.1.3.2); browsers refuse that prefix on http.
import { cookies, type Environ } from '@robaccia/core'
import { stringifySetCookie } from 'cookie'
import Keygrip from 'keygrip'
import { createHash, randomBytes } from 'node:crypto'
import { signingKeys } from './signing-keys.js'

/** What a request's cookie says. */
export interface Carried {
  readonly id: string
  /** It is signed with an older key, and must be set anew before that one is dropped. */
  readonly old: boolean
}

export interface SessionCookie {
  /** What the request brings, if it is signed with one of the keys. */
  read(environ: Environ): Carried | undefined
  /** A `set-cookie` value. @param age seconds; undefined until the browser is closed */
  set(environ: Environ, id: string, age: number | undefined): string
  /** A `set-cookie` value that deletes it. */
  clear(environ: Environ): string
}

const FORM = /^([\w-]{43})\.([\w-]{43})$/

/** @throws TypeError for a name that is no token, and for keys that are too short */
export function sessionCookie(plain: string, secret: string | readonly string[]): SessionCookie {
  if (!/^[\w.-]+$/.test(plain) || plain.startsWith('__')) {
    throw new TypeError(
      `sessions: name must be letters, digits, '-', '_' and '.', and not begin with '__', got ${JSON.stringify(plain)}`,
    )
  }
  // It compares in constant time, and takes the older keys too.
  const keys = new Keygrip(signingKeys('sessions: secret', secret), 'sha256', 'base64')
  const nameFor = (environ: Environ) => (isSecure(environ) ? `__Host-${plain}` : plain)
  const cookie = (environ: Environ, value: string, age: number | undefined) =>
    stringifySetCookie({
      name: nameFor(environ),
      value,
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: isSecure(environ),
      ...(age === undefined ? {} : { maxAge: age }),
    })
  // The name is signed too: what was seen on plain http is of no use on https.
  const signed = (environ: Environ, id: string) => `${nameFor(environ)}=${id}`
  return {
    read(environ) {
      const [, id, signature] = FORM.exec(cookies(environ)[nameFor(environ)] ?? '') ?? []
      if (id === undefined || signature === undefined) return undefined
      const index = keys.index(signed(environ, id), signature)
      return index === -1 ? undefined : { id, old: index > 0 }
    },
    set: (environ, id, age) => cookie(environ, `${id}.${keys.sign(signed(environ, id))}`, age),
    clear: (environ) => cookie(environ, '', 0),
  }
}

/** 256 bits that nobody can guess. */
export function newId(): string {
  return randomBytes(32).toString('base64url')
}

/** What the store knows an id by. The id is random, so that a plain hash does: nobody can try them all. */
export function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}

function isSecure(environ: Environ): boolean {
  return environ['robaccia.url_scheme'] === 'https'
}
