// Polka, which leaves a variable as it was sent.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
// It brings no types.
// @ts-expect-error
import polka from 'polka'
import type { ServerResponse } from 'node:http'
import { guarded, secured, timed, type UserRequest } from './connect.js'
import { port, ready } from './process.js'
import { answer } from './task.js'

const server = createServer()
polka({ server })
  .use(timed, secured, guarded)
  .get(
    '/people/:id',
    (request: UserRequest & { params: { id: string } }, response: ServerResponse) => {
      response.setHeader('content-type', 'text/plain; charset=utf-8')
      response.end(answer(decodeURIComponent(request.params.id), request.user ?? ''))
    },
  )
  .listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
