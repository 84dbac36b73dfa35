// The contract straight on node:http: an app as a request listener.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { byteLength, closeBody, isWhole } from './body.js'
import { BodyReader } from './body-reader.js'
import type { App, Body, Chunk, EnvironWith } from './contract.js'
import { assertBody, assertStarted, hasNoBody } from './exchange.js'
import { headersToSend } from './head.js'
import { follow, nodeEnviron } from './node-environ.js'
import { isGone, NodeExchange, type Running } from './node-exchange.js'
import { endWith, joined, writeHead } from './node-wire.js'
import { sendStream } from './node-writer.js'
import { answerTo, reportThrown } from './thrown.js'

/** Where an app's `robaccia.errors` go. */
export interface NodeOptions {
  /** Standard error unless given. */
  readonly errors?: { write(text: string): void }
}

/**
 * Makes an app a request listener that always answers. What a Connect-like framework took off the path
 * (`use('/blog', toNode(app))`) is the app's `SCRIPT_NAME`.
 *
 * @example
 * http.createServer(toNode(app)).listen(8080)
 */
export function toNode(app: App, { errors = process.stderr }: NodeOptions = {}): RequestListener {
  return nodeListener(app, errors)
}

/** The same for a server that waits for what runs. */
export function nodeListener(app: App, errors: Errors, running?: Running): RequestListener {
  return (request, response) => {
    handle(app, request, new NodeExchange(response, running), response, errors)
  }
}

type Errors = Required<NodeOptions>['errors']

/** Sends at once what an app answers at once, without a promise; anything else takes its time. */
function handle(
  app: App,
  request: IncomingMessage,
  exchange: NodeExchange,
  response: ServerResponse,
  errors: Errors,
): void {
  try {
    const environ = makeEnviron(request, exchange, errors)
    exchange.environ = environ
    const body = app(environ, exchange.startResponse)
    if (!isReady(body, exchange)) {
      void handleLater(exchange, response, body)
      return
    }
    sendWhole(exchange, response, body)
  } catch (error) {
    fail(exchange, response, error)
  }
  exchange.leave()
}

async function handleLater(
  exchange: NodeExchange,
  response: ServerResponse,
  promised: Body | Promise<Body>,
): Promise<void> {
  try {
    const body = await promised
    assertBody(body)
    if (isReady(body, exchange)) sendWhole(exchange, response, body)
    else await respond(exchange, response, body)
  } catch (error) {
    fail(exchange, response, error)
  } finally {
    exchange.leave()
  }
}

/** Says whether a body can be sent as it is: it is whole, needs no closing, and has its head. */
function isReady(body: Body | Promise<Body>, exchange: NodeExchange): body is readonly Chunk[] {
  return Array.isArray(body) && !('close' in body) && exchange.status !== 0
}

/** Connect keeps in `originalUrl` what it takes from `url`. */
function makeEnviron(
  request: IncomingMessage & { readonly originalUrl?: string },
  exchange: NodeExchange,
  errors: Errors,
): EnvironWith<object> {
  const { url = '/', originalUrl = url } = request
  const environ = nodeEnviron(request, originalUrl, exchange, errors)
  if (originalUrl !== url) follow(environ, url)
  return environ
}

async function respond(
  exchange: NodeExchange,
  response: ServerResponse,
  body: Body,
): Promise<void> {
  const { status } = exchange
  if (status !== 0 && !isWhole(body) && response.req.method !== 'HEAD' && !hasNoBody(status)) {
    await sendStream(new BodyReader(body, exchange), exchange, response)
    return
  }
  // What fails before the head goes out, closing included, is still a 500.
  await closeBody(body)
  assertStarted(exchange)
  sendWhole(exchange, response, isWhole(body) ? body : undefined)
}

/** Sends a head and, if the method and the status let it, a whole body. */
function sendWhole(
  exchange: NodeExchange,
  response: ServerResponse,
  body: readonly Chunk[] | undefined,
): void {
  const { status, headers } = exchange
  const { method = 'GET' } = response.req
  const length = body && byteLength(body)
  const sent = headersToSend(method, status, headers, length)
  // What is written to a response that nobody takes would count as sent.
  if (isGone(response)) return
  exchange.headers = sent
  writeHead(response, status, sent)
  exchange.headSent = true
  if (body === undefined || length === undefined || method === 'HEAD' || hasNoBody(status)) {
    response.end()
    return
  }
  exchange.bytes = length
  endWith(response, joined(body), length)
}

/** Answers what was thrown before the head; after it, cuts the connection once what was written has left. */
function fail(exchange: NodeExchange, response: ServerResponse, error: unknown): void {
  exchange.error ??= error
  if (exchange.environ !== undefined && !exchange.isDeparture(error)) {
    reportThrown(error, exchange.environ)
  }
  if (exchange.headSent) {
    if (response.socket === null) response.destroy()
    else response.socket.destroySoon()
    return
  }
  const answer = answerTo(error)
  exchange.status = answer.status
  exchange.headers = [...answer.headers, ['content-type', 'text/plain; charset=utf-8']]
  // It keeps the phrase of a status whose head could not be sent.
  response.statusMessage = ''
  try {
    sendWhole(exchange, response, [`${answer.message}\n`])
  } catch {
    // Headers of the error's own that can't be sent.
    response.destroy()
  }
}
