// A body on a Koa context.
import type { ParameterizedContext } from 'koa'
import type { Readable } from 'node:stream'

/** Sets a body without the type that Koa would guess. */
export function setBody(ctx: ParameterizedContext, body: string | Buffer | Readable): void {
  const typed = ctx.res.hasHeader('content-type')
  ctx.body = body
  if (!typed) ctx.remove('content-type')
}
