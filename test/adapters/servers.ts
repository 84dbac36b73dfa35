// The servers that carry the contract: every test in this folder runs over each of them.
import { serve } from '@robaccia/core'
import type { App, ServeOptions } from '@robaccia/core'
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
  start(app: App, options?: ServeOptions): Promise<TestServer>
}

function served(server: 'koa' | 'node'): ServerKind {
  return {
    name: server,
    async start(app, options = {}) {
      const written: string[] = []
      const serving = await serve(lint(app), {
        server,
        port: 0,
        signals: false,
        errors: { write: (text) => void written.push(text) },
        ...options,
      })
      return {
        port: serving.port,
        url: `http://127.0.0.1:${serving.port}`,
        errors: () => written.join(''),
        close: () => serving.close(),
      }
    },
  }
}

export const servers: readonly ServerKind[] = [served('koa'), served('node')]
