// Opens the port that a server is reached at, and says in words why it can't.
import { once } from 'node:events'
import type { Server } from 'node:net'

/** Where servers listen. */
export interface Listening<S extends Server> {
  readonly servers: readonly S[]
  readonly port: number
  /** `http://localhost:8080`, say. */
  readonly url: string
}

/**
 * Listens on an address, or without one on both loopback addresses.
 *
 * @param make makes a server for each address
 * @throws Error with the system's `code` (`EADDRINUSE`, `EACCES`, `ENOTFOUND` …) and a message that names
 * the address
 */
export async function listen<S extends Server>(
  make: () => S,
  port: number,
  host?: string,
): Promise<Listening<S>> {
  const servers = await listenAll(make, port, host)
  const bound = portOf(servers)
  const name = host === undefined || isAny(host) ? 'localhost' : hostInUrl(host)
  return { servers, port: bound, url: `http://${name}:${bound}` }
}

/** A name such as `localhost` binds one address family, so both loopback addresses are bound by number. */
async function listenAll<S extends Server>(
  make: () => S,
  port: number,
  host: string | undefined,
): Promise<S[]> {
  if (host !== undefined) return [await open(make(), port, host)]
  const first = await open(make(), port, '127.0.0.1')
  try {
    return [first, await open(make(), portOf([first]), '::1')]
  } catch (error) {
    // A machine without IPv6 has no ::1.
    if (isSystemError(error) && /^(EADDRNOTAVAIL|EAFNOSUPPORT)$/.test(error.code)) return [first]
    first.close()
    throw error
  }
}

async function open<S extends Server>(server: S, port: number, host: string): Promise<S> {
  server.listen({ port, host })
  try {
    await once(server, 'listening')
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw Object.assign(new Error(reason(error.code, port, host), { cause: error }), {
      code: error.code,
    })
  }
  return server
}

function reason(code: string, port: number, host: string): string {
  const place = `port ${port} of ${host}`
  if (code === 'EADDRINUSE') return `${place} is taken by another program`
  if (code === 'EACCES') return `${place} may not be opened by this user`
  if (code === 'ENOTFOUND') return `host ${host} is not known`
  if (code === 'EADDRNOTAVAIL') return `host ${host} is not an address of this machine`
  return `${place} could not be opened (${code})`
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

function portOf(servers: readonly Server[]): number {
  const address = servers[0]?.address()
  // null is a server that doesn't listen, a string one on a pipe: not ours.
  if (typeof address !== 'object' || address === null)
    throw new TypeError('serve must listen on TCP')
  return address.port
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
