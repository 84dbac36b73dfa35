// Writes a streamed body to node:http's response: the head with the first chunk, back-pressure, and the body
// closed at once when the client goes away.
import type { ServerResponse } from 'node:http'
import type { BodyReader } from './body-reader.js'
import type { Chunk } from './contract.js'
import { headersToSend } from './head.js'
import { isGone, onClose } from './node-exchange.js'
import type { NodeExchange } from './node-exchange.js'
import { writeChunk, writeHead } from './node-wire.js'

/** @throws what the body throws; it is closed then */
export async function sendStream(
  reader: BodyReader,
  exchange: NodeExchange,
  response: ServerResponse,
): Promise<void> {
  /** What waits until the client has caught up, or is gone. */
  let resume: (() => void) | undefined
  exchange.release = () => reader.close()
  // A client may leave before the first chunk, which may never come.
  exchange.leave()
  onClose(response, () => {
    void reader.close()
    resume?.()
  })
  response.on('drain', () => resume?.())
  try {
    let chunk = await reader.next()
    if (isGone(response)) return
    sendHead(exchange, response)
    while (chunk !== undefined) {
      if (!write(chunk, exchange, response) && !reader.closed) {
        await new Promise<void>((resolve) => {
          resume = resolve
        })
      }
      chunk = await reader.next()
    }
    response.end()
  } finally {
    await reader.close()
  }
}

function sendHead(exchange: NodeExchange, response: ServerResponse): void {
  const { status, headers } = exchange
  exchange.headers = headersToSend(response.req.method ?? 'GET', status, headers, undefined)
  writeHead(response, status, exchange.headers)
  exchange.headSent = true
}

function write(chunk: Chunk, exchange: NodeExchange, response: ServerResponse): boolean {
  const length = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength
  exchange.bytes += length
  return writeChunk(response, chunk, length)
}
