// What `cache` keeps is what came from inside of it.
import { basic as guarded, sessions } from '@robaccia/auth'
import { cache as store, cached } from '@robaccia/cache'
import { atomic, compress as encoded, conditional, text, type App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { told, type Cases } from './case.js'
import { entrance, secret } from './visits.js'

const long = 'All work and no play makes Jack a dull boy. '.repeat(100)

/** An app, and how often it was asked. */
function counted(body: string): { readonly app: App; asked(): number } {
  let asked = 0
  return {
    app: (environ, startResponse) => {
      asked += 1
      return text(environ, startResponse, body)
    },
    asked: () => asked,
  }
}

export const compress: Cases = {
  cache: {
    right: 1,
    wrong: 3,
    async see(stand) {
      const { app, asked } = counted(long)
      const { get } = client(stand(encoded(), store())(cached(60)(app)))
      for (const coding of ['br', 'gzip', 'identity']) {
        await get('/', { headers: { 'accept-encoding': coding } })
      }
      return asked()
    },
  },
  conditional: {
    right: 304,
    wrong: 200,
    async see(stand) {
      const { get } = client(stand(encoded(), conditional())(counted(long).app))
      const first = await get('/', { headers: { 'accept-encoding': 'gzip' } })
      const headers = { 'accept-encoding': 'br', 'if-none-match': first.header('etag') ?? '' }
      return (await get('/', { headers })).status
    },
  },
  atomic: {
    right: ['begin', 'commit', 'compressed'],
    wrong: ['begin', 'compressed', 'commit'],
    async see(stand) {
      const events: string[] = []
      const app: App = (_environ, startResponse) => {
        startResponse(200, [['content-type', 'text/plain']])
        // It is closed when it has been read.
        return Object.assign([long], { close: () => void events.push('compressed') })
      }
      const { post } = client(stand(encoded(), atomic(told(events)))(app))
      await post('/', { headers: { 'accept-encoding': 'gzip' } })
      return events
    },
  },
}

export const cache: Cases = {
  conditional: {
    right: 'fwd=stale; fwd-status=304',
    wrong: 'fwd=uri-miss; fwd-status=200',
    async see(stand) {
      const { app } = counted('hello')
      const { get } = client(stand(store(), conditional())(cached(0)(app)))
      await get('/')
      const status = (await get('/')).header('cache-status') ?? ''
      return /fwd=[^;]+; fwd-status=\d+/.exec(status)?.[0]
    },
  },
  sessions: {
    right: ['Dear ann', 'Dear joe'],
    wrong: ['Dear ann', 'Dear ann'],
    async see(stand) {
      const dear: App = (environ, startResponse) =>
        text(environ, startResponse, `Dear ${environ['auth.user']?.name}`)
      const site = stand(store(), sessions({ secret }))(entrance(cached(60)(dear)))
      const seenBy = async (name: string) => {
        const { get, post } = client(site)
        await post(`/in/${name}`)
        return (await get('/')).text
      }
      return [await seenBy('ann'), await seenBy('joe')]
    },
  },
  atomic: {
    right: 'new',
    wrong: 'old',
    async see(stand) {
      let committed = 'old'
      const app: App = (environ, startResponse) => text(environ, startResponse, committed)
      const db = {
        async transaction<Result>(fn: () => Promise<Result>): Promise<Result> {
          const result = await fn()
          // Somebody asks for the page while the database is at it.
          await client(site).get('/')
          committed = 'new'
          return result
        },
      }
      const site = stand(store(), atomic(db))(cached(60)(app))
      await client(site).post('/')
      return (await client(site).get('/')).text
    },
  },
  cached: {
    right: 1,
    wrong: 2,
    async see(stand) {
      const { app, asked } = counted('hello')
      const { get } = client(stand(store(), cached(60))(app))
      await get('/')
      await get('/')
      return asked()
    },
  },
}

export const basic: Cases = {
  cache: {
    right: { asked: 1, stranger: 401 },
    wrong: { asked: 2, stranger: 401 },
    async see(stand) {
      const { app, asked } = counted('hello')
      const guard = guarded({ realm: 'Staff', verify: (name) => ({ name }) })
      const { get } = client(stand(guard, store())(cached(60)(app)))
      for (const name of ['ann', 'joe']) {
        await get('/', { headers: { authorization: `Basic ${btoa(`${name}:swordfish`)}` } })
      }
      return { stranger: (await get('/')).status, asked: asked() }
    },
  },
}
