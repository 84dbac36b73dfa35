// Robaccia, on the server that the first option names.
import { compose, empty, selector, text, type App, type Middleware } from '@robaccia/core'
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
await serving(compose(timed, secured, guarded)(urls))
