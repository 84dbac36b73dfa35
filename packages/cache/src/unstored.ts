// A response that may not be stored passes as it is, at the client's pace, and ends when the client leaves.
import {
  closeBody,
  isWhole,
  notModified,
  readAll,
  type Body,
  type HeaderList,
  type Response,
} from '@robaccia/core'
import type { ForwardedRequest } from './forwarded-request.js'

/**
 * @param sent the headers for the client
 * @param unchanged the client has it already: a 304 will do
 */
export async function passUnstored<P>(
  request: ForwardedRequest<P>,
  received: Response,
  sent: HeaderList,
  unchanged: boolean,
): Promise<Body> {
  const { environ, startResponse } = request.asked
  const { status, body } = received
  if (unchanged) {
    await request.discard(received)
    startResponse(304, notModified(sent))
    return []
  }
  startResponse(status, sent)
  if (isWhole(body)) {
    const bytes = await readAll(body)
    await request.end(received, { bytes: bytes.byteLength, aborted: false })
    return [bytes]
  }
  let bytes = 0
  let whole = false
  let failed: unknown
  const { signal } = environ['robaccia.server']
  const leave = (): void => request.abort()
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const chunk of body) {
          bytes += chunk.length
          yield chunk
        }
        whole = true
      } catch (error) {
        failed = error
        throw error
      }
    },
    close: async () => {
      signal.removeEventListener('abort', leave)
      try {
        await closeBody(body)
      } finally {
        await request.end(received, { bytes, aborted: !whole, error: failed })
      }
    },
  }
}
