// Sessions know who is there, also for what is refused further in, and are saved on their own account.
import { allow, memoryStore as sessionStore, sessions as keeping } from '@robaccia/auth'
import { sessionTable, tableStore } from '@robaccia/auth/table'
import {
  atomic,
  compose,
  errors,
  methodOverride as overriding,
  sameOrigin as guarding,
  type App,
} from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { database } from '@robaccia/db'
import createError from 'http-errors'
import { foreign, hello, sorry, told, type Cases } from './case.js'
import { counting, entrance, secret } from './visits.js'

const pages = errors({ default: sorry })

const missing: App = () => {
  throw createError(404)
}

export const sessions: Cases = {
  sameOrigin: {
    right: 'Sorry, joe',
    wrong: 'Sorry, stranger',
    async see(stand) {
      const site = compose(pages, stand(keeping({ secret }), guarding()))(entrance(hello))
      const { post } = client(site)
      await post('/in/joe')
      return (await post('/', { headers: foreign })).text
    },
  },
  methodOverride: {
    right: 'Sorry, joe',
    wrong: 'Sorry, stranger',
    async see(stand) {
      const site = compose(pages, stand(keeping({ secret }), overriding()))(entrance(missing))
      const { post } = client(site)
      await post('/in/joe')
      return (await post('/', { form: { _method: 'DELETE' } })).text
    },
  },
  atomic: {
    right: 'visit 2',
    wrong: 'visit 1',
    async see(stand) {
      const db = database('sqlite::memory:')
      const store = tableStore(sessionTable(db))
      await db.create()
      const app: App = (environ, startResponse) =>
        // What is wrong with a form takes back what was written, and no more.
        counting(environ, (_status, headers) => startResponse(422, headers))
      const site = stand(keeping({ secret, store }), atomic(db))(app)
      const { post } = client(site)
      await post('/')
      const { text: seen } = await post('/')
      await db.close()
      return seen
    },
  },
  allow: {
    right: 200,
    wrong: 401,
    async see(stand) {
      const kept = sessionStore()
      // Both sites know the visitor who has come in by the first.
      const entered = client(keeping({ secret, store: kept })(entrance(hello)))
      await entered.post('/in/joe')
      const cookie = `session=${entered.cookies.get('session')}`
      const site = stand(keeping({ secret, store: kept }), allow())(hello)
      return (await client(site).get('/', { headers: { cookie } })).status
    },
  },
}

export const sameOrigin: Cases = {
  methodOverride: {
    right: 403,
    wrong: 413,
    async see(stand) {
      const { post } = client(stand(guarding(), overriding({ limit: 4 }))(hello))
      return (await post('/', { form: { name: 'Ada' }, headers: foreign })).status
    },
  },
  atomic: {
    right: [],
    wrong: ['begin'],
    async see(stand) {
      const events: string[] = []
      const { post } = client(stand(guarding(), atomic(told(events)))(hello))
      await post('/', { headers: foreign })
      return events
    },
  },
}

export const methodOverride: Cases = {
  atomic: {
    right: ['form', 'begin', 'commit'],
    wrong: ['begin', 'form', 'commit'],
    async see(stand) {
      const events: string[] = []
      const { post } = client(stand(overriding(), atomic(told(events)))(hello))
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const body = (async function* () {
        events.push('form')
        yield Buffer.from('name=Ada')
      })()
      await post('/', { headers, body })
      return events
    },
  },
}
