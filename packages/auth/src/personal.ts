// The headers of a response that is one person's: no shared cache may give it to another (RFC 9111 §5.2.2.7).
import type { App, Body, EnvironWith, HeaderList, StartResponse } from '@robaccia/core'
import { withHeaders } from './error-headers.js'

/** The request header that says whose it is. */
export type Whose = 'cookie' | 'authorization'

/**
 * Asks an app for somebody whom `Authorization` has let in. What it answers is theirs alone, though the app, which doesn't
 * know of the guard, says `public`: by that a shared cache would give it to strangers (§3.5).
 */
export function askedFor<P>(
  app: App<P>,
  environ: EnvironWith<P>,
  startResponse: StartResponse,
): Promise<Body> {
  return changed(app, environ, startResponse, (headers) => personal(headers, 'authorization'))
}

/**
 * Asks an app for a stranger, where users are let in too. What it answers is for all strangers, and caches may keep it, but
 * it is none for users: a stored response is theirs as well unless it varies with `Authorization` (§4.1).
 */
export function askedByStranger<P>(
  app: App<P>,
  environ: EnvironWith<P>,
  startResponse: StartResponse,
): Promise<Body> {
  return changed(app, environ, startResponse, (headers) => varying(headers, 'authorization'))
}

/** An app's answer, or the error that becomes one: a 404 and some others may be cached too (RFC 9110 §15.1). */
async function changed<P>(
  app: App<P>,
  environ: EnvironWith<P>,
  startResponse: StartResponse,
  change: (headers: HeaderList) => HeaderList,
): Promise<Body> {
  try {
    return await app(environ, (status, headers, error) =>
      startResponse(status, change(headers), error),
    )
  } catch (error) {
    throw withHeaders(error, change)
  }
}

/** Directives that would allow what `private` forbids, and forms of it that are weaker. */
const allowing = /^(?:public|private|s-maxage)\s*(?:=|$)/i

/** A directive may have commas inside quotes. */
const directive = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g

/** Adds `vary` and `cache-control: private`; what contradicts them is left out. */
export function personal(headers: HeaderList, whose: Whose): HeaderList {
  const control = valuesOf(headers, 'cache-control')
    .flatMap((value) => value.match(directive) ?? [])
    .map((each) => each.trim())
    .filter((each) => each !== '' && !allowing.test(each))
  const kept = headers.filter(([name]) => name !== 'cache-control' && !isTargeted(name))
  return varying([...kept, ['cache-control', [...control, 'private'].join(', ')]], whose)
}

function varying(headers: HeaderList, whose: Whose): HeaderList {
  const names = valuesOf(headers, 'vary').flatMap((value) => value.toLowerCase().split(/[\s,]+/))
  return names.includes('*') || names.includes(whose) ? headers : [...headers, ['vary', whose]]
}

/** A cache that knows one of these looks at no `cache-control` (RFC 9213 §2.1). */
function isTargeted(name: string): boolean {
  return name.endsWith('-cache-control') || name === 'surrogate-control'
}

function valuesOf(headers: HeaderList, name: string): string[] {
  return headers.filter(([each]) => each === name).map(([, value]) => value)
}

/** The same for an error that becomes an answer. */
export function personalError(thrown: unknown, whose: Whose): unknown {
  return withHeaders(thrown, (headers) => personal(headers, whose))
}
