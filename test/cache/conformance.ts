// The public conformance suite for HTTP caches (http-tests/cache-tests, in the older copy that is on npm), run as it is meant
// to be: a client asks the cache, behind which an app passes everything on to the suite's own server.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@robaccia/core'
import type { App, HeaderList, Middleware } from '@robaccia/core'
import { getResults, runTests } from 'http-cache-tests/client/runner.mjs'
import handleConfig from 'http-cache-tests/server/handle-config.mjs'
import handleState from 'http-cache-tests/server/handle-state.mjs'
import handleTest from 'http-cache-tests/server/handle-test.mjs'
import suites from 'http-cache-tests/tests/index.mjs'
import type { CacheTest } from 'http-cache-tests/tests/index.mjs'

export interface Failure {
  readonly id: string
  readonly why: string
}

export interface Conformance {
  readonly required: readonly Failure[]
  readonly optimal: readonly Failure[]
}

/** Runs the suite once: it keeps its results in its modules, so each run needs a process or a worker of its own. */
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
  const quiet = { errors: { write: () => {} } }
  const site = silent(cache(passingOn(`http://127.0.0.1:${port}`)), quiet.errors)
  const server = await serve(site, { port: 0, host: '127.0.0.1', server: 'node' })
  // The suite says on the console what it is asked for in vain.
  const { log } = console
  console.log = () => {}
  try {
    await runTests(suites, plainFetch, false, `http://127.0.0.1:${server.port}`, 1000)
  } finally {
    console.log = log
    await server.close()
    origin.closeAllConnections()
    origin.close()
  }
  return { required: failures('required'), optimal: failures('optimal') }
}

/** What an app throws is expected here. */
function silent(app: App, errors: { write(text: string): void }): App {
  return (environ, startResponse) => app({ ...environ, 'robaccia.errors': errors }, startResponse)
}

/** With the cache mode that the suite asks for, fetch would add `cache-control` to the request. */
const plainFetch = (url: string, { cache: _, ...init }: RequestInit): Promise<Response> =>
  fetch(url, init)

const dropped = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer'])

function passingOn(base: string): App {
  return async (environ, startResponse) => {
    const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`
    const headers = new Headers()
    for (const [key, value] of Object.entries(environ)) {
      const name = key.replace(/^HTTP_/, '').toLowerCase().replaceAll('_', '-')
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

function testsOf(kind: string): readonly CacheTest[] {
  return suites
    .flatMap(({ tests }) => tests)
    .filter((test) => (test.kind ?? 'required') === kind && test.browser_only !== true)
}

/** How many tests there are of a kind. */
export function count(kind: 'required' | 'optimal'): number {
  return testsOf(kind).length
}

function failures(kind: string): readonly Failure[] {
  const results = getResults()
  return testsOf(kind).flatMap(({ id }) => {
    const result = results[id]
    return result === true ? [] : [{ id, why: result?.join(': ') ?? 'it did not run' }]
  })
}
