// A CGI response on its way to the web server (RFC 3875 §6): back-pressure, and the reader's going away.
import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http'
import type { Writable } from 'node:stream'
import type { HeaderList } from './contract.js'

export class CgiOutput {
  /** Nobody reads any more: the web server has given the request up. */
  gone = false
  readonly #stdout: Writable
  #resume: (() => void) | undefined = undefined

  /** @param left is called when nobody reads any more */
  constructor(stdout: Writable, left: () => void) {
    this.#stdout = stdout
    stdout.on('drain', () => this.#resume?.())
    stdout.on('error', () => {
      this.gone = true
      left()
      this.#resume?.()
    })
  }

  /** Settles when there is room for more. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.gone || this.#stdout.write(bytes)) return
    await new Promise<void>((resolve) => {
      this.#resume = resolve
    })
  }

  /** Settles when all that was written has left the process. */
  async flushed(): Promise<void> {
    if (this.gone) return
    await new Promise<void>((resolve) => {
      this.#resume = resolve
      this.#stdout.write('', () => resolve())
    })
  }
}

/**
 * The head's bytes. With `Status` a `location` is never a local redirect, which would be answered by the web
 * server (RFC 3875 §6.2.2).
 *
 * @throws TypeError for a header that could end the head early
 */
export function cgiHead(status: number, headers: HeaderList): Uint8Array {
  const lines = headers.map(([name, value]) => {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return `${name}: ${value}\r\n`
  })
  return Buffer.from(
    `Status: ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`,
    'latin1',
  )
}
