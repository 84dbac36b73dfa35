// Method override: HTML forms can only GET and POST, so one says in a hidden field what it means.
import type { Environ, Middleware } from './contract.js'
import { copyOf } from './environ-copy.js'
import { assertLimit, type BodyLimits, readBody } from './request-body.js'
import { readForm } from './request-form.js'

const FIELD = '_method'
/** GET is not among them: what was sent as a POST may change something. */
const methods: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE'])

/**
 * Makes a POST of a url-encoded form with the field `_method` a PUT, PATCH or DELETE for what is further
 * in; any other value is passed over. Multipart forms are never read. The view reads the same form by
 * `readForm`.
 *
 * @param limits what it reads of a form, 1 MiB unless given: the smallest limit wins, so it must be as
 * large as the largest that a view has for url-encoded forms
 * @throws TypeError for a limit that is negative or no number
 * @throws (from the app that it makes) what readBody throws: 413 for more bytes, 400 for a body that
 * breaks off. What is wrong with the form's fields is left to the view that reads it.
 */
export function methodOverride(limits: BodyLimits = {}): Middleware {
  if (limits.limit !== undefined) assertLimit('limit', limits.limit)
  return (app) => async (environ, startResponse) => {
    if (!isForm(environ)) return app(environ, startResponse)
    const method = await methodOf(environ, limits)
    if (method === undefined) return app(environ, startResponse)
    return app(copyOf(environ, { REQUEST_METHOD: method }), startResponse)
  }
}

function isForm(environ: Environ): boolean {
  const { REQUEST_METHOD: method, CONTENT_TYPE: type, HTTP_CONTENT_ENCODING: coding } = environ
  return (
    method === 'POST' &&
    /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type ?? '') &&
    // A compressed body is for whoever can unpack it.
    (coding === undefined || coding.toLowerCase() === 'identity')
  )
}

async function methodOf(environ: Environ, limits: BodyLimits): Promise<string | undefined> {
  // What fails here is gone, for the view too. From here on it isn't: the bytes stay in the environ.
  await readBody(environ, limits)
  const value = await readForm(environ, { ...limits, fields: Infinity }).then(
    (form) => form.get(FIELD),
    () => null,
  )
  const method = typeof value === 'string' ? value.toUpperCase() : ''
  return methods.has(method) ? method : undefined
}
