// Koa with @koa/router.
import type { AddressInfo } from 'node:net'
import { Router } from '@koa/router'
import Koa from 'koa'
import { answer, CHALLENGE, HEADER, tally, userOf } from './task.js'
import { port, ready } from './process.js'

const app = new Koa<{ user: string }>()
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
