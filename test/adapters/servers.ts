// The servers that carry the contract: every test in this folder runs over each of them.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { serve } from '@robaccia/core'
import type { App, ServeOptions } from '@robaccia/core'
import { toFetch } from '@robaccia/core/fetch'
import { lint } from '@robaccia/core/lint'
import type { ServerRequest } from 'srvx'
import { toNodeHandler } from 'srvx/node'
import { cgiGateway } from './cgi-gateway.js'

export interface TestServer {
  readonly port: number
  readonly url: string
  /** What was written to `robaccia.errors` so far. */
  errors(): string
  close(): Promise<void>
}

export interface ServerKind {
  readonly name: 'koa' | 'node' | 'fetch' | 'cgi'
  /** Every app is linted. */
  start(app: App): Promise<TestServer>
  /** The same without lint. */
  serveBare(app: App): Promise<TestServer>
}

type Errors = NonNullable<ServeOptions['errors']>

/** Runs an app by `start` on a free port. */
function kind(
  name: ServerKind['name'],
  start: (app: App, errors: Errors) => Promise<{ port: number; close(): Promise<void> }>,
): ServerKind {
  async function serveBare(app: App): Promise<TestServer> {
    const written: string[] = []
    const { port, close } = await start(app, { write: (text) => void written.push(text) })
    return { port, url: `http://127.0.0.1:${port}`, errors: () => written.join(''), close }
  }
  return { name, serveBare, start: (app) => serveBare(lint(app)) }
}

async function listening(server: Server): Promise<{ port: number; close(): Promise<void> }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export const servers: readonly ServerKind[] = [
  kind('koa', (app, errors) => serve(app, { server: 'koa', port: 0, signals: false, errors })),
  kind('node', (app, errors) => serve(app, { server: 'node', port: 0, signals: false, errors })),
  kind('fetch', (app, errors) => {
    const handler = toFetch(app, { errors })
    const listener = toNodeHandler((request: ServerRequest) =>
      handler(request, { remoteAddress: request.ip ?? '' }),
    )
    // It is one for HTTP/2 as well.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return listening(createServer(listener as RequestListener))
  }),
  kind('cgi', (app, errors) => listening(cgiGateway(app, errors))),
]
