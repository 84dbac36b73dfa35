// Koa with @koa/router; with koa-logger if the first option names a file.
import { createWriteStream } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { Router } from '@koa/router'
import Koa from 'koa'
import { answer, CHALLENGE, HEADER, tally, userOf } from './task.js'
import { options, port, ready } from './process.js'

const app = new Koa<{ user: string }>()
if (options[0] !== undefined) {
  const { default: logger } = await import('koa-logger')
  const file = createWriteStream(options[0], { flags: 'a' })
  app.use(logger((line) => file.write(`${line}\n`)))
}
app.use(async (ctx, next) => {
  const began = performance.now()
  await next()
  tally(ctx.status, performance.now() - began)
})
app.use((ctx, next) => {
  ctx.set(...HEADER)
  return next()
})
app.use((ctx, next) => {
  const user = userOf(ctx.headers.authorization)
  if (user === undefined) {
    ctx.status = 401
    ctx.set(...CHALLENGE)
    ctx.body = ''
    return undefined
  }
  ctx.state.user = user
  return next()
})
const router = new Router<{ user: string }>()
router.get('/people/:id', (ctx) => {
  ctx.body = answer(ctx.params['id'] ?? '', ctx.state.user)
})
app.use(router.routes())
const server = app.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
