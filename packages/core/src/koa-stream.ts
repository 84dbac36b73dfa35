// A body that is a Readable already, such as a file's: Koa pipes it as it is, without a second stream around it and
// a promise for each chunk.
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { wrongLength } from './body-reader.js'
import type { Body } from './contract.js'
import { ownLength } from './head.js'
import { destroyed } from './node-body.js'
import type { NodeExchange } from './node-exchange.js'

/** Says whether a body is a Readable of bytes that nobody has given a way of its own to be closed. */
export function isPipeable(body: Body): body is Body & Readable {
  return (
    body instanceof Readable &&
    !Object.hasOwn(body, 'close') &&
    !body.readableObjectMode &&
    body.readableEncoding === null
  )
}

/**
 * Waits for a Readable's first bytes or its end, while an error can still become a 500, and minds it until
 * Koa pipes it: a client may leave before.
 *
 * @throws what the Readable failed with
 */
export async function beginPipe(
  body: Readable,
  exchange: NodeExchange,
  response: ServerResponse,
): Promise<void> {
  exchange.release = () => destroyed(body)
  body.on('error', (error) => {
    exchange.error ??= error
  })
  response.once('close', () => body.destroy())
  const length = ownLength(exchange.headers)
  // Not earlier: to listen to a Readable's data makes it flow.
  response.once('pipe', () => {
    exchange.headSent = true
    count(body, exchange, response, length)
  })
  await readable(body)
  const least = body.readableLength
  if (length !== undefined && (least > length || (body.readableEnded && least < length))) {
    throw wrongLength(length - least)
  }
}

/** Cuts the connection before what is over the length leaves, and at an end that comes too early (RFC 9112 §6.3). */
function count(
  body: Readable,
  exchange: NodeExchange,
  response: ServerResponse,
  length: number | undefined,
): void {
  let left = length
  const check = (isEnd: boolean): void => {
    if (left === undefined || !(left < 0 || (isEnd && left > 0))) return
    const error = wrongLength(left)
    exchange.bodyFailed(error)
    left = undefined
    body.destroy(error)
    response.destroy()
  }
  // Before the pipe's own listeners.
  body.prependListener('data', (chunk: Buffer) => {
    if (left !== undefined) left -= chunk.length
    check(false)
    if (!response.destroyed) exchange.bytes += chunk.length
  })
  body.prependListener('end', () => check(true))
}

function readable(body: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    if (body.errored !== null) reject(body.errored)
    else if (body.readableLength > 0 || body.destroyed || body.readableEnded) resolve()
    else {
      const settle = (error?: Error | null): void => {
        for (const event of events) body.off(event, settle)
        if (error instanceof Error) reject(error)
        else resolve()
      }
      for (const event of events) body.on(event, settle)
    }
  })
}

const events = ['readable', 'end', 'error', 'close']
