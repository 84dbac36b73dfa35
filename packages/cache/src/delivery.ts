// A stored response as the answer to a request: whole, or a part, or that the client has it already.
import {
  notModified,
  precondition,
  type Body,
  type Environ,
  type HeaderList,
  type StartResponse,
} from '@robaccia/core'
import { field } from './field.js'
import { partial, partOf, sliceOf, unsatisfiable } from './ranges.js'
import type { Soon } from './store.js'
import type { StoredResponse } from './stored-response.js'

/**
 * @param headers those that it is sent with
 * @param load gives the body, if it is needed
 * @returns undefined if the body is not there any more; nothing was answered then
 */
export function deliver(
  environ: Environ,
  startResponse: StartResponse,
  response: StoredResponse,
  headers: HeaderList,
  load: () => Soon<Uint8Array | undefined>,
): Soon<Body | undefined> {
  const { status } = response
  const { REQUEST_METHOD: method, HTTP_IF_NONE_MATCH, HTTP_IF_MODIFIED_SINCE } = environ
  if (
    status === 200 &&
    (HTTP_IF_NONE_MATCH !== undefined || HTTP_IF_MODIFIED_SINCE !== undefined) &&
    precondition(environ, validatorsOf(headers)) === 304
  ) {
    startResponse(304, notModified(headers))
    return []
  }
  if (method === 'HEAD') {
    startResponse(status, withLength(headers, response))
    return []
  }
  const body = load()
  return body instanceof Promise
    ? body.then((bytes) => send(environ, startResponse, status, headers, bytes))
    : send(environ, startResponse, status, headers, body)
}

function send(
  environ: Environ,
  startResponse: StartResponse,
  status: number,
  headers: HeaderList,
  bytes: Uint8Array | undefined,
): Body | undefined {
  if (bytes === undefined) return undefined
  const { byteLength: total } = bytes
  const part = status === 206 ? partOf(headers) : { first: 0, last: total - 1, total }
  const asks = environ.HTTP_RANGE !== undefined && (status === 200 || status === 206)
  const slice = asks && part !== undefined ? sliceOf(environ, headers, part) : undefined
  if (slice === 'none') {
    startResponse(416, unsatisfiable(headers, total))
    return []
  }
  if (slice === undefined) {
    startResponse(status, headers)
    return [bytes]
  }
  startResponse(206, partial(headers, slice.part))
  return [bytes.subarray(slice.start, slice.end)]
}

/** What never changed since it was made has its date to compare with (RFC 9111 §4.3.2). */
function validatorsOf(headers: HeaderList): Parameters<typeof precondition>[1] {
  return {
    etag: field(headers, 'etag'),
    lastModified: field(headers, 'last-modified') ?? field(headers, 'date'),
  }
}

/** HEAD says how long the body of GET is, though it is not read. */
function withLength(headers: HeaderList, { status, length }: StoredResponse): HeaderList {
  if (status === 204 || status === 205 || headers.some(([name]) => name === 'content-length')) {
    return headers
  }
  return [...headers, ['content-length', String(length)]]
}
