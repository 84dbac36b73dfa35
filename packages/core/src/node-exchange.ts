// The exchange over node:http's response: when it ends, how many bytes left, and the client's leaving.
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { Exchange } from './exchange.js'
import type { HeaderList } from './contract.js'

export class NodeExchange extends Exchange {
  /** Bytes of the body given to node:http so far. */
  bytes = 0
  /** The body on its way, if it is a stream. */
  stream: Readable | undefined
  readonly #response: ServerResponse
  readonly #report: (error: unknown) => void

  constructor(response: ServerResponse, report: (error: unknown) => void) {
    super()
    this.#response = response
    this.#report = report
  }

  protected override report(error: unknown): void {
    this.#report(error)
  }

  // The response's own `close`: the request's comes earlier on a POST.
  protected override watch(): void {
    if (this.#response.closed) void this.#end()
    else this.#response.once('close', () => void this.#end())
  }

  async #end(): Promise<void> {
    const { statusCode: status, writableFinished, writableLength } = this.#response
    const headers = headerList(this.#response)
    if (!writableFinished) this.drop()
    if (this.stream !== undefined && !this.stream.closed) {
      this.stream.destroy()
      await new Promise((closed) => this.stream?.once('close', closed))
    }
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
    if (this.#response.headersSent || this.#response.req.httpVersion === '1.0') return
    if (status === 102) this.#response.writeProcessing()
    else this.#response.writeEarlyHints(grouped(headers))
  }
}

/** What was set on a response, as pairs. */
function headerList(response: ServerResponse): HeaderList {
  return Object.entries(response.getHeaders()).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)] as const),
  )
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
