// `errors` makes pages of what is thrown inside of it.
import { basic, rateLimit, sessions } from '@robaccia/auth'
import { cache, memoryStore } from '@robaccia/cache'
import {
  atomic,
  compress,
  conditional,
  errors as pagesFor,
  hosts,
  methodOverride,
  sameOrigin,
  securityHeaders as secured,
  text,
  type App,
  type Middleware,
} from '@robaccia/core'
import { client, type RequestInit } from '@robaccia/core/testing'
import { broken, foreign, hello, sorry, type Case, type Cases } from './case.js'
import { counting, secret } from './visits.js'

const pages = pagesFor({ default: sorry })

/** What a middleware refuses has a page; without `errors` round it the server answers with the message. */
function paged(inner: Middleware, method: string, plain: string, init?: RequestInit): Case {
  return {
    right: 'Sorry, stranger',
    wrong: plain,
    async see(stand) {
      return (await client(stand(pages, inner)(hello)).request(method, '/', init)).text.trimEnd()
    },
  }
}

const neverCommits = {
  async transaction<Result>(fn: () => Promise<Result>): Promise<Result> {
    await fn()
    throw new Error('the commit failed')
  },
}

export const securityHeaders: Cases = {
  errors: {
    right: 'nosniff',
    wrong: undefined,
    async see(stand) {
      const response = await client(stand(secured(), pages)(broken)).get('/')
      return response.header('x-content-type-options')
    },
  },
  cache: {
    right: 'new',
    wrong: 'old',
    async see(stand) {
      const store = memoryStore()
      const stored: App = (environ, startResponse) =>
        text(environ, startResponse, 'hello', { headers: [['cache-control', 'max-age=60']] })
      const release = (policy: string) =>
        client(stand(secured({ 'content-security-policy': policy }), cache({ store }))(stored))
      await release('old').get('/')
      return (await release('new').get('/')).header('content-security-policy')
    },
  },
}

export const errors: Cases = {
  compress: paged(
    compress({ encodings: ['br', 'gzip'] }),
    'GET',
    'the request must accept br, gzip, identity, got none',
    {
      headers: { 'accept-encoding': '*;q=0' },
    },
  ),
  cache: {
    right: { status: 200, text: 'hello' },
    wrong: { status: 500, text: 'Sorry, stranger' },
    async see(stand) {
      let works = true
      const app: App = (environ, startResponse) => {
        if (!works) throw new Error('broken')
        const headers = [
          ['cache-control', 'max-age=0'],
          ['etag', '"1"'],
        ] as const
        return text(environ, startResponse, 'hello', { headers })
      }
      const { get } = client(stand(pages, cache())(app))
      await get('/')
      works = false
      const { status, text: page } = await get('/')
      return { status, text: page }
    },
  },
  conditional: paged(conditional(), 'GET', 'the page must be as the request’s conditions say', {
    headers: { 'if-match': '"other"' },
  }),
  sessions: {
    right: 'visit 1',
    wrong: 'visit 2',
    async see(stand) {
      let works = false
      const app: App = async (environ, startResponse) => {
        const body = await counting(environ, startResponse)
        if (!works) throw new Error('broken after it has counted')
        return body
      }
      const { get } = client(stand(pages, sessions({ secret }))(app))
      await get('/')
      works = true
      return (await get('/')).text
    },
  },
  sameOrigin: paged(
    sameOrigin(),
    'POST',
    'the request must come from a page of this site, got a cross-site one',
    { headers: foreign },
  ),
  methodOverride: paged(
    methodOverride({ limit: 4 }),
    'POST',
    'the body must be at most 4 bytes, got 8',
    { form: { name: 'Ada' } },
  ),
  atomic: paged(atomic(neverCommits), 'POST', 'Internal Server Error'),
  hosts: paged(
    hosts(['example.org']),
    'GET',
    'the host must be one that this site answers for, got localhost',
  ),
  rateLimit: {
    right: 'Sorry, stranger',
    wrong: 'There were too many requests. Wait a while, then try again.',
    async see(stand) {
      const { get } = client(stand(pages, rateLimit({ limit: 1 }))(hello))
      await get('/')
      return (await get('/')).text.trimEnd()
    },
  },
  basic: paged(basic({ realm: 'Staff', verify: (name) => ({ name }) }), 'GET', ''),
}
