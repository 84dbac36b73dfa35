// The page where people log in, as an app: the form by GET, and the form's POST.
import {
  query,
  readForm,
  redirect,
  sameOrigin,
  type App,
  type Body,
  type Environ,
  type StartResponse,
} from '@robaccia/core'
import { assertVerify } from './bearer.js'
import { assertNext, belowRoot, type Template, uncached, wrongMethod } from './form-page.js'
import { markupOf, plainPage } from './plain-page.js'
import { sessionOf } from './sessions.js'
import { isSitePath } from './site-path.js'
import { throttle, type Throttle } from './throttle.js'
import type { VerifyPassword } from './user.js'

/** What the page for logging in is about. */
export interface LoginVars {
  /** What was typed as a name. */
  readonly name: string
  /** For the hidden field `next`: where to go afterwards, a whole path on this site. */
  readonly next: string
  /** What was wrong with the last attempt, if there was one. */
  readonly problem?: 'wrong' | 'throttled'
  /** The same in English. */
  readonly message?: string
}

export interface LoginOptions {
  readonly verify: VerifyPassword
  /** Makes the page: a form that POSTs `name`, `password` and `next` to where it is. A plain one unless given. */
  readonly template?: Template<LoginVars>
  /** Where to go when the request doesn't say, below where `sessions` stands: `/` unless given. */
  readonly next?: string
  /** Counts failed attempts: `throttle()` unless given. */
  readonly throttle?: Throttle
}

const messages = {
  wrong: 'That name and password don’t belong together.',
  throttled: 'There were too many attempts. Wait a while, then try again.',
}

/** A form has three short fields. */
const limits = { limit: 16_384, fields: 20 }

/**
 * The app where people log in; it must be inside `sessions`. A right password begins a session under a new id and leads to
 * `next`. A wrong one is answered with the form and 422, whether there is such a user or not; too many with 429 and
 * `retry-after`. Forms of other sites are refused, also without `sameOrigin` further out.
 *
 * @throws TypeError without `verify`, or for a `next` that is no path on this site
 * @throws (from the app) TypeError outside `sessions`
 *
 * @example
 * mount({ '/login': login({ verify }), '/logout': logout(), '/': urls })
 */
export function login(options: LoginOptions): App {
  const {
    verify,
    template = plainLogin,
    next: home = '/',
    throttle: counting = throttle(),
  } = options
  assertVerify('login', verify)
  assertNext('login', home)

  async function answer(environ: Environ, startResponse: StartResponse): Promise<Body> {
    const session = sessionOf(environ)
    const form = await readForm(environ, limits)
    const name = fieldOf(form, 'name')
    const password = fieldOf(form, 'password')
    const next = nextOf(environ, fieldOf(form, 'next'), home)
    const { user, wait } = await counting.attempt(environ, name, () => verify(name, password))
    if (user !== undefined) {
      session.login(user)
      return redirect(environ, startResponse, next, { headers: uncached })
    }
    const problem = wait === undefined ? 'wrong' : 'throttled'
    return template(
      environ,
      startResponse,
      { name, next, problem, message: messages[problem] },
      wait === undefined
        ? { status: 422, headers: uncached }
        : { status: 429, headers: [...uncached, ['retry-after', String(wait)]] },
    )
  }

  return sameOrigin()((environ, startResponse) => {
    const { REQUEST_METHOD: method } = environ
    if (method === 'POST') return answer(environ, startResponse)
    if (method !== 'GET' && method !== 'HEAD') return wrongMethod(environ, startResponse)
    sessionOf(environ)
    const next = nextOf(environ, '', home)
    return template(environ, startResponse, { name: '', next }, { status: 200, headers: uncached })
  })
}

/** What the request brings has the whole path. */
function nextOf(environ: Environ, field: string, home: string): string {
  const asked = field || query(environ).get('next')
  return asked !== null && isSitePath(asked) ? asked : belowRoot(environ, home)
}

function fieldOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

const plainLogin: Template<LoginVars> = (environ, startResponse, vars, options) => {
  const { name, next, message } = vars
  const alert = message === undefined ? '' : markupOf`<p role="alert" id="problem">${message}</p>\n`
  const invalid = message === undefined ? '' : ' aria-describedby="problem" aria-invalid="true"'
  const [first, second] = name === '' ? [' autofocus', ''] : ['', ' autofocus']
  const markup =
    `${alert}<form method="post">\n` +
    markupOf`<input type="hidden" name="next" value="${next}">
<label for="name">Name</label>
<input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required` +
    `${first}${invalid}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${second}${invalid}>
<button>Log in</button>
</form>`
  return plainPage(environ, startResponse, 'Log in', markup, options)
}
