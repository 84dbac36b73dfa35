import { basic } from '@robaccia/auth'
import { empty, mount, selector, text } from '@robaccia/core'
import type { App, Middleware } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { metrics } from '@robaccia/log'
import { describe, expect, test } from 'vitest'

const member: App<{ id: string }> = (environ, startResponse) =>
  text(environ, startResponse, environ['router.params'].id)

function site(options: Parameters<typeof metrics>[0] = {}) {
  const counted = metrics({ process: false, ...options })
  const { app, registry } = counted
  const urls = selector()
    .add('/people/{id}', {
      GET: member,
      POST: (environ, start) => empty(environ, start, 204),
    })
    .add('/metrics', { GET: app })
  return { ...client(counted(urls)), registry }
}

/** The samples of a metric. */
function samples(page: string, name: string): string[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
}

describe('metrics', () => {
  test('counts by method, route expression and status', async () => {
    const { get, post, request } = site()
    for (const id of ['ada', 'bob', 'eve']) await get(`/people/${id}`)
    await post('/people/ada', { body: 'hello' })
    for (const path of ['/no', '/such', '/page']) await get(path)
    await request('BREW', '/people/ada')
    const page = await get('/metrics')
    expect(page.header('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(page.header('cache-control')).toBe('no-store')
    expect(samples(page.text, 'http_requests_total').toSorted()).toEqual([
      'http_requests_total{method="GET",route="",status="404"} 3',
      'http_requests_total{method="GET",route="/people/{id}",status="200"} 3',
      'http_requests_total{method="POST",route="/people/{id}",status="204"} 1',
      expect.stringMatching(
        /^http_requests_total\{method="other",route="[^"]*",status="(405|501)"\} 1$/,
      ),
    ])
    expect(page.text).toContain(
      'http_request_duration_seconds_count{method="GET",route="/people/{id}",status="200"} 3',
    )
    expect(page.text).toContain(
      'http_response_size_bytes_sum{method="GET",route="/people/{id}",status="200"} 9',
    )
    expect(page.text).toContain(
      'http_request_size_bytes_sum{method="POST",route="/people/{id}",status="204"} 5',
    )
    expect(samples(page.text, 'http_requests_in_flight')).toEqual(['http_requests_in_flight 1'])
  })

  test('counts those whose client left, and no longer has them in flight', async () => {
    const counted = metrics({ process: false })
    const { app, registry } = counted
    const endless: App = (_environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        for (;;) yield 'tick'
      })()
    }
    const response = await client(counted(endless)).stream('GET', '/')
    for await (const _ of response.body) break
    await response.abort()
    const page = await client(app).get('/')
    expect(samples(page.text, 'http_requests_aborted_total')).toEqual([
      'http_requests_aborted_total{method="GET",route="",status="200"} 1',
    ])
    expect(samples(page.text, 'http_requests_in_flight')).toEqual(['http_requests_in_flight 0'])
    expect(registry.getSingleMetric('http_requests_total')).toBeDefined()
  })

  test('counts what was thrown by the status that the server answered', async () => {
    const counted = metrics({ process: false })
    const { app } = counted
    const failing: App = () => {
      throw new Error('no')
    }
    await client(counted(failing)).get('/')
    const page = await client(app).get('/')
    expect(page.text).toContain('http_requests_total{method="GET",route="",status="500"} 1')
  })

  test('has the process’s own, unless told otherwise, and two sets stay apart', async () => {
    const one = metrics()
    const other = metrics({ process: false, prefix: 'blog_' })
    await client(other(one.app)).get('/')
    expect((await client(one.app).get('/')).text).toContain('process_resident_memory_bytes')
    const page = (await client(other.app).get('/')).text
    expect(page).toContain('blog_http_requests_total{')
    expect(page).not.toContain('process_resident_memory_bytes')
  })

  test('serves GET and HEAD only', async () => {
    const { app } = metrics({ process: false })
    expect(await client(app).post('/')).toMatchObject({
      status: 405,
      headers: [['allow', 'GET, HEAD']],
    })
    expect((await client(app).head('/')).status).toBe(200)
  })

  test('answers at a path of its own, in front of the site and behind its guard', async () => {
    const verify = (name: string, password: string) =>
      name === 'joe' && password === 'swordfish' ? { name } : undefined
    const counted = metrics({
      process: false,
      path: '/metrics',
      guard: basic({ realm: 'Metrics', verify }),
    })
    const people = counted(selector().add('/people/{id}', { GET: member }))
    const { get } = client(mount({ '/x': people }))
    await get('/x/people/ada')
    expect((await get('/x/metrics')).status).toBe(401)
    const authorization = `Basic ${btoa('joe:swordfish')}`
    const page = await get('/x/metrics', { headers: { authorization } })
    expect(samples(page.text, 'http_requests_total')).toEqual([
      'http_requests_total{method="GET",route="/x/people/{id}",status="200"} 1',
      'http_requests_total{method="GET",route="/x/metrics",status="401"} 1',
    ])
    expect((await get('/x/metrics/')).status).toBe(404)
  })

  const guard: Middleware = (app) => app

  test('refuses a path without a guard, and a guard without a path, which would guard nothing', () => {
    expect(() => metrics({ path: '/metrics' })).toThrow(/^metrics: path must come with a guard/)
    expect(() => metrics({ guard })).toThrow(
      'metrics: guard must come with a path, got none: guard(metrics.app) guards the app',
    )
  })

  test.each(['metrics', '/', '/me trics', '/metrics?x', '/mé'])('refuses the path %j', (path) => {
    expect(() => metrics({ path, guard })).toThrow(
      `metrics: path must be one as it is sent, such as '/metrics', got ${JSON.stringify(path)}`,
    )
  })

  test.each([[[]], [[1, 1]], [[2, 1]], [[0, 1]], [[Number.NaN]]])(
    'refuses the buckets %j',
    (buckets) => {
      expect(() => metrics({ buckets })).toThrow(
        /^metrics: buckets must be ascending positive numbers of seconds/,
      )
    },
  )
})
