// Express 5.
import type { AddressInfo } from 'node:net'
import express from 'express'
import { entry, list } from './pages-by-hand.js'
import { port, ready } from './process.js'

const app = express()
app.get('/blog/', async (_request, response) => {
  response.type('html').send(await list())
})
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 takes promises
app.get('/blog/:id/', async (request: express.Request<{ id: string }>, response) => {
  const page = await entry(request.params.id)
  if (page === undefined) response.sendStatus(404)
  else response.type('html').send(page)
})
const server = app.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
