// What `basic` and `bearer` have in common: credentials in `Authorization`, and the 401 that asks for them.
import { empty, type Body, type Environ, type StartResponse } from '@robaccia/core'
import type { User } from './user.js'

/** The credentials that were sent with a scheme, in any case (RFC 9110 §11.4); '' for none behind it. */
export function credentials(environ: Environ, scheme: string): string | undefined {
  const [, sent, rest = ''] = /^([^ ]+)(?: +(.*))?$/.exec(environ.HTTP_AUTHORIZATION ?? '') ?? []
  return sent?.toLowerCase() === scheme ? rest.trimEnd() : undefined
}

/** A quoted string (RFC 9110 §5.6.4). @throws TypeError for what can't be in one */
export function quoted(subject: string, text: unknown): string {
  if (typeof text === 'string' && /^[\t -~]*$/.test(text)) {
    return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  }
  throw new TypeError(
    `${subject} must be ASCII without control characters, got ${JSON.stringify(text)}`,
  )
}

export function introduceUser(environ: Environ, user: User): void {
  environ['auth.user'] = user
  environ['robaccia.notes'].user = user.name
}

/** The challenges of whoever stands further out, and one more. */
export function challenge(environ: Environ, own: string): void {
  environ['auth.challenges'] = [...(environ['auth.challenges'] ?? []), own]
}

/** A 401 must say how to log in (RFC 9110 §15.5.2). */
export function unauthorized(
  environ: Environ,
  startResponse: StartResponse,
  challenges: readonly string[] = environ['auth.challenges'] ?? [],
): Body {
  return empty(
    environ,
    startResponse,
    401,
    challenges.map((each) => ['www-authenticate', each] as const),
  )
}
