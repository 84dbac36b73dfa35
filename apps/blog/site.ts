// The whole site: the URLs inside the middleware that every request goes through.
import { compose, errors, hosts, sameOrigin } from '@robaccia/core'
import type { App, HeaderList, Middleware } from '@robaccia/core'
import { hostNames } from './settings.js'
import { urls } from './urls.js'
import { sorry } from './view.js'

/** No scripts, whatever an entry holds; pictures may come from anywhere. */
const headers: HeaderList = [
  [
    'content-security-policy',
    "default-src 'none'; style-src 'self'; img-src * data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  ],
  ['referrer-policy', 'same-origin'],
  ['x-content-type-options', 'nosniff'],
]

/** A middleware from scratch: it hands the request on, and adds to the head of the answer. */
const secured: Middleware = (app) => (environ, startResponse) =>
  app(environ, (status, own, error) => startResponse(status, [...own, ...headers], error))

export const app: App = compose(
  errors({ default: secured(sorry) }),
  secured,
  hosts(hostNames),
  sameOrigin(),
)(urls)
