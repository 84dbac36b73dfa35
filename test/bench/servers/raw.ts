// node:http by hand: what the others are measured by.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer, CHALLENGE, HEADER, tally, userOf } from './task.js'
import { port, ready } from './process.js'

const server = createServer((request, response) => {
  const began = performance.now()
  const user = userOf(request.headers.authorization)
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const match = /^\/people\/([^/]+)$/.exec(mark === -1 ? url : url.slice(0, mark))
  if (user === undefined) {
    send(response, 401, '', CHALLENGE)
  } else if (match?.[1] === undefined) {
    send(response, 404, '')
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, '', ['allow', 'GET, HEAD'])
  } else {
    const text = answer(decodeURIComponent(match[1]), user)
    send(response, 200, text, ['content-type', 'text/plain; charset=utf-8'])
  }
  tally(response.statusCode, performance.now() - began)
})

function send(
  response: ServerResponse,
  status: number,
  text: string,
  header?: readonly [name: string, value: string],
): void {
  const headers = [...HEADER, 'content-length', String(Buffer.byteLength(text))]
  if (header !== undefined) headers.push(...header)
  response.writeHead(status, headers)
  response.end(text)
}

server.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
