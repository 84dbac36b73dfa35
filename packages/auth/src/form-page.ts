// What the pages for logging in and out have in common.
import {
  empty,
  type Body,
  type Environ,
  type HeaderList,
  type ResponseOptions,
  type StartResponse,
} from '@robaccia/core'
import { isSitePath } from './site-path.js'

/** Makes a page, as `render` does: `(environ, startResponse, vars, options) => render(environ, startResponse, 'login.html', vars, options)`. */
export type Template<Vars> = (
  environ: Environ,
  startResponse: StartResponse,
  vars: Vars,
  options: ResponseOptions,
) => Body | Promise<Body>

/** Names that were typed are nobody else's business, also not in a browser's history. */
export const uncached: HeaderList = [['cache-control', 'no-store']]

export function wrongMethod(environ: Environ, startResponse: StartResponse): Body {
  return empty(environ, startResponse, 405, [['allow', 'GET, HEAD, POST']])
}

/** @throws TypeError for what is no path on this site */
export function assertNext(subject: string, next: string): void {
  if (isSitePath(next)) return
  throw new TypeError(`${subject}: next must be a path on this site, got ${JSON.stringify(next)}`)
}

/** The whole path of one that the app names. */
export function belowRoot(environ: Environ, path: string): string {
  return (environ['auth.root'] ?? '') + path
}
