// Fastify: its hooks are its middleware.
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { answer, CHALLENGE, HEADER, tally, userOf } from './task.js'
import { port, ready } from './process.js'

declare module 'fastify' {
  interface FastifyRequest {
    user: string
  }
}

const app = fastify()
app.decorateRequest('user', '')
app.addHook('onResponse', (_request, reply, done) => {
  tally(reply.statusCode, reply.elapsedTime)
  done()
})
app.addHook('onRequest', (_request, reply, done) => {
  void reply.header(...HEADER)
  done()
})
app.addHook('onRequest', (request, reply, done) => {
  const user = userOf(request.headers.authorization)
  if (user === undefined) {
    void reply
      .code(401)
      .header(...CHALLENGE)
      .send()
    return
  }
  request.user = user
  done()
})
app.get<{ Params: { id: string } }>('/people/:id', (request, reply) => {
  void reply.type('text/plain; charset=utf-8').send(answer(request.params.id, request.user))
})
await app.listen({ port, host: '127.0.0.1' })
ready((app.server.address() as AddressInfo).port)
