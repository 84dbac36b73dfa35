// One request for the handlers of several bridges around one another, so that what one leaves on it (a session,
// a parsed body) is there for the next. Each bridge sees it as the environ is at its place.
import type { IncomingMessage } from 'node:http'
import type { Environ } from './contract.js'
import { describeRequest } from './environ-request.js'
import type { EnvironRequest } from './environ-request.js'

/** A request made by an outer bridge, lent to an inner one. */
export interface SharedRequest {
  readonly request: EnvironRequest
  /** Gives it back as it was. */
  restore(): void
}

/** Lends a request, unless there is none or its response is over. */
export function shareRequest(
  environ: Environ,
  outer: IncomingMessage | undefined,
): SharedRequest | undefined {
  if (outer === undefined || outer.socket.destroyed || !isEnvironRequest(outer)) return undefined
  const request = outer
  const { method, url, originalUrl, baseUrl, rawHeaders, headersDistinct } = request
  const headers = { ...request.headers }
  const prototype: unknown = Object.getPrototypeOf(request)
  describeRequest(request, environ)
  return {
    request,
    restore() {
      Object.assign(request, { method, url, originalUrl, baseUrl, rawHeaders, headersDistinct })
      for (const name of Object.keys(request.headers)) delete request.headers[name]
      Object.assign(request.headers, headers)
      Object.setPrototypeOf(request, Object(prototype))
    },
  }
}

function isEnvironRequest(request: IncomingMessage): request is EnvironRequest {
  return 'originalUrl' in request && 'baseUrl' in request
}
