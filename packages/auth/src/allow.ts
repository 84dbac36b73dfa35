// A guard round any app: who may see it.
import { empty, redirect, type Environ, type Middleware } from '@robaccia/core'
import { unauthorized } from './challenge.js'
import type { User } from './user.js'

/** Whether a user may see what is guarded. */
export type Test = (user: User, environ: Environ) => boolean | Promise<boolean>

/**
 * Lets a user through of whom the test holds; any user, if there is none. Another user gets a 403. A stranger who comes
 * with a browser is sent to the page for logging in, if `sessions` knows one, and back from there; others get a 401. Put
 * `basic`, `bearer` or `sessions` further out.
 *
 * @throws TypeError for a test that is no function
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
    const login = environ['auth.login']
    if (login !== undefined && isBrowser(environ)) {
      return redirect(environ, startResponse, withNext(login, environ))
    }
    const challenges = environ['auth.challenges'] ?? []
    // No scheme is registered for a page with a form; who doesn't know this one shows the answer.
    return unauthorized(environ, startResponse, challenges.length > 0 ? challenges : ['Session'])
  }
}

/** A program that asks for JSON, or a script of the page, can do nothing with a form. */
function isBrowser({
  HTTP_ACCEPT: accept = '',
  HTTP_SEC_FETCH_MODE: mode = 'navigate',
}: Environ): boolean {
  return /\btext\/html\b/i.test(accept) && mode === 'navigate'
}

/** What was posted can't be posted again from there: only a page is come back to. */
function withNext(login: string, environ: Environ): string {
  const {
    REQUEST_METHOD: method,
    SCRIPT_NAME: script,
    PATH_INFO: path,
    QUERY_STRING: query,
  } = environ
  if (method !== 'GET' && method !== 'HEAD') return login
  const page = `${script}${path}${query === '' ? '' : `?${query}`}`
  return `${login}${login.includes('?') ? '&' : '?'}next=${encodeURIComponent(page)}`
}
