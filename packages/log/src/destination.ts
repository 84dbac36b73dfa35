// Where lines go. A full disk or a reader that has gone must not hold up a request: what can't be written waits in
// bounded memory, then is dropped, and standard error is told once.
import { closeSync, openSync } from 'node:fs'
import { register } from 'on-exit-leak-free'
import { pino } from 'pino'

/** A file's path, a file descriptor (1 is standard output), or whatever takes text. */
export type Destination = string | number | { write(text: string): void }

export interface Output {
  write(text: string): void
  /** Writes what waits. */
  flush?(): void
}

/** Lines are written when there are so many characters of them, or after so many milliseconds. */
const BATCH = 8192
const MOST_WAIT = 500
/** Bytes that may wait for a destination which does not take them. */
const MOST_WAITING = 4 * 1024 * 1024

/** @throws TypeError for a file that can't be opened for writing */
export function destination(to: Destination): Output {
  if (typeof to === 'object') return to
  if (typeof to === 'string') assertWritable(to)
  return new Batches(to)
}

/** A web server has started the process for one request (RFC 3875 §4.1.12), and may end it once that is answered. */
export function isCgi(): boolean {
  return process.env.REQUEST_METHOD !== undefined
}

/**
 * Lines in batches, but for a CGI script, which writes each at once. The stream has batches of its own, but measures what
 * waits anew for each line, which costs more than making the line.
 */
class Batches implements Output {
  readonly #stream: ReturnType<typeof pino.destination>
  readonly #atOnce = isCgi()
  #waiting = ''
  #timer: NodeJS.Timeout | undefined

  constructor(to: string | number) {
    this.#stream = pino.destination({
      dest: to,
      sync: this.#atOnce,
      maxLength: MOST_WAITING,
    })
    tellOnce(this.#stream, to === 1 ? 'standard output' : to === 2 ? 'standard error' : String(to))
    register(this, (batches: Batches) => batches.#end())
  }

  write(text: string): void {
    this.#waiting += text
    if (this.#atOnce || this.#waiting.length >= BATCH) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), MOST_WAIT).unref()
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const text = this.#waiting
    this.#waiting = ''
    if (text !== '') this.#stream.write(text)
  }

  /** The process ends: what waits is written now or never. */
  #end(): void {
    this.flush()
    try {
      this.#stream.flushSync()
    } catch {
      // It could not be written before, and that was told.
    }
  }
}

function tellOnce(stream: ReturnType<typeof pino.destination>, name: string): void {
  let lost = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (lost) return
    lost = true
    process.stderr.write(
      `log: ${name} must take what is written, got ${error.code ?? error.message}: requests go on, their lines are lost\n`,
    )
  })
  stream.on('write', () => (lost = false))
}

function assertWritable(file: string): void {
  try {
    closeSync(openSync(file, 'a'))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error'
    throw new TypeError(`log: a file must be one that can be written, got ${file} (${code})`, {
      cause,
    })
  }
}
