// As many do-nothing middleware as the second option says, `async` ones if the third says so.
import { compose, text, type App, type Middleware } from '@robaccia/core'
import { options } from './process.js'
import { serving } from './serving.js'

const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')

const nothing: Middleware = (app) => (environ, startResponse) => app(environ, startResponse)
const nothingAsync: Middleware = (app) => async (environ, startResponse) =>
  app(environ, startResponse)

const [, depth, kind] = options
const layers = Array.from({ length: Number(depth) }, () =>
  kind === 'async' ? nothingAsync : nothing,
)
await serving(compose(...layers)(hello))
