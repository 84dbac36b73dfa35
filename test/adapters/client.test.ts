import { describe, expect, onTestFinished, test } from 'vitest'
import createError from 'http-errors'
import type { App, Body, HeaderList, Outcome } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { servers } from './servers.js'

const failure = new Error('swordfish')

function answering(status: number, headers: HeaderList, body: () => Body): App {
  return (_environ, startResponse) => {
    startResponse(status, headers)
    return body()
  }
}

function closing(body: Body): Body {
  return Object.assign(body, {
    close() {
      throw failure
    },
  })
}

async function* stream(...chunks: readonly (string | Error)[]): AsyncGenerator<string> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk
    yield chunk
  }
}

const described: HeaderList = [
  ['content-type', 'text/plain'],
  ['x-a', '1'],
]

const apps: Readonly<Record<string, App>> = {
  'an array': answering(200, described, () => ['he', 'llö']),
  'an array with its length': answering(200, [['content-length', '5']], () => ['hello']),
  'an empty array': answering(404, [], () => []),
  'repeated headers': answering(
    200,
    [
      ['set-cookie', 'a=1'],
      ['x-b', '1'],
      ['set-cookie', 'b=2'],
      ['x-b', '2'],
    ],
    () => [],
  ),
  'a stream': answering(200, described, () => stream('', 'a', 'b')),
  'a stream for 204': answering(204, described, () => stream('a')),
  'an array for 205': answering(205, described, () => ['a']),
  'a 304 that describes its body': answering(
    304,
    [...described, ['content-length', '5']],
    () => [],
  ),
  'a throw': () => {
    throw failure
  },
  'an http-errors error': () => {
    throw createError(403, 'not you', { headers: { 'Set-Cookie': ['a=1', 'b=2'], 'X-A': '1' } })
  },
  'a stream that fails at once': answering(200, described, () => stream(failure)),
  'a stream that fails': answering(200, described, () => stream('a', failure)),
  'an array that fails to close': answering(200, described, () => closing(['hello'])),
  'a stream that fails to close': answering(200, described, () => closing(stream('a'))),
  'an error instead of a head': (_environ, startResponse) => {
    startResponse(200, described)
    startResponse(503, [['retry-after', '1']], failure)
    return ['later']
  },
  'an error before the first chunk': (_environ, startResponse) => {
    startResponse(200, described)
    return (async function* () {
      startResponse(503, [['retry-after', '1']], failure)
      yield 'later'
    })()
  },
}

// What a server adds.
const added: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
])

function sorted(headers: Iterable<readonly [string, string]>): string[] {
  return [...headers]
    .filter(([name]) => !added.has(name))
    .map((each) => each.join(': '))
    .toSorted()
}

describe.each(servers)('client answers as $name does', ({ serveBare }) => {
  const cases = Object.entries(apps).flatMap(([name, app]) => [
    { name, app, method: 'GET' },
    { name, app, method: 'HEAD' },
  ])

  test.each(cases)('to $method of $name', async ({ app, method }) => {
    const outcomes: Outcome[] = []
    const observed: App = (environ, startResponse) => {
      environ['robaccia.server'].after((outcome) => void outcomes.push(outcome))
      return app(environ, startResponse)
    }
    const server = await serveBare(observed)
    onTestFinished(() => server.close())
    // Where a connection is cut at once the head may be lost with it.
    const real = await fetch(server.url, { method }).catch(() => undefined)
    const body = real === undefined ? 'cut' : await real.text().catch(() => 'cut')
    await expect.poll(() => outcomes).toHaveLength(1)

    const made = await client(observed).request(method, '/')
    expect(real?.status ?? outcomes[0]?.status).toBe(made.status)
    // As fetch does, so that repeated ones are joined.
    expect(sorted(new Headers(made.headers.map(([name, value]) => [name, value])))).toEqual(
      sorted(real?.headers ?? outcomes[0]?.headers ?? []),
    )
    expect(outcomes[1]?.aborted === true ? 'cut' : made.text).toBe(body)

    const [one, other] = outcomes.map((outcome) => ({
      ...outcome,
      headers: sorted(outcome.headers),
    }))
    expect(other).toEqual(one)
  })
})
