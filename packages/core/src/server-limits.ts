// What a client may take of a server: time and header bytes, in node:http's words.
import type { ServerOptions } from 'node:http'
import type { ServeOptions } from './serve.js'

/** @throws TypeError for a limit that is none */
export function serverLimits({
  timeouts = {},
  maxHeaderSize = 16_384,
}: ServeOptions): ServerOptions {
  const { headers = 30_000, request = 300_000, idle = 5_000 } = timeouts
  for (const [name, value] of Object.entries({ headers, request, idle })) {
    if (typeof value !== 'number' || !(value >= 1)) {
      throw new TypeError(
        `serve's timeouts.${name} must be at least 1 millisecond, got ${String(value)}`,
      )
    }
  }
  if (!Number.isInteger(maxHeaderSize) || maxHeaderSize < 1) {
    throw new TypeError(
      `serve's maxHeaderSize must be a whole number of bytes, got ${String(maxHeaderSize)}`,
    )
  }
  return {
    // The headers are a part of the request.
    headersTimeout: limit(Math.min(headers, request)),
    requestTimeout: limit(request),
    keepAliveTimeout: limit(idle),
    // node:http looks twice a minute unless told otherwise.
    connectionsCheckingInterval: Math.min(1000, headers, request),
    maxHeaderSize,
  }
}

/** node:http's 0 is no limit. */
function limit(milliseconds: number): number {
  return milliseconds === Infinity ? 0 : Math.ceil(milliseconds)
}
