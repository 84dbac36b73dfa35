// The contract on CGI/1.1 (RFC 3875): one request from the environment and standard input, answered on
// standard output.
import type { Readable, Writable } from 'node:stream'
import { closeBody, isWhole, toBytes } from './body.js'
import { BodyReader } from './body-reader.js'
import { cgiEnviron, contentLength } from './cgi-environ.js'
import type { CgiEnv } from './cgi-environ.js'
import { readBounded } from './cgi-input.js'
import { cgiHead, CgiOutput } from './cgi-output.js'
import type { App, Body, Chunk, Outcome } from './contract.js'
import { assertBody, assertStarted, hasNoBody } from './exchange.js'
import { headersToSend } from './head.js'
import { readOnce } from './input.js'
import { SelfEndingExchange } from './self-ending-exchange.js'
import { answerTo } from './thrown.js'

export interface CgiOptions {
  /** `process.env` unless given. */
  readonly env?: CgiEnv
  /** Standard input unless given. */
  readonly stdin?: Readable
  /** Standard output unless given; it is not ended. */
  readonly stdout?: Writable
  /** Where `robaccia.errors` go: standard error unless given, which web servers put into their log. */
  readonly errors?: { write(text: string): void }
}

/**
 * Answers one request. Settles when the response has left the process and what runs after it is done: only then
 * may the process be ended. An outcome that is `aborted` wants an exit code that is not 0: CGI has no other way
 * to say that a response is not whole.
 *
 * @throws TypeError without REQUEST_METHOD in the environment
 *
 * @example
 * #!/usr/bin/env node
 * const { aborted } = await runCgi(app)
 * process.exitCode = aborted ? 1 : 0
 */
export async function runCgi(app: App, options: CgiOptions = {}): Promise<Outcome> {
  const { env = process.env, stdin = process.stdin, stdout = process.stdout } = options
  const exchange = new SelfEndingExchange()
  const input = readOnce(() => readBounded(stdin, contentLength(env) ?? 0))
  const environ = cgiEnviron(env, input, exchange, options.errors ?? process.stderr)
  exchange.environ = environ
  const output = new CgiOutput(stdout, () => void exchange.end(true))
  const method = environ.REQUEST_METHOD
  let cut = false
  const patience = withPatience(() => exchange.end(true))
  try {
    const body = await app(environ, exchange.startResponse)
    await respond(method, exchange, output, body)
  } catch (error) {
    exchange.fail(error)
    if (exchange.headSent) cut = true
    else await answerError(method, exchange, output, error)
  }
  patience.answered()
  exchange.leave()
  try {
    await output.flushed()
    return await exchange.end(cut || output.gone)
  } finally {
    patience.end()
  }
}

/** Once there is no handler. */
function die(): void {
  process.kill(process.pid, 'SIGTERM')
}

/** Milliseconds that an app, and what runs after it, have to come to their end once the web server says so. */
const GRACE = 5000

/**
 * A web server may end the process with SIGTERM as soon as it has the response (lighttpd does), or has no more use for it.
 * What was added by `after` is owed all the same.
 */
function withPatience(drop: () => Promise<unknown>): { answered(): void; end(): void } {
  let isAnswered = false
  let timer: NodeJS.Timeout | undefined
  const terminated = (): void => {
    timer = setTimeout(die, GRACE).unref()
    if (!isAnswered) void drop().then(die, die)
  }
  process.once('SIGTERM', terminated)
  return {
    answered: () => {
      isAnswered = true
    },
    end: () => {
      clearTimeout(timer)
      process.off('SIGTERM', terminated)
    },
  }
}

async function respond(
  method: string,
  exchange: SelfEndingExchange,
  output: CgiOutput,
  body: Body,
): Promise<void> {
  assertBody(body)
  const bodiless = method === 'HEAD' || hasNoBody(exchange.status)
  if (exchange.status !== 0 && !isWhole(body) && !bodiless) {
    await sendStream(method, exchange, output, new BodyReader(body, exchange))
    return
  }
  // What fails before the head goes out, closing included, is still a 500.
  await closeBody(body)
  assertStarted(exchange)
  await sendWhole(method, exchange, output, isWhole(body) ? body : undefined)
}

async function sendWhole(
  method: string,
  exchange: SelfEndingExchange,
  output: CgiOutput,
  body: readonly Chunk[] | undefined,
): Promise<void> {
  const bytes = body && Buffer.concat(body.map(toBytes))
  const head = takeHead(method, exchange, bytes?.length)
  const sent = bytes === undefined || method === 'HEAD' || hasNoBody(exchange.status) ? [] : [bytes]
  if (!exchange.over) exchange.bytes = sent[0]?.length ?? 0
  await output.write(Buffer.concat([head, ...sent]))
}

async function sendStream(
  method: string,
  exchange: SelfEndingExchange,
  output: CgiOutput,
  reader: BodyReader,
): Promise<void> {
  exchange.release = () => reader.close()
  exchange.leave()
  try {
    let chunk = await reader.next()
    await output.write(takeHead(method, exchange, undefined))
    while (chunk !== undefined) {
      const bytes = toBytes(chunk)
      if (!output.gone) exchange.bytes += bytes.byteLength
      await output.write(bytes)
      chunk = await reader.next()
    }
  } finally {
    await reader.close()
  }
}

/** The head that can no longer change. */
function takeHead(
  method: string,
  exchange: SelfEndingExchange,
  length: number | undefined,
): Uint8Array {
  const headers = headersToSend(method, exchange.status, exchange.headers, length)
  const head = cgiHead(exchange.status, headers)
  exchange.headers = headers
  exchange.headSent = true
  return head
}

async function answerError(
  method: string,
  exchange: SelfEndingExchange,
  output: CgiOutput,
  error: unknown,
): Promise<void> {
  const { status, headers, message } = answerTo(error)
  exchange.status = status
  exchange.headers = [...headers, ['content-type', 'text/plain; charset=utf-8']]
  await sendWhole(method, exchange, output, [`${message}\n`])
}
