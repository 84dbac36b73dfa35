// A web server's CGI, as small as can be: what RFC 3875 says a server does, over real sockets. It runs the script
// in this process, so that a test's app may be a closure; test/blog runs one as a process of its own.
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { App } from '@robaccia/core'
import { runCgi } from '@robaccia/core/cgi'

type Env = Record<string, string>

export function cgiGateway(app: App, errors: { write(text: string): void }): Server {
  return createServer((request, response) => void answer(app, errors, request, response))
}

async function answer(
  app: App,
  errors: { write(text: string): void },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body: Buffer | undefined
  try {
    if (request.headers['transfer-encoding'] !== undefined) body = await buffer(request)
  } catch {
    // It has been answered, or its client has gone.
    return
  }
  const env = cgiEnv(request, body)
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name))
  // An environment holds no NUL.
  if (hosts.length > 1 || Object.values(env).some((value) => value.includes('\0'))) {
    response.writeHead(400).end()
    return
  }
  // When a server has lost its client it closes the pipe: the script's next write fails, and one that waits.
  const stdout = new PassThrough({
    transform(chunk, _encoding, done) {
      if (response.destroyed) done(new Error('EPIPE'))
      else done(null, chunk)
    },
  })
  // Unpiped first: a pipe that ends pauses its source, and a script that waits for room would wait for ever.
  response.on('close', () => stdout.unpipe(response).resume())
  void relay(stdout, response)
  const stdin = new PassThrough()
  stdin.on('close', () => request.resume())
  if (body === undefined) request.pipe(stdin)
  else stdin.end(body)
  const { aborted } = await runCgi(app, { env, stdin, stdout, errors })
  if (aborted) response.destroy()
  else stdout.end()
}

/** @param body of a request without a length: the server has to know it before it calls the script (RFC 3875 §4.1.2) */
function cgiEnv(request: IncomingMessage, body: Buffer | undefined): Env {
  const { url = '/', method = 'GET', headers, socket, httpVersion } = request
  const [, authority, target = url] = /^[a-z]+:\/\/(?:[^/@]*@)?([^/]*)(.*)$/.exec(url) ?? []
  const [path = '', ...query] = target.split('?')
  return {
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_METHOD: method,
    SCRIPT_NAME: '',
    PATH_INFO: path === '*' ? '' : decode(path),
    QUERY_STRING: query.join('?'),
    REQUEST_URI: url,
    SERVER_NAME: 'localhost',
    SERVER_PORT: String(socket.localPort),
    SERVER_PROTOCOL: `HTTP/${httpVersion}`,
    REMOTE_ADDR: socket.remoteAddress ?? '',
    ...metaVariables(headers),
    ...(authority === undefined ? {} : { HTTP_HOST: authority }),
    ...(body === undefined ? {} : { CONTENT_LENGTH: String(body.length) }),
  }
}

/** A process reads its environment as UTF-8. */
function decode(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString()
}

function metaVariables(headers: IncomingHttpHeaders): Env {
  const env: Env = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.includes('_') || value === undefined) continue
    const key = name.toUpperCase().replaceAll('-', '_')
    env[key.startsWith('CONTENT_') ? key : `HTTP_${key}`] = decode(String(value))
  }
  return env
}

/** Reads the script's head, then hands its body on. */
async function relay(stdout: PassThrough, response: ServerResponse): Promise<void> {
  let head = Buffer.alloc(0)
  try {
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      // The chunks of a PassThrough.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      head = Buffer.concat([head, chunk as Buffer])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) continue
      sendHead(response, head.subarray(0, end).toString('latin1'))
      if (head.length > end + 4) response.write(head.subarray(end + 4))
      else response.flushHeaders()
      break
    }
  } catch {
    return
  }
  stdout.pipe(response)
}

function sendHead(response: ServerResponse, head: string): void {
  const [status = '', ...lines] = head.split('\r\n')
  const pairs = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  response.writeHead(Number(/^Status: (\d{3}) /.exec(status)?.[1]), pairs.flat())
}
