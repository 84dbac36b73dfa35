// A request's id: what a trusted proxy gave it, else a new one. What is taken goes into headers and lines of
// others, so it must be a plain word.
import type { Environ } from '@robaccia/core'
import { randomUUID } from 'node:crypto'

const WORD = /^[\w.:+/=@-]{1,128}$/

/** W3C Trace Context §3.2.2: version, trace-id, parent-id, flags. A trace-id of zeros is none. */
const TRACEPARENT =
  /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/

export function requestId(environ: Environ, trusted: boolean): string {
  if (!trusted) return randomUUID()
  const { HTTP_X_REQUEST_ID: id, HTTP_TRACEPARENT: parent } = environ
  if (id !== undefined && WORD.test(id)) return id
  return TRACEPARENT.exec(parent ?? '')?.[1] ?? randomUUID()
}
