// Express 5, under NODE_ENV=production.
import type { AddressInfo } from 'node:net'
import express from 'express'
import { guarded, secured, timed, type UserRequest } from './connect.js'
import { port, ready } from './process.js'
import { answer } from './task.js'

const app = express()
app.use(timed, secured, guarded)
app.get('/people/:id', (request: UserRequest & express.Request<{ id: string }>, response) => {
  response.type('text/plain').send(answer(request.params.id, request.user ?? ''))
})
const server = app.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
