// The whole site: the URLs inside the middleware that every request goes through, the outermost first.
import {
  compose,
  compress,
  conditional,
  errors,
  hosts,
  methodOverride,
  proxied,
  sameOrigin,
  securityHeaders,
} from '@robaccia/core'
import type { App } from '@robaccia/core'
import { log } from '@robaccia/log'
import { hostNames, logLevel, proxies } from './settings.ts'
import { urls } from './urls.ts'
import { sorry } from './view.ts'

export const app: App = compose(
  ...(proxies.length > 0 ? [proxied({ trust: proxies })] : []),
  log({ level: logLevel }),
  securityHeaders(),
  errors({ default: sorry }),
  compress(),
  conditional(),
  hosts(hostNames),
  sameOrigin(),
  methodOverride(),
)(urls)
