// `log` writes a line for what it stands round.
import { basic } from '@robaccia/auth'
import { cache, cached } from '@robaccia/cache'
import { compress, errors, methodOverride, sameOrigin, selector } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { metrics as counting } from '@robaccia/log'
import { broken, foreign, hello, logged, type Cases } from './case.js'

const pages = selector().add('/page', { GET: cached(60)(hello) })

export const log: Cases = {
  errors: {
    right: { failures: 1, hasId: true },
    wrong: { failures: 1, hasId: false },
    async see(stand) {
      const { logs, lines } = logged()
      const response = await client(stand(logs, errors())(broken)).get('/')
      const [failure] = lines()
      return {
        failures: lines().filter(({ err }) => err !== undefined).length,
        hasId: response.header('x-request-id') === failure?.id,
      }
    },
  },
  compress: {
    right: [406],
    wrong: [],
    async see(stand) {
      const { logs, lines } = logged()
      const { get } = client(stand(logs, compress())(hello))
      await get('/', { headers: { 'accept-encoding': '*;q=0' } })
      return lines().map(({ status }) => status)
    },
  },
  cache: {
    right: ['/page', '/page'],
    wrong: ['/page'],
    async see(stand) {
      const { logs, lines } = logged()
      const { get } = client(stand(logs, cache())(pages))
      await get('/page')
      await get('/page')
      return lines().map(({ route }) => route)
    },
  },
  sameOrigin: {
    right: [403],
    wrong: [],
    async see(stand) {
      const { logs, lines } = logged()
      await client(stand(logs, sameOrigin())(hello)).post('/', { headers: foreign })
      return lines().map(({ status }) => status)
    },
  },
  methodOverride: {
    right: ['POST'],
    wrong: ['DELETE'],
    async see(stand) {
      const { logs, lines } = logged()
      const { post } = client(stand(logs, methodOverride())(hello))
      await post('/', { form: { _method: 'DELETE' } })
      return lines().map(({ method }) => method)
    },
  },
  basic: {
    right: [401],
    wrong: [],
    async see(stand) {
      const { logs, lines } = logged()
      const guard = basic({ realm: 'Staff', verify: (name) => ({ name }) })
      await client(stand(logs, guard)(hello)).get('/')
      return lines().map(({ status }) => status)
    },
  },
}

export const metrics: Cases = {
  cache: {
    right: 2,
    wrong: 1,
    async see(stand) {
      const counter = counting({ process: false })
      const { get } = client(stand(counter, cache())(pages))
      await get('/page')
      await get('/page')
      const text = (await client(counter.app).get('/')).text
      return Number(/^http_requests_total\{.*\} (\d+)$/m.exec(text)?.[1])
    },
  },
}
