// The public conformance suite for HTTP caches (http-tests/cache-tests, in the older copy that is on npm), run as it is meant
// to be: a client asks the cache, behind which an app passes everything on to the suite's own server.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@robaccia/core'
import type { App, HeaderList, Middleware } from '@robaccia/core'
import { setBaseUrl, setFetch } from 'http-cache-tests/client/config.mjs'
import { makeCacheTest, testResults } from 'http-cache-tests/client/test.mjs'
import handleConfig from 'http-cache-tests/server/handle-config.mjs'
import handleState from 'http-cache-tests/server/handle-state.mjs'
import handleTest from 'http-cache-tests/server/handle-test.mjs'
// The suite's own client: the platform's fetch adds `cache-control` to requests that have a condition.
import fetchAsSent from 'node-fetch'
import suites from 'http-cache-tests/tests/index.mjs'
import type { CacheTest } from 'http-cache-tests/tests/index.mjs'

export interface Conformance {
  /** What failed, with the reason, but for the tests of `contradicted`. */
  readonly required: readonly string[]
  readonly optimal: readonly string[]
}

/** Required tests of this copy that say the contrary of RFC 9111, which is younger than they are. */
const contradicted: ReadonlySet<string> = new Set([
  // §5.1: of several values the first counts, and an invalid one is not there; they want it to be stale.
  'age-parse-nonnumeric',
  'age-parse-negative',
  'age-parse-float',
  'age-parse-prefix-twoline',
  'age-parse-dup-0',
  'age-parse-dup-0-twoline',
  'age-parse-dup-old',
  'age-parse-parameter',
  'age-parse-numeric-parameter',
  // The server cuts the connection, and they want its answer: nobody can have it.
  'stale-close-must-revalidate',
  'stale-close-proxy-revalidate',
  'stale-close-no-cache',
  'stale-close-s-maxage=2',
])

/** Optimal ones that are left undone on purpose. */
export const undone: readonly string[] = [
  // Apps go by the order of equal languages, though they need not.
  'vary-normalise-lang-order',
  'vary-normalise-lang-select',
  // It wants a 304 for a page that is newer than the client's.
  'conditional-lm-fresh-no-lm',
  // Without a validator nobody knows that the parts belong together.
  'partial-store-partial-complete',
]

/** Runs the suite: it keeps its results in its modules, so each run needs a process or a worker of its own. */
export async function conformance(cache: Middleware): Promise<Conformance> {
  const handlers = new Map([
    ['config', handleConfig],
    ['state', handleState],
    ['test', handleTest],
  ])
  const origin = createServer((request, response) => {
    const [, kind = '', ...segments] = (request.url ?? '').split(/[/?]/)
    handlers.get(kind)?.(segments, request, response)
  })
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
  const { port } = origin.address() as AddressInfo
  const site = silent(cache(passingOn(`http://127.0.0.1:${port}`)))
  const server = await serve(site, { port: 0, host: '127.0.0.1', server: 'node' })
  // The suite says on the console what it is asked for in vain.
  const { log } = console
  console.log = () => {}
  try {
    setFetch(fetchAsSent)
    setBaseUrl(`http://127.0.0.1:${server.port}`)
    await run(tests)
    // They count seconds, of which a busy machine has few: what failed among all has its turn alone.
    await run(tests.filter(({ id }) => testResults[id] !== true && !contradicted.has(id)))
  } finally {
    console.log = log
    await server.close()
    origin.closeAllConnections()
    origin.close()
  }
  return { required: failures('required'), optimal: failures('optimal') }
}

/** That the suite's server cuts connections is expected. */
const silent: Middleware = (app) => (environ, startResponse) => {
  environ['robaccia.notes'].report = () => {}
  return app(environ, startResponse)
}

const dropped = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
])

function passingOn(base: string): App {
  return async (environ, startResponse) => {
    const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`
    const headers = new Headers()
    for (const [key, value] of Object.entries(environ)) {
      const name = key
        .replace(/^HTTP_/, '')
        .toLowerCase()
        .replaceAll('_', '-')
      if (/^(?:HTTP_|CONTENT_TYPE$)/.test(key) && name !== 'host' && !dropped.has(name)) {
        headers.set(name, String(value))
      }
    }
    const { REQUEST_METHOD: method } = environ
    const hasBody = environ.CONTENT_LENGTH !== undefined
    const response = await fetch(`${base}${environ.PATH_INFO}${query}`, {
      method,
      headers,
      redirect: 'manual',
      ...(hasBody ? { body: Buffer.concat(await collect(environ['robaccia.input'])) } : {}),
    })
    const listed = (response.headers.get('connection') ?? '').toLowerCase().split(/[\s,]+/)
    const given: HeaderList = [...response.headers].filter(
      ([name]) => !dropped.has(name) && !listed.includes(name),
    )
    startResponse(response.status, given)
    return response.body === null ? [] : response.body
  }
}

async function collect(input: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  return chunks
}

const tests = suites.flatMap((suite) => suite.tests).filter((test) => test.browser_only !== true)

/** All at once. A copy of each, since the suite's own dates are written into it. */
async function run(those: readonly CacheTest[]): Promise<void> {
  for (const { id } of those) delete testResults[id]
  await Promise.all(structuredClone(those).map((test) => makeCacheTest(test)))
}

function failures(kind: string): readonly string[] {
  return tests
    .filter((test) => (test.kind ?? 'required') === kind)
    .filter(({ id }) => testResults[id] !== true && !contradicted.has(id))
    .map(({ id }) => `${id}: ${JSON.stringify(testResults[id])}`)
}
