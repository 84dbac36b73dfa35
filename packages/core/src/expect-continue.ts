// Asks for a body that its client holds back (Expect: 100-continue) only when it is read, so that an answer without
// reading (401, 413) spares sending it (RFC 9110 §10.1.1). node:http by itself asks at once.
import { IncomingMessage } from 'node:http'
import type { Server, ServerResponse } from 'node:http'

/** Where nobody asks, node:http closes the connection after the answer: what follows may be the body or not. */
export function askWhenRead(server: Server): Server {
  return server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    let asked = false
    // What a Readable is asked for once somebody reads.
    request._read = (size) => {
      // After the head the client would take it for a part of the body.
      if (!asked && !response.headersSent) response.writeContinue()
      asked = true
      IncomingMessage.prototype._read.call(request, size)
    }
    server.emit('request', request, response)
  })
}
