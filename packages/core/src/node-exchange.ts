// The exchange over node:http's response: when it ends, how many bytes left, and the client's leaving.
import type { ServerResponse } from 'node:http'
import type { Environ, HeaderList } from './contract.js'
import { Exchange } from './exchange.js'
import { sendable, token } from './head.js'
import { reportThrown } from './thrown.js'

/**
 * How many exchanges a server waits for when it stops. One runs until its app has settled and what that
 * added by `after` has run: its client may be long gone, and it may yet write to a database.
 */
export interface Running {
  count: number
}

export class NodeExchange extends Exchange {
  /** Bytes of the body given to node:http so far. */
  bytes = 0
  /** Closes the body on its way, if it is a stream; settles when it is closed, however often it is called. */
  release: (() => Promise<void>) | undefined = undefined
  environ: Environ | undefined = undefined
  protected readonly response: ServerResponse
  readonly #running: Running | undefined
  #counted = false
  #left = false
  #closed = false
  /** All of it left, as far as anybody can know. */
  #whole = false

  constructor(response: ServerResponse, running?: Running) {
    super()
    this.response = response
    this.#running = running
    this.#count()
  }

  #count(): void {
    if (this.#counted || this.#running === undefined) return
    this.#counted = true
    this.#running.count++
  }

  #uncount(): void {
    if (!this.#counted || this.#running === undefined) return
    this.#counted = false
    this.#running.count--
  }

  protected override report(error: unknown): void {
    if (this.environ !== undefined) reportThrown(error, this.environ)
  }

  // The response's own `close`: the request's comes earlier on a POST.
  protected override watch(): void {
    this.#count()
    const late = this.response.closed
    onClose(this.response, () => this.#close(late))
  }

  /** node:http calls a response finished, too, whose connection broke on the way. @param late long after it closed */
  #close(late: boolean): void {
    const { writableFinished, req } = this.response
    this.#closed = true
    this.#whole = writableFinished && (late || !req.socket.destroyed)
    if (!this.#whole) this.drop()
    if (this.#left) void this.#end()
  }

  /**
   * Says that the app has settled and its body is closed, or is a stream that will be. A client may have
   * gone long before: what the app adds by `after` until here still runs, and sees the body closed.
   */
  leave(): void {
    if (this.#left) return
    this.#left = true
    if (this.#closed) void this.#end()
    // The rest is node:http's: nobody wants to know how it ends.
    else if (!this.watched) this.#uncount()
  }

  /** Says whether an error is the client's leaving, which `signal` and `after` tell: no error of the app's. */
  isDeparture(error: unknown): boolean {
    if (!(error instanceof Error)) return false
    const { aborted, reason } = this.signal
    return (
      error === this.response.req.errored ||
      (aborted && (error === reason || error.cause === reason))
    )
  }

  /** What was sent, or would have been. */
  protected sentHeaders(): HeaderList {
    return this.headers
  }

  protected givenBytes(): number {
    return this.bytes
  }

  async #end(): Promise<void> {
    const { statusCode, headersSent, writableLength } = this.response
    const headers = this.sentHeaders()
    await this.release?.()
    const given = headersSent ? this.givenBytes() : 0
    await this.finish({
      status: statusCode,
      headers,
      bytes: this.#whole ? given : Math.max(0, given - writableLength),
      aborted: !this.#whole,
      ...(this.error === undefined ? {} : { error: this.error }),
    })
    this.#uncount()
  }

  /** Sends 102 or 103 (RFC 2518 §10.1, RFC 8297); a client of HTTP/1.0 gets none (RFC 9110 §15.2). */
  inform(status: number, headers: HeaderList): void {
    if (status !== 102 && status !== 103) {
      throw new TypeError(`inform's status must be 102 or 103 on this server, got ${status}`)
    }
    // node:http looks at none but Link, and writes the rest as it is (RFC 9110 §5.5).
    for (const [name, value] of headers) {
      if (token.test(name) && sendable.test(value)) continue
      throw new TypeError(`inform's headers must be sendable, got ${JSON.stringify([name, value])}`)
    }
    if (this.response.headersSent || this.response.req.httpVersion === '1.0') return
    if (status === 102) this.response.writeProcessing()
    else this.response.writeEarlyHints(Object.fromEntries(grouped(headers)))
  }
}

/**
 * Calls `fn` once when the response is finished or its connection gone. node:http tells a response that waits
 * behind another one (pipelining) nothing about its connection, so that is listened to as well.
 */
export function onClose(response: ServerResponse, fn: () => void): void {
  const { socket } = response.req
  if (response.closed || socket.destroyed) {
    fn()
    return
  }
  if (response.socket !== null) {
    response.once('close', fn)
    return
  }
  const once = (): void => {
    response.off('close', once)
    socket.off('close', once)
    fn()
  }
  response.once('close', once)
  socket.once('close', once)
}

/** Says whether nobody is there any more to take a response. */
export function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.req.socket.destroyed
}

/** Header pairs by name, the values of one that comes several times together. */
export function grouped(headers: HeaderList): Map<string, string | string[]> {
  const result = new Map<string, string | string[]>()
  for (const [name, value] of headers) {
    const earlier = result.get(name)
    if (earlier === undefined) result.set(name, value)
    else if (typeof earlier === 'string') result.set(name, [earlier, value])
    else earlier.push(value)
  }
  return result
}
