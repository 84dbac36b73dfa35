// Files of a folder as an app, over @fastify/send: it makes types, validators, ranges and conditional
// answers. What may be asked for at all is decided here.
import { ReadStream, statSync } from 'node:fs'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { App, Environ, HeaderList } from './contract.js'
import { header } from './request.js'
import { empty, notFound, redirect } from './response.js'

export interface FilesOptions {
  /** How long a client may use a file without asking again, in seconds: 0 unless given, so that it always asks. */
  readonly maxAge?: number
  /** The files never change (their names hold a hash): a client need not even ask on reload. Needs a maxAge. */
  readonly immutable?: boolean
}

/**
 * An app that serves the files of a folder by `PATH_INFO`: GET and HEAD only, with ETag, Last-Modified,
 * conditional requests and ranges. A folder is its `index.html`, and is redirected to its name with a
 * `/` by 308. There are no listings.
 *
 * A path with a segment that is empty, begins with a dot, is not percent-encoded UTF-8 or holds an
 * encoded `/`, `\` or NUL is 404: nothing outside of the folder can be named, and no file by two
 * paths. Symbolic links are followed: whoever may write to the folder decides what it shows.
 *
 * @param dir an absolute path, one relative to the working directory, or a `file:` URL
 * @throws TypeError when `dir` is not a folder, for a maxAge that is no number of at least 0, or
 * immutable without one
 *
 * @example
 * mount({ '/static': files(new URL('./static/', import.meta.url)), '/': urls })
 */
export function files(dir: string | URL, options: FilesOptions = {}): App {
  const root = dir instanceof URL ? fileURLToPath(dir) : resolve(dir)
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TypeError(`files: dir must be a folder, got ${root}`)
  }
  const settings = { root, dotfiles: 'ignore', ...caching(options) } as const

  return async function serveFile(environ, startResponse) {
    const { REQUEST_METHOD: method, PATH_INFO: path } = environ
    if (method !== 'GET' && method !== 'HEAD') {
      return empty(environ, startResponse, 405, [['allow', 'GET, HEAD']])
    }
    if (!isPlain(path)) return notFound(environ, startResponse)
    // Loaded when it is first needed: it takes a good part of the time that an app needs to start.
    const { send } = await import('@fastify/send')
    const found = await send(requestOf(environ), path, settings)
    if (found.type === 'directory') {
      const search = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`
      const folder = `${environ.SCRIPT_NAME}${path}/${search}`
      return redirect(environ, startResponse, folder, { status: 308 })
    }
    if (found.type === 'error') {
      if (found.statusCode >= 500) throw found.metadata.error
      return empty(environ, startResponse, found.statusCode, rangeOf(found.headers))
    }
    const headers = Object.entries<string | number>(found.headers).map(
      ([name, value]) => [name.toLowerCase(), String(value)] as const,
    )
    if (!(found.stream instanceof ReadStream)) {
      return empty(environ, startResponse, found.statusCode, headers)
    }
    // A file that can't be opened says so here, and not by an 'error' event that nobody listens to yet.
    await once(found.stream, 'open')
    startResponse(found.statusCode, headers)
    return found.stream
  }
}

function caching({ maxAge = 0, immutable = false }: FilesOptions) {
  if (!(Number.isFinite(maxAge) && maxAge >= 0)) {
    throw new TypeError(`files: maxAge must be a number of seconds of at least 0, got ${maxAge}`)
  }
  if (immutable && maxAge === 0) {
    throw new TypeError('files: immutable must come with a maxAge of more than 0, got 0')
  }
  return { maxAge: maxAge * 1000, immutable }
}

/** Says whether each segment of a percent-encoded path is a file's or folder's plain name; the last may be empty. */
function isPlain(path: string): boolean {
  const segments = path.split('/').slice(1)
  if (segments.at(-1) === '') segments.pop()
  return segments.every((segment) => {
    try {
      return /^[^./\\\0][^/\\\0]*$/.test(decodeURIComponent(segment))
    } catch {
      return false
    }
  })
}

const conditions = [
  'cache-control',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
]
/** They count for GET only (RFC 9110 §14.2). */
const ranges = ['if-range', 'range']

/** As much of a Node request as send looks at. */
function requestOf(environ: Environ): IncomingMessage {
  const method = environ.REQUEST_METHOD
  // Files have weak tags, by which parts can't be put together (RFC 9110 §13.1.5): send would.
  const isByWeakTag = header(environ, 'if-range')?.startsWith('W/') === true
  const headers = (method === 'GET' && !isByWeakTag ? [...conditions, ...ranges] : conditions)
    .map((name) => [name, header(environ, name)] as const)
    .filter(([, value]) => value !== undefined)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- send reads these two, though its type asks for a stream
  return { method, headers: Object.fromEntries(headers) } as unknown as IncomingMessage
}

/** What a 416 says of the file (RFC 9110 §15.5.17); the rest of send's errors is about its own page. */
function rangeOf(headers: Readonly<Record<string, string>>): HeaderList {
  const range = headers['Content-Range']
  return range === undefined ? [] : [['content-range', range]]
}
