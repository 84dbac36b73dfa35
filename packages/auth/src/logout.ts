// Logging out, as an app: a page with a button by GET, since a GET changes nothing, and the button's POST.
import { redirect, sameOrigin, type App } from '@robaccia/core'
import { assertNext, belowRoot, type Template, uncached, wrongMethod } from './form-page.js'
import { plainPage } from './plain-page.js'
import { sessionOf } from './sessions.js'
import type { User } from './user.js'

/** What the page for logging out is about. */
export interface LogoutVars {
  /** Who is logged in. */
  readonly user: User | undefined
}

export interface LogoutOptions {
  /** Makes the page: a form that POSTs to where it is. A plain one unless given. */
  readonly template?: Template<LogoutVars>
  /** Where to go afterwards, a path below where `sessions` stands: `/` unless given. */
  readonly next?: string
}

/**
 * The app where people log out; it must be inside `sessions`. A site's own pages have a button that POSTs to it. Forms of
 * other sites are refused.
 *
 * @throws TypeError for a `next` that is no path on this site
 * @throws (from the app) TypeError outside `sessions`
 */
export function logout({ template = plainLogout, next = '/' }: LogoutOptions = {}): App {
  assertNext('logout', next)
  return sameOrigin()((environ, startResponse) => {
    const { REQUEST_METHOD: method } = environ
    const session = sessionOf(environ)
    if (method === 'POST') {
      session.end()
      return redirect(environ, startResponse, belowRoot(environ, next), { headers: uncached })
    }
    if (method !== 'GET' && method !== 'HEAD') return wrongMethod(environ, startResponse)
    const { user } = session
    return template(environ, startResponse, { user }, { status: 200, headers: uncached })
  })
}

const plainLogout: Template<LogoutVars> = (environ, startResponse, _vars, options) =>
  plainPage(
    environ,
    startResponse,
    'Log out',
    '<form method="post">\n<button>Log out</button>\n</form>',
    options,
  )
