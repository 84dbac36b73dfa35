// Koa itself, with no router and no middleware: what the scenario `start` is measured by.
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import { port, ready } from './process.js'

const app = new Koa()
app.use((ctx) => {
  ctx.body = 'hello'
})
const server = app.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
