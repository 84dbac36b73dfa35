// A socket that leads nowhere: what node:http writes to it, a response's head and body, is read back.
// So a bridged handler has a real ServerResponse, with all that libraries do to one, and no part of node:http
// is imitated. Its buffer is the back-pressure: `write` is answered with false until the body is pulled.
import { Socket } from 'node:net'
import type { Environ, HeaderList } from './contract.js'

/** A response's head as it was written. */
export interface Head {
  readonly status: number
  readonly headers: HeaderList
}

type Piece = { readonly chunk: string | Buffer; readonly encoding: BufferEncoding }
type Done = (error?: Error | null) => void

export class CapturedSocket extends Socket {
  override readonly remoteAddress: string
  override readonly localAddress: string
  override readonly localPort: number
  /** As on a TLSSocket: what Koa and Express tell http from https by. */
  readonly encrypted: boolean
  /** There once the head was written. */
  head: Head | undefined
  readonly #inform: ((status: number, headers: HeaderList) => void) | undefined
  #written: Buffer[] = []
  /** Asks the response for more: there while something is written that nobody has taken. */
  #release: Done | undefined
  #wake: (() => void) | undefined

  constructor(environ: Environ) {
    super({ allowHalfOpen: true })
    this.remoteAddress = environ.REMOTE_ADDR
    this.localAddress = environ.SERVER_NAME
    this.localPort = Number(environ.SERVER_PORT)
    this.encrypted = environ['robaccia.url_scheme'] === 'https'
    this.#inform = (status, headers) => environ['robaccia.server'].inform?.(status, headers)
    this.on('error', () => {})
    this.on('close', () => this.#wake?.())
  }

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Done): void {
    this.#put([{ chunk, encoding }], done)
  }

  override _writev(pieces: Piece[], done: Done): void {
    this.#put(pieces, done)
  }

  #put(pieces: readonly Piece[], done: Done): void {
    for (const { chunk, encoding } of pieces) {
      const rest = this.head === undefined ? this.#readHead(chunk) : chunk
      if (rest !== undefined) {
        this.#written.push(typeof rest === 'string' ? Buffer.from(rest, encoding) : rest)
      }
    }
    if (this.head === undefined) {
      // Early hints only, so far.
      done()
      return
    }
    this.#release = done
    this.#wake?.()
  }

  /** Node writes a head in one piece, as a string of one character a byte, perhaps with the body's first text. */
  #readHead(chunk: string | Buffer): string | undefined {
    const text = typeof chunk === 'string' ? chunk : chunk.toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    const head = parseHead(text.slice(0, end))
    if (head.status >= 200) {
      this.head = head
      return text.slice(end + 4)
    }
    if (head.status === 102 || head.status === 103) this.#inform?.(head.status, head.headers)
    return undefined
  }

  /** Waits until something is written or the socket is closed. */
  async arrival(): Promise<void> {
    while (this.#release === undefined && !this.closed) {
      await new Promise<void>((wake) => (this.#wake = wake))
    }
  }

  /** Takes what is written, and thereby asks for more. Empty when there is nothing. */
  takeWritten(): readonly Buffer[] {
    const written = this.#written
    const release = this.#release
    this.#written = []
    this.#release = undefined
    release?.()
    return written
  }
}

/** A status line and the header lines (RFC 9112 §4, §5). */
function parseHead(text: string): Head {
  const [line = '', ...fields] = text.split('\r\n')
  return {
    status: Number(line.split(' ', 2)[1]),
    headers: fields.map((field) => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
    }),
  }
}
