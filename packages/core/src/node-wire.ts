// Writes heads and chunks to node:http's response. Header values are Latin-1 on the wire; node:http writes a
// head in the encoding of the string that goes with it, so no string goes out here as UTF-8.
import type { ServerResponse } from 'node:http'
import { toBytes } from './body.js'
import type { Chunk, HeaderList } from './contract.js'
import { grouped } from './node-exchange.js'

/** @throws what node:http throws for a status or a header that can't be sent; nothing is sent then */
export function writeHead(response: ServerResponse, status: number, headers: HeaderList): void {
  // With headers that an outer framework has set, node:http's writeHead would lose repeated ones.
  if (response.getHeaderNames().length > 0) {
    setHeaders(response, headers)
    response.writeHead(status)
    return
  }
  const flat: string[] = []
  for (const pair of headers) flat.push(pair[0], pair[1])
  response.writeHead(status, flat)
}

/** A cookie or a `vary` that an outer framework had set stays beside the app's. */
function setHeaders(response: ServerResponse, headers: HeaderList): void {
  for (const [name, value] of grouped(headers)) {
    if (name === 'set-cookie' || name === 'vary') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
}

/** A whole body as one chunk. */
export function joined(body: readonly Chunk[]): Chunk {
  const [only = ''] = body
  return body.length < 2 ? only : Buffer.concat(body.map(toBytes))
}

/** Sends a whole body as one chunk, so that it leaves with the head in one write. */
export function endWith(response: ServerResponse, body: Chunk, length: number): void {
  // As long in bytes as in characters: it is ASCII, and cheapest as Latin-1.
  if (typeof body !== 'string') response.end(body)
  else if (length === body.length) response.end(body, 'latin1')
  else response.end(Buffer.from(body))
}

/** Hands on a chunk. An empty one sends the head alone. False when the client should catch up first. */
export function writeChunk(response: ServerResponse, chunk: Chunk, length: number): boolean {
  if (typeof chunk !== 'string') return response.write(chunk)
  if (length === chunk.length) return response.write(chunk, 'latin1')
  return response.write(Buffer.from(chunk))
}
