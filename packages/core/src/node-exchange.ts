// The exchange over node:http's response: when it ends, how many bytes left, and the client's leaving.
import type { ServerResponse } from 'node:http'
import type { Environ, HeaderList } from './contract.js'
import { Exchange } from './exchange.js'
import { reportThrown } from './thrown.js'

export class NodeExchange extends Exchange {
  /** Bytes of the body given to node:http so far. */
  bytes = 0
  /** Closes the body on its way, if it is a stream; settles when it is closed, however often it is called. */
  release: (() => Promise<void>) | undefined = undefined
  environ: Environ | undefined = undefined
  protected readonly response: ServerResponse

  constructor(response: ServerResponse) {
    super()
    this.response = response
  }

  protected override report(error: unknown): void {
    if (this.environ !== undefined) reportThrown(error, this.environ)
  }

  // The response's own `close`: the request's comes earlier on a POST.
  protected override watch(): void {
    onClose(this.response, () => void this.#end())
  }

  /** What was sent, or would have been. */
  protected sentHeaders(): HeaderList {
    return this.headers
  }

  async #end(): Promise<void> {
    const { statusCode: status, writableFinished, writableLength } = this.response
    const headers = this.sentHeaders()
    if (!writableFinished) this.drop()
    await this.release?.()
    await this.finish({
      status,
      headers,
      bytes: writableFinished ? this.bytes : Math.max(0, this.bytes - writableLength),
      aborted: !writableFinished,
      ...(this.error === undefined ? {} : { error: this.error }),
    })
  }

  /** Sends 102 or 103 (RFC 2518 §10.1, RFC 8297); a client of HTTP/1.0 gets none (RFC 9110 §15.2). */
  inform(status: number, headers: HeaderList): void {
    if (status !== 102 && status !== 103) {
      throw new TypeError(`inform's status must be 102 or 103 on this server, got ${status}`)
    }
    if (this.response.headersSent || this.response.req.httpVersion === '1.0') return
    if (status === 102) this.response.writeProcessing()
    else this.response.writeEarlyHints(grouped(headers))
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

/** Header pairs by name, in the form that node:http takes. */
export function grouped(headers: HeaderList): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {}
  for (const [name, value] of headers) {
    const earlier = result[name]
    if (earlier === undefined) result[name] = value
    else if (typeof earlier === 'string') result[name] = [earlier, value]
    else earlier.push(value)
  }
  return result
}
