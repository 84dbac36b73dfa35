// Conditional GET: a client that has a page is not sent it again (RFC 9110 §13).
import createError from 'http-errors'
import { callApp, closeBody, isWhole, toBytes } from './body.js'
import type { Body, HeaderList, Middleware } from './contract.js'
import { notModified, precondition } from './preconditions.js'
import { library } from './library.js'

const etag = library('etag')

export interface ConditionalOptions {
  /** Makes weak tags, for pages that differ in what doesn't matter. They are strong unless given. */
  readonly weak?: boolean
}

/**
 * Answers GET and HEAD with an empty 304 where the client has what would be sent: by `if-none-match` and
 * the app's ETag, else by `if-modified-since` and its `last-modified`. A whole body without an ETag gets
 * one, a hash of its bytes. Only a 200 is looked at, and none with `cache-control: no-store`.
 *
 * @throws (from the app that it makes) 412 where `if-match` or `if-unmodified-since` is not met
 */
export function conditional({ weak = false }: ConditionalOptions = {}): Middleware {
  return (app) => async (environ, startResponse) => {
    const { REQUEST_METHOD: method } = environ
    if (method !== 'GET' && method !== 'HEAD') return app(environ, startResponse)
    const { status, headers: own, body } = await callApp(app, environ, startResponse)
    if (status !== 200 || /\bno-store\b/i.test(valueOf(own, 'cache-control') ?? '')) {
      startResponse(status, own)
      return body
    }
    const headers = tagged(own, body, method, weak)
    const outcome = precondition(environ, {
      etag: valueOf(headers, 'etag'),
      lastModified: valueOf(headers, 'last-modified'),
    })
    if (outcome === undefined) {
      startResponse(status, headers)
      return body
    }
    await closeBody(body)
    if (outcome === 412) throw createError(412, 'the page must be as the request’s conditions say')
    startResponse(304, notModified(headers))
    return []
  }
}

/** To HEAD an app may answer without the body that it has for GET: of nothing there is no tag. */
function tagged(headers: HeaderList, body: Body, method: string, weak: boolean): HeaderList {
  if (!isWhole(body) || valueOf(headers, 'etag') !== undefined) return headers
  const bytes = Buffer.concat(body.map(toBytes))
  if (method === 'HEAD' && bytes.length === 0) return headers
  return [...headers, ['etag', etag()(bytes, { weak })]]
}

function valueOf(headers: HeaderList, name: string): string | undefined {
  const values = headers.filter(([each]) => each === name).map(([, value]) => value)
  return values.length === 0 ? undefined : values.join(', ')
}
