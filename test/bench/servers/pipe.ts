// node:http, piping.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { port, ready } from './process.js'
import { size, source } from './source.js'

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
  const body = source()
  const readable = body instanceof Readable ? body : Readable.from(body)
  readable.pipe(response)
})
server.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
