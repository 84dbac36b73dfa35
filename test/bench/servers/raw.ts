// node:http by hand: what the others are measured by. With pino-http if the first option names a file.
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer, CHALLENGE, HEADER, tally, userOf } from './task.js'
import { options, port, ready } from './process.js'

const log = options[0] === undefined ? undefined : await logger(options[0])

const server = createServer((request, response) => {
  log?.(request, response)
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

/** In batches, as ours writes them. */
async function logger(file: string): Promise<RequestListener> {
  const { pinoHttp } = await import('pino-http')
  const { pino } = await import('pino')
  return pinoHttp({}, pino.destination({ dest: file, sync: false, minLength: 8192 }))
}

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
