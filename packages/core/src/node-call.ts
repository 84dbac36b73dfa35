// One run of a node:http handler: a request made of the environ, a response that is read back, and what becomes
// of both when the handler fails or the client goes away.
import createError from 'http-errors'
import { ServerResponse } from 'node:http'
import { CapturedSocket } from './captured-socket.js'
import type { Body, Environ, StartResponse } from './contract.js'
import { environRequest } from './environ-request.js'
import type { EnvironRequest } from './environ-request.js'
import { neighbourAnswer } from './neighbour-answer.js'
import { reportThrown } from './thrown.js'

export class NodeCall {
  readonly request: EnvironRequest
  readonly response: ServerResponse
  readonly #environ: Environ
  readonly #socket: CapturedSocket
  #failure: { readonly error: unknown } | undefined
  #finished = false

  /**
   * @param reader names the handler's framework to whoever wants to read the body after it
   * @param request one that an outer call has made of the same request, if the handlers share it
   */
  constructor(environ: Environ, reader: string, request?: EnvironRequest) {
    this.#environ = environ
    const socket = new CapturedSocket(environ)
    this.#socket = socket
    this.request = request ?? environRequest(environ, socket, reader)
    const response = new ServerResponse(this.request)
    this.response = response
    // Framing and date are the server's.
    response.useChunkedEncodingByDefault = false
    response.sendDate = false
    Object.defineProperties(response, {
      chunkedEncoding: { get: () => false, set: () => {} },
      // On the instance: Express replaces the prototype, and only node:http's server resets the inner flag.
      writableNeedDrain: {
        get: () => !response.destroyed && !response.writableEnded && socket.writableNeedDrain,
      },
    })
    response.assignSocket(socket)
    socket.on('drain', () => response.emit('drain'))
    socket.on('timeout', () => this.#timeOut())
    response.on('error', (error) => this.fail(error))
    response.on('finish', () => {
      this.#finished = true
      socket.destroy()
    })
    if (request === undefined) socket.on('close', () => this.#closeRequest())
    const { signal } = environ['robaccia.server']
    if (signal.aborted) this.#leave()
    else signal.addEventListener('abort', () => this.#leave(), { once: true })
  }

  /**
   * As node:http does it when a response is finished: a body that nobody has begun to read ends, and one on its way to
   * the handler goes on.
   */
  #closeRequest(): void {
    const { request } = this
    if (!this.#finished) request.destroy()
    else if (!request.readableDidRead) {
      request.complete = true
      request.push(null)
      request.resume()
    }
  }

  /** Ends the call by an error: before the head `respond` rejects with it, afterwards the body does. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { error }
    // The answer is out: all that can be done is to tell.
    if (this.#finished) reportThrown(error, this.#environ)
    else this.#socket.destroy()
  }

  /**
   * Waits for the handler's answer, says its head and gives its body: whole if the handler ended it at once,
   * else a stream.
   *
   * @throws what the handler failed with
   */
  async respond(startResponse: StartResponse): Promise<Body> {
    await this.#socket.arrival()
    const { head } = this.#socket
    if (head === undefined) throw this.#reason()
    const body = this.response.writableEnded ? this.#whole() : this.#stream()
    // Of one header node:http makes something else when it writes it: a content-disposition in Latin-1.
    const headers = head.headers.map(([name, value]) =>
      value.includes('\ufffd')
        ? ([name, String(this.response.getHeader(name) ?? value)] as const)
        : ([name, value] as const),
    )
    const answer = neighbourAnswer(this.#environ, { status: head.status, headers, body })
    startResponse(answer.status, answer.headers)
    return answer.body
  }

  #whole(): Body {
    const chunks: Buffer[] = []
    for (
      let more = this.#socket.takeWritten();
      more.length > 0;
      more = this.#socket.takeWritten()
    ) {
      chunks.push(...more.filter(({ length }) => length > 0))
    }
    return chunks
  }

  #stream(): Body {
    const read = async function* (this: NodeCall): AsyncGenerator<Buffer> {
      let first = true
      for (;;) {
        await this.#socket.arrival()
        const chunks = this.#socket.takeWritten()
        if (chunks.length === 0) break
        const full = chunks.filter(({ length }) => length > 0)
        // Nothing before anything else is a flushed head.
        yield* full.length > 0 || !first ? full : chunks.slice(0, 1)
        first = false
      }
      if (!this.#finished) throw this.#reason()
    }
    return {
      [Symbol.asyncIterator]: () => read.call(this),
      close: () => {
        if (this.#finished) return
        // What the handler makes of it, a pipe that broke off, is nobody's fault.
        this.#failure ??= { error: new Error('the body was closed before its end') }
        this.#socket.destroy()
      },
    }
  }

  #reason(): unknown {
    if (this.#failure !== undefined) return withStatus(this.#failure.error)
    return (
      this.#socket.errored ?? new Error('the handler must end its response, but it was destroyed')
    )
  }

  /** The client went away. Nobody hears of the 499; it is a 4xx so that no server reports it as a fault. */
  #leave(): void {
    if (this.#finished || this.#socket.destroyed) return
    const gone = createError(499, 'the client went away', { code: 'ECONNRESET' })
    this.#failure ??= { error: gone }
    const { request } = this
    if (!request.destroyed) {
      request.aborted = true
      request.emit('aborted')
      request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    }
    this.#socket.destroy()
  }

  /** As node:http's server does it: a timeout that nobody handles ends the connection. */
  #timeOut(): void {
    const heard = this.request.emit('timeout', this.#socket)
    if (!this.response.emit('timeout', this.#socket) && !heard) {
      this.fail(createError(503, 'the handler took too long'))
    }
  }
}

/** Reads an error's status as Koa and Express do, which don't ask for an http-errors error. Its message stays hidden. */
function withStatus(error: unknown): unknown {
  if (!(error instanceof Error) || 'expose' in error || !Object.isExtensible(error)) return error
  const status: unknown =
    'status' in error ? error.status : 'statusCode' in error ? error.statusCode : undefined
  const known = Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599
  return known ? Object.assign(error, { status, expose: false }) : error
}
