// Hono on its own adapter for Node.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { answer, CHALLENGE, HEADER, tally, userOf } from './task.js'
import { port, ready } from './process.js'

const app = new Hono<{ Variables: { user: string } }>()
app.use(async (c, next) => {
  const began = performance.now()
  await next()
  tally(c.res.status, performance.now() - began)
})
app.use(async (c, next) => {
  c.header(...HEADER)
  await next()
})
app.use(async (c, next) => {
  const user = userOf(c.req.header('authorization'))
  if (user === undefined) {
    c.header(...CHALLENGE)
    return c.body(null, 401)
  }
  c.set('user', user)
  return next()
})
app.get('/people/:id', (c) => c.text(answer(c.req.param('id'), c.get('user'))))
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (address) => ready(address.port))
