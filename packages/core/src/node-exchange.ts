// The exchange over node:http's response: when it ends, how many bytes left, and the client's leaving.
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { Exchange, hasNoBody } from './exchange.js'
import type { HeaderList } from './contract.js'

export class NodeExchange extends Exchange {
  /** Bytes of a streamed body given to node:http so far. */
  bytes = 0
  /** The body on its way, if it is a stream. */
  stream: Readable | undefined
  #left = false
  #closed = false
  readonly #response: ServerResponse
  readonly #report: (error: unknown) => void

  constructor(response: ServerResponse, report: (error: unknown) => void) {
    super()
    this.#response = response
    this.#report = report
  }

  protected override report(error: unknown): void {
    this.#report(asError(error, 'an after function failed'))
  }

  /** Takes what closing a stream threw: as an event of the stream it would end the process where nobody listens. */
  closeFailed(error: unknown): void {
    this.error ??= error
    this.#report(asError(error, 'a body failed to close'))
  }

  // The response's own `close`: the request's comes earlier on a POST.
  protected override watch(): void {
    if (this.#response.closed) this.#close()
    else this.#response.once('close', () => this.#close())
  }

  #close(): void {
    this.#closed = true
    if (!this.#response.writableFinished) this.drop()
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
  }

  async #end(): Promise<void> {
    const { statusCode: status, writableFinished } = this.#response
    const headers = headerList(this.#response)
    if (this.stream !== undefined && !this.stream.closed) {
      this.stream.destroy()
      await new Promise((closed) => this.stream?.once('close', closed))
    }
    await this.finish({
      status,
      headers,
      bytes: this.#sent(),
      aborted: !writableFinished,
      ...(this.error === undefined ? {} : { error: this.error }),
    })
  }

  /** A whole body, ours or the page for an error, has its length in the head. */
  #sent(): number {
    const { req, headersSent, statusCode, writableFinished, writableLength } = this.#response
    if (!headersSent || req.method === 'HEAD' || hasNoBody(statusCode)) return 0
    const given = this.bytes || Number(this.#response.getHeader('content-length') ?? 0)
    return writableFinished ? given : Math.max(0, given - writableLength)
  }

  /** Sends 102 or 103 (RFC 2518 §10.1, RFC 8297); a client of HTTP/1.0 gets none (RFC 9110 §15.2). */
  inform(status: number, headers: HeaderList): void {
    if (status !== 102 && status !== 103) {
      throw new TypeError(`inform's status must be 102 or 103 on this server, got ${status}`)
    }
    if (this.#response.headersSent || this.#response.req.httpVersion === '1.0') return
    if (status === 102) this.#response.writeProcessing()
    else this.#response.writeEarlyHints(Object.fromEntries(grouped(headers)))
  }
}

/** What was set on a response, as pairs. */
function headerList(response: ServerResponse): HeaderList {
  return Object.entries(response.getHeaders()).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)] as const),
  )
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

/** What was thrown as an Error, which it need not be. */
export function asError(thrown: unknown, message: string): Error {
  return thrown instanceof Error ? thrown : new Error(message, { cause: thrown })
}
