// Fastify.
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { entry, list } from './pages-by-hand.js'
import { port, ready } from './process.js'

const app = fastify()
app.get('/blog/', async (_request, reply) =>
  reply.type('text/html; charset=utf-8').send(await list()),
)
app.get<{ Params: { id: string } }>('/blog/:id/', async (request, reply) => {
  const page = await entry(request.params.id)
  return page === undefined
    ? reply.code(404).send()
    : reply.type('text/html; charset=utf-8').send(page)
})
await app.listen({ port, host: '127.0.0.1' })
ready((app.server.address() as AddressInfo).port)
