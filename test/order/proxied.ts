// What reads the client's side must be inside of `proxied`.
import { rateLimit, sessions } from '@robaccia/auth'
import { cache, cached } from '@robaccia/cache'
import {
  errors,
  hosts,
  notFound,
  proxied as behind,
  sameOrigin,
  securityHeaders,
  text,
  type App,
} from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { forwarded, hello, logged, type Cases } from './case.js'
import { counting, secret } from './visits.js'

const proxy = behind({ trust: 'loopback' })

/** Links to itself. */
const whereabouts: App = (environ, startResponse) =>
  text(environ, startResponse, `${environ['robaccia.url_scheme']}://${environ.HTTP_HOST}`)

export const proxied: Cases = {
  log: {
    right: ['203.0.113.7'],
    wrong: ['127.0.0.1'],
    async see(stand) {
      const { logs, lines } = logged()
      await client(stand(proxy, logs)(hello)).get('/', { headers: forwarded })
      return lines().map(({ remote }) => remote)
    },
  },
  securityHeaders: {
    right: 'max-age=31536000; includeSubDomains',
    wrong: undefined,
    async see(stand) {
      const { get } = client(stand(proxy, securityHeaders())(hello))
      return (await get('/', { headers: forwarded })).header('strict-transport-security')
    },
  },
  errors: {
    right: 'https://example.org',
    wrong: 'http://localhost',
    async see(stand) {
      const { get } = client(stand(proxy, errors({ default: whereabouts }))(notFound))
      return (await get('/', { headers: forwarded })).text
    },
  },
  cache: {
    right: ['https://one.example', 'https://two.example'],
    wrong: ['http://localhost', 'http://localhost'],
    async see(stand) {
      const { get } = client(stand(proxy, cache())(cached(60)(whereabouts)))
      const at = async (host: string) =>
        (await get('/', { headers: { ...forwarded, 'x-forwarded-host': host } })).text
      return [await at('one.example'), await at('two.example')]
    },
  },
  sessions: {
    right: { name: '__Host-session', secure: true },
    wrong: { name: 'session', secure: false },
    async see(stand) {
      const { get } = client(stand(proxy, sessions({ secret }))(counting))
      const cookie = (await get('/', { headers: forwarded })).header('set-cookie') ?? ''
      return { name: cookie.split('=')[0], secure: cookie.includes('; Secure') }
    },
  },
  sameOrigin: {
    right: 200,
    wrong: 403,
    async see(stand) {
      const headers = { ...forwarded, origin: 'https://example.org' }
      return (await client(stand(proxy, sameOrigin())(hello)).post('/', { headers })).status
    },
  },
  hosts: {
    right: 200,
    wrong: 421,
    async see(stand) {
      const { get } = client(stand(proxy, hosts(['example.org']))(hello))
      return (await get('/', { headers: forwarded })).status
    },
  },
  rateLimit: {
    right: [200, 200],
    wrong: [200, 429],
    async see(stand) {
      const { get } = client(stand(proxy, rateLimit({ limit: 1 }))(hello))
      const from = async (address: string) =>
        (await get('/', { headers: { ...forwarded, 'x-forwarded-for': address } })).status
      return [await from('203.0.113.7'), await from('203.0.113.8')]
    },
  },
}
