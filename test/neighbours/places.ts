// Where the neighbours are tried: every server over real sockets, and the test client. All lint what they run.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { servers } from '../adapters/servers.js'

/** Sends a request as `fetch` does, but follows no redirect. */
export type Send = (target: string, init?: RequestInit) => Promise<Response>

export interface Place {
  readonly name: string
  /** Runs an app while `use` sends requests to it. */
  running(app: App, use: (send: Send) => Promise<void>): Promise<void>
}

const testClient: Place = {
  name: 'the test client',
  async running(app, use) {
    await use(async (target, init = {}) => {
      const request = new Request(new URL(target, 'http://localhost'), init)
      const { headers } = request
      const bytes = new Uint8Array(await request.arrayBuffer())
      if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'gzip, deflate')
      const answer = await client(app).request(request.method, target, {
        headers: Object.fromEntries(headers),
        ...(request.body === null ? {} : { body: bytes }),
      })
      if (answer.error !== undefined && answer.status === 500) throw answer.error
      const bodiless = request.method === 'HEAD' || [204, 205, 304].includes(answer.status)
      const body = decoded(answer.bytes, answer.header('content-encoding'))
      return new Response(bodiless ? null : body, {
        status: answer.status,
        headers: answer.headers.map(([name, value]) => [name, value]),
      })
    })
  },
}

function decoded(bytes: Uint8Array, encoding: string | undefined): Uint8Array<ArrayBuffer> {
  if (encoding === 'gzip') return new Uint8Array(gunzipSync(bytes))
  if (encoding === 'br') return new Uint8Array(brotliDecompressSync(bytes))
  return new Uint8Array(bytes)
}

export const places: readonly Place[] = [
  ...servers.map(({ name, start }) => ({
    name: `the ${name} server`,
    async running(app: App, use: (send: Send) => Promise<void>) {
      const server = await start(app)
      try {
        await use((target, init) =>
          fetch(`${server.url}${target}`, { redirect: 'manual', ...init }),
        )
      } finally {
        await server.close()
      }
    },
  })),
  testClient,
]
