// Koa with @koa/router.
import type { AddressInfo } from 'node:net'
import { Router } from '@koa/router'
import Koa from 'koa'
import { entry, list } from './pages-by-hand.js'
import { port, ready } from './process.js'

const router = new Router()
router.get('/blog/', async (ctx) => {
  ctx.type = 'html'
  ctx.body = await list()
})
router.get('/blog/:id/', async (ctx) => {
  const page = await entry(ctx.params['id'] ?? '')
  if (page === undefined) return ctx.throw(404)
  ctx.type = 'html'
  ctx.body = page
  return undefined
})
const app = new Koa()
app.use(router.routes())
const server = app.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
