// The whole site: the URLs inside the middleware that every request goes through.
import { atomic, compose, errors, hosts, sameOrigin, securityHeaders } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { db } from './dbconfig.js'
import { hostNames } from './settings.js'
import { urls } from './urls.js'
import { sorry } from './view.js'

/** No scripts, whatever an entry holds; pictures may come from anywhere. */
const policy =
  "default-src 'none'; style-src 'self'; img-src * data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

export const app: App = compose(
  securityHeaders({ 'content-security-policy': policy }),
  errors({ default: sorry }),
  hosts(hostNames),
  sameOrigin(),
  atomic(db),
)(urls)
