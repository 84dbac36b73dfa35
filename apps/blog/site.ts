// The whole site: the URLs inside the middleware that every request goes through.
import { basic, login, logout, owner, sessions } from '@robaccia/auth'
import { cache, cached } from '@robaccia/cache'
import { atomic, compose, errors, hosts, mount, sameOrigin, securityHeaders } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { log, metrics } from '@robaccia/log'
import { db } from './dbconfig.js'
import { hostNames, redis, secret } from './settings.js'
import { urls } from './urls.js'
import { sorry } from './view.js'

/** No scripts, whatever an entry holds; pictures may come from anywhere. */
const policy =
  "default-src 'none'; style-src 'self'; img-src * data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/** Who may write: `manage password` sets the password. */
export const writer = owner({ file: new URL('password', import.meta.url), counters: redis })

/** Browsers ask each time; the cache gives what it has until somebody writes, or a minute. */
const pages = cached(60, { browsers: 0, tags: ['entries'] })(urls)

export const app: App = compose(
  log(),
  metrics({ path: '/metrics', guard: basic({ realm: 'Metrics', ...writer }) }),
  securityHeaders({ 'content-security-policy': policy }),
  errors({ default: sorry }),
  hosts(hostNames),
  cache({ store: redis }),
  sessions({ secret, store: redis, login: '/login/' }),
  sameOrigin(),
  atomic(db),
)(mount({ '/login': login(writer), '/logout': logout(), '/': pages }))
