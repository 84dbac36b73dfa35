// A streamed body as a ReadableStream: pulled only when the runtime asks, and closed at its end, at an error,
// or when it is cancelled.
import { toBytes } from './body.js'
import type { BodyReader } from './body-reader.js'
import type { Chunk } from './contract.js'
import type { FetchExchange } from './fetch-exchange.js'

/** @param first is the chunk that was pulled before there was a Response; undefined if there was none */
export function fetchBody(
  first: Chunk | undefined,
  reader: BodyReader,
  exchange: FetchExchange,
): ReadableStream<Uint8Array> {
  let next = first
  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      // An empty chunk has sent the head: there is a Response.
      while (next?.length === 0) next = await reader.next()
      // Cancelled while the chunk was on its way.
      if (exchange.over) return
      if (next === undefined) {
        controller.close()
        await reader.close()
        void exchange.end(false)
        return
      }
      const bytes = toBytes(next)
      controller.enqueue(bytes)
      exchange.bytes += bytes.byteLength
      next = ''
    } catch (error) {
      exchange.fail(error)
      void exchange.end(true)
      controller.error(error)
    }
  }
  return new ReadableStream({ pull, cancel: () => void exchange.end(true) }, { highWaterMark: 0 })
}
