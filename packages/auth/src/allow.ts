// A guard round any app: who may see it.
import { empty, redirect, type Environ, type Middleware } from '@robaccia/core'
import createError from 'http-errors'
import { unauthorized } from './challenge.js'
import type { User } from './user.js'

/** Whether a user may see what is guarded. */
export type Test = (user: User, environ: Environ) => boolean | Promise<boolean>

/**
 * Lets a user through of whom the test holds; any user, if there is none. Another user gets a 403. A stranger who comes
 * with a browser is sent to the page for logging in, if `sessions` knows one, and back from there; others get a 401, and so
 * does what a browser's form sends, which could not be sent again from there. Put `basic`, `bearer` or `sessions` further
 * out.
 *
 * @throws TypeError for a test that is no function
 * @throws (from the app that it makes) 401 for what a stranger's browser sends by an unsafe method
 *
 * @example
 * const admin = allow((user) => user.name === 'joe')(adminPages)
 */
export function allow(test: Test = () => true): Middleware {
  if (typeof test !== 'function') {
    throw new TypeError(`allow: the test must be a function, got ${typeof test}`)
  }
  return (app) => async (environ, startResponse) => {
    const user = environ['auth.user']
    if (user !== undefined) {
      const allowed = await test(user, environ)
      if (typeof allowed !== 'boolean') {
        throw new TypeError(`allow: the test must give true or false, got ${typeof allowed}`)
      }
      return allowed ? app(environ, startResponse) : empty(environ, startResponse, 403)
    }
    const challenges = environ['auth.challenges'] ?? []
    // No scheme is registered for a page with a form; who doesn't know this one shows the answer.
    const asked = challenges.length > 0 ? challenges : ['Session']
    const login = environ['auth.login']
    if (login === undefined || !isBrowser(environ)) {
      return unauthorized(environ, startResponse, asked)
    }
    const { REQUEST_METHOD: method } = environ
    if (method === 'GET' || method === 'HEAD') {
      return redirect(environ, startResponse, withNext(login, environ))
    }
    throw createError(401, tooLate, { headers: { 'www-authenticate': asked.join(', ') } })
  }
}

/** A program that asks for JSON, or a script of the page, can do nothing with a form. */
function isBrowser({
  HTTP_ACCEPT: accept = '',
  HTTP_SEC_FETCH_MODE: mode = 'navigate',
}: Environ): boolean {
  return /\btext\/html\b/i.test(accept) && mode === 'navigate'
}

/** For who was logged out while they were writing. */
const tooLate =
  'log in first, in another window; then go back and send it again: your browser still has it'

function withNext(login: string, environ: Environ): string {
  const { SCRIPT_NAME: script, PATH_INFO: path, QUERY_STRING: query } = environ
  const page = `${script}${path}${query === '' ? '' : `?${query}`}`
  return `${login}${login.includes('?') ? '&' : '?'}next=${encodeURIComponent(page)}`
}
