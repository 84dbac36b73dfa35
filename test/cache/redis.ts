// A store in the tests' Redis, with keys of its own, and a way to it that can be cut.
import { randomUUID } from 'node:crypto'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { redisStore, type RedisStore, type RedisStoreOptions } from '@robaccia/cache/redis'
import { inject } from 'vitest'

/** Undefined where there is no Redis. */
export const url: string | undefined = inject('services').redis

/** Stores that share their keys, and nothing else: those of several processes. */
export function processes(count: number, options: RedisStoreOptions = {}): RedisStore[] {
  const prefix = `test:${randomUUID()}:`
  return Array.from({ length: count }, () =>
    redisStore({ ...(url === undefined ? {} : { url }), prefix, timeout: 5000, ...options }),
  )
}

/** A wire to Redis. */
export interface Wire {
  readonly url: string
  /** Lets nothing through, and no connection stand. */
  cut(): void
  /** Takes what comes, and answers nothing. */
  silence(): void
  /** Answers again what comes by the connections that there are. */
  speak(): void
  /** Holds back what comes, either way, until what it returns is called. */
  stall(): () => void
  mend(): void
  /** How many connections stand. */
  connections(): number
  close(): void
}

export async function wire(): Promise<Wire> {
  const target = new URL(url ?? '')
  const sockets = new Set<Socket>()
  const standing = new Set<Socket>()
  let state: 'whole' | 'cut' | 'silent' | 'stalled' = 'whole'
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    standing.add(socket)
    socket.on('close', () => standing.delete(socket))
    if (state === 'cut') socket.destroy()
    if (state === 'silent') socket.resume()
    if (state === 'cut' || state === 'silent') return
    const far = connect(Number(target.port || 6379), target.hostname)
    sockets.add(far)
    far.on('error', () => {})
    socket.on('data', (data) => state !== 'silent' && far.write(data))
    far.on('data', (data) => state !== 'silent' && socket.write(data))
    if (state === 'stalled') for (const each of [socket, far]) each.pause()
    socket.on('close', () => far.destroy())
    far.on('close', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const drop = (): void => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  const own = new URL(target)
  own.host = `127.0.0.1:${port}`
  return {
    url: own.href,
    cut() {
      state = 'cut'
      drop()
    },
    silence: () => void (state = 'silent'),
    speak: () => void (state = 'whole'),
    stall() {
      state = 'stalled'
      for (const socket of sockets) socket.pause()
      return () => {
        state = 'whole'
        for (const socket of sockets) socket.resume()
      }
    },
    mend() {
      state = 'whole'
      drop()
    },
    connections: () => standing.size,
    close() {
      drop()
      server.close()
    },
  }
}
