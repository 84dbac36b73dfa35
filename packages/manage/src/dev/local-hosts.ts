// Which names a developer's server answers to. Any site could let its own name lead to this machine (DNS rebinding)
// and then read what the application says.
import { isIP } from 'node:net'
import { hosts } from '@robaccia/core'
import type { Middleware } from '@robaccia/core'

/**
 * Answers to `localhost`, names below it and the names given; and to any address, since a page's own origin is never
 * another's address. Others are refused as by core's `hosts`.
 */
export function localHosts(names: readonly string[]): Middleware {
  const known = hosts(['localhost', '*.localhost', ...names])
  return (app) => {
    const guarded = known(app)
    return (environ, startResponse) => {
      const name = (environ.HTTP_HOST ?? '').replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
      return isIP(name) === 0 ? guarded(environ, startResponse) : app(environ, startResponse)
    }
  }
}
