// Serves an app of Robaccia's as its users do, on the server that the first option names.
import { serve, type App } from '@robaccia/core'
import { options, port, ready } from './process.js'

export async function serving(app: App): Promise<void> {
  const server = options[0] === 'koa' ? 'koa' : 'node'
  ready((await serve(app, { port, host: '127.0.0.1', server })).port)
}
