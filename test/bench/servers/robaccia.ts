// Robaccia, on the server that the first option names; with a line for each request in the file that the second does.
import { compose, empty, selector, text, type App, type Middleware } from '@robaccia/core'
import { options } from './process.js'
import { serving } from './serving.js'
import { answer, CHALLENGE, HEADER, tally, userOf } from './task.js'

declare module '@robaccia/core' {
  interface Environ {
    'bench.user'?: string
  }
}

const timed: Middleware = (app) => (environ, startResponse) => {
  const began = performance.now()
  return app(environ, (status, headers, error) => {
    tally(status, performance.now() - began)
    startResponse(status, headers, error)
  })
}

const secured: Middleware = (app) => (environ, startResponse) =>
  app(environ, (status, headers, error) => startResponse(status, [...headers, HEADER], error))

const guarded: Middleware = (app) => (environ, startResponse) => {
  const user = userOf(environ.HTTP_AUTHORIZATION)
  if (user === undefined) return empty(environ, startResponse, 401, [CHALLENGE])
  environ['bench.user'] = user
  return app(environ, startResponse)
}

const person: App<{ id: string }> = (environ, startResponse) => {
  const { id } = environ['router.params']
  return text(environ, startResponse, answer(id, environ['bench.user'] ?? ''))
}

const urls = selector().add('/people/{id}', { GET: person })
const layers = [timed, secured, guarded]
const [, file] = options
if (file !== undefined) {
  const { log } = await import('@robaccia/log')
  layers.unshift(log({ format: 'json', to: file }))
}
await serving(compose(...layers)(urls))
