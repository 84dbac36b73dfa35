// h3 2 on its own adapter for Node.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRouterParam, H3, toNodeHandler } from 'h3'
import { answer, CHALLENGE, HEADER, tally, userOf } from './task.js'
import { port, ready } from './process.js'

const app = new H3()
app.use(async (event, next) => {
  const began = performance.now()
  const body = await next()
  tally(event.res.status ?? 200, performance.now() - began)
  return body
})
app.use((event, next) => {
  event.res.headers.set(...HEADER)
  return next()
})
app.use((event, next) => {
  const user = userOf(event.req.headers.get('authorization'))
  if (user === undefined) {
    event.res.status = 401
    event.res.headers.set(...CHALLENGE)
    return ''
  }
  event.context['user'] = user
  return next()
})
app.get('/people/:id', (event) => {
  event.res.headers.set('content-type', 'text/plain; charset=utf-8')
  return answer(getRouterParam(event, 'id', { decode: true }) ?? '', String(event.context['user']))
})
const server = createServer(toNodeHandler(app))
server.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
