// Mounts apps under path prefixes of whole segments, the longest first: what matched moves from PATH_INFO
// to SCRIPT_NAME.
import { assertApp } from './compose.js'
import type { App } from './contract.js'
import { comparable, locationOf, moveSegments, requestPath } from './path.js'
import { empty, notFound, redirect } from './response.js'
import { noteRoute } from './route-note.js'

export interface MountOptions {
  /** Answers when no prefix matches. */
  readonly notFound?: App
}

interface Mounted {
  readonly prefix: string
  /** In its comparable form, without a final slash. */
  readonly path: string
  readonly segments: number
  readonly app: App
}

/**
 * Mounts apps: `mount({ '/blog': blog, '/': site })`. The app under `/blog` gets `/blog/` and what is below
 * it; `/blog` alone is sent to `/blog/` (308, the query kept).
 *
 * @throws TypeError for a prefix that is not `/` or whole segments without a final slash, and for an app
 * that is not a function
 */
export function mount(apps: Readonly<Record<string, App>>, options: MountOptions = {}): App {
  const mounted = Object.entries(apps)
    .map(([prefix, app]) => check(prefix, app))
    .toSorted((one, other) => other.path.length - one.path.length)
  for (const [index, { path, prefix }] of mounted.entries()) {
    const twin = mounted.slice(0, index).find((each) => each.path === path)
    if (twin) throw new TypeError(`mount: ${twin.prefix} and ${prefix} must not be the same path`)
  }
  const otherwise = options.notFound ?? notFound
  assertApp(otherwise, "mount's notFound")

  return (environ, startResponse) => {
    const path = requestPath(environ)
    const found = mounted.find((each) => path === each.path || path.startsWith(`${each.path}/`))
    if (found === undefined) {
      // `OPTIONS *` (RFC 9110 §9.3.7)
      const isServer = path === '' && environ.REQUEST_METHOD === 'OPTIONS'
      return isServer ? empty(environ, startResponse) : otherwise(environ, startResponse)
    }
    if (found.segments === 0) return found.app(environ, startResponse)
    if (path === found.path) {
      const location = locationOf(environ, `${environ.PATH_INFO}/`)
      return location === undefined
        ? otherwise(environ, startResponse)
        : redirect(environ, startResponse, location, { status: 308 })
    }
    noteRoute(environ, `${found.prefix}|`)
    moveSegments(environ, found.segments)
    return found.app(environ, startResponse)
  }
}

function check(prefix: string, app: App): Mounted {
  const segments = prefix === '/' ? [] : prefix.split('/').slice(1)
  const isPrefix = prefix.startsWith('/') && !segments.includes('') && !/[?#{}[\]|]/.test(prefix)
  if (!isPrefix) {
    throw new TypeError(`mount: a prefix must be '/' or like '/blog', literally, got '${prefix}'`)
  }
  assertApp(app, `mount: ${prefix}`)
  try {
    return {
      prefix,
      path: comparable(segments.map((each) => `/${each}`).join('')),
      segments: segments.length,
      app,
    }
  } catch (cause) {
    throw new TypeError(`mount: a prefix must be percent-encoded UTF-8, got '${prefix}'`, { cause })
  }
}
