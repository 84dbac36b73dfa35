// What Polka and Express share: middleware of (request, response, next) that tell the time when the response is out.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CHALLENGE, HEADER, tally, userOf } from './task.js'

type Next = () => unknown

/** A request on which the user is noted. */
export interface UserRequest extends IncomingMessage {
  user?: string
}

export function timed(_request: IncomingMessage, response: ServerResponse, next: Next): void {
  const began = performance.now()
  response.once('finish', () => tally(response.statusCode, performance.now() - began))
  next()
}

export function secured(_request: IncomingMessage, response: ServerResponse, next: Next): void {
  response.setHeader(...HEADER)
  next()
}

export function guarded(request: UserRequest, response: ServerResponse, next: Next): void {
  const user = userOf(request.headers.authorization)
  if (user === undefined) {
    response.statusCode = 401
    response.setHeader(...CHALLENGE)
    response.end()
    return
  }
  request.user = user
  next()
}
