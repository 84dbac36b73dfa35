// The servers that carry the contract: every test in this folder runs over each of them.
import { serve } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'

export interface TestServer {
  readonly port: number
  readonly url: string
  /** What was written to `robaccia.errors` so far. */
  errors(): string
  close(): Promise<void>
}

export interface ServerKind {
  readonly name: string
  /** Every app is linted. */
  start(app: App): Promise<TestServer>
  /** The same without lint. */
  serveBare(app: App): Promise<TestServer>
}

export const servers: readonly ServerKind[] = [
  { name: 'koa', start: (app) => serveKoa(lint(app)), serveBare: serveKoa },
]

async function serveKoa(app: App): Promise<TestServer> {
  const written: string[] = []
  const serving = await serve(app, {
    port: 0,
    signals: false,
    errors: { write: (text) => void written.push(text) },
  })
  return {
    port: serving.port,
    url: `http://127.0.0.1:${serving.port}`,
    errors: () => written.join(''),
    close: () => serving.close(),
  }
}
