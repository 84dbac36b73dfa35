import { describe, expect, test, vi } from 'vitest'
import type { HeaderList } from '@robaccia/core'
import { deferred } from './deferred.js'
import { site, type Answer } from './site.js'

const fresh: HeaderList = [['cache-control', 'max-age=60']]

/** An app that answers once it is told to. */
function held(headers: HeaderList, answer?: Answer) {
  const go = deferred()
  return {
    go,
    answer: (async (environ, startResponse, count) => {
      await go.promise
      if (answer !== undefined) return answer(environ, startResponse, count)
      startResponse(200, headers)
      return [`${count}`]
    }) satisfies Answer,
  }
}

const some = Array.from({ length: 20 })

describe('cache, asked for one page by many at once', () => {
  test('asks the app once, and tells who waited', async () => {
    const { go, answer } = held(fresh)
    const { get, asked } = site(answer)
    const responses = some.map(() => get('/'))
    await expect.poll(() => asked.length).toBe(1)
    go.resolve()
    const [first, ...others] = await Promise.all(responses)
    expect(first?.header('cache-status')).toMatch(/fwd=uri-miss; fwd-status=200; ttl=.*; stored$/)
    for (const other of others) {
      expect(other.text).toBe('1')
      expect(other.header('cache-status')).toMatch(/^robaccia; fwd=uri-miss; ttl=59; collapsed$/)
    }
    expect(asked).toHaveLength(1)
  })

  test('asks for each what is for nobody else, and nobody waits the next time', async () => {
    const { go, answer } = held([['cache-control', 'private, max-age=60']])
    const { get, asked } = site(answer)
    const responses = some.map(() => get('/'))
    await expect.poll(() => asked.length).toBe(1)
    go.resolve()
    const texts = (await Promise.all(responses)).map(({ text }) => text)
    expect(new Set(texts).size).toBe(20)
    const again = deferred()
    const next = site(async (_environ, startResponse, count) => {
      if (count > 1) await again.promise
      startResponse(200, [])
      return []
    })
    await next.get('/')
    const more = some.map(() => next.get('/'))
    await expect.poll(() => next.asked.length).toBe(21)
    again.resolve()
    await Promise.all(more)
  })

  test('gives each its variant', async () => {
    const { go, answer } = held([], (environ, startResponse, count) => {
      startResponse(200, [...fresh, ['vary', 'accept-language']])
      return [`${environ.HTTP_ACCEPT_LANGUAGE} ${count}`]
    })
    const { get, asked } = site(answer)
    const ask = (language: string) => get('/', { headers: { 'accept-language': language } })
    const responses = some.map((_, index) => ask(index % 2 === 0 ? 'en' : 'de'))
    await expect.poll(() => asked.length).toBe(1)
    go.resolve()
    for (const [index, response] of responses.entries()) {
      expect((await response).text).toBe(index % 2 === 0 ? 'en 1' : 'de 2')
    }
  })

  test('lets a client that leaves cancel it for nobody else', async () => {
    const { go, answer } = held(fresh)
    const { get, asked } = site(answer)
    const leaving = new AbortController()
    const first = get('/', { signal: leaving.signal })
    await expect.poll(() => asked.length).toBe(1)
    const second = get('/')
    await new Promise((resolve) => setTimeout(resolve, 10))
    leaving.abort()
    expect(asked[0]?.['robaccia.server'].signal.aborted).toBe(false)
    go.resolve()
    await expect(first).rejects.toThrow()
    expect((await second).text).toBe('1')
    expect(asked).toHaveLength(1)
  })

  test('tells the app that the only client has left', async () => {
    const { go, answer } = held(fresh)
    const { get, asked } = site(answer)
    const leaving = new AbortController()
    const only = get('/', { signal: leaving.signal })
    await expect.poll(() => asked.length).toBe(1)
    leaving.abort()
    await expect.poll(() => asked[0]?.['robaccia.server'].signal.aborted).toBe(true)
    go.resolve()
    await expect(only).rejects.toThrow()
  })

  test('lets them wait for as long and as many as it is told', async () => {
    const impatient = held(fresh)
    const short = site(impatient.answer, { collapse: { time: 20 } })
    const one = [short.get('/'), short.get('/')]
    await expect.poll(() => short.asked.length).toBe(2)
    impatient.go.resolve()
    await Promise.all(one)

    const crowded = held(fresh)
    const few = site(crowded.answer, { collapse: { most: 5 } })
    const all = some.map(() => few.get('/'))
    await expect.poll(() => few.asked.length).toBe(15)
    crowded.go.resolve()
    await Promise.all(all)
    expect(few.asked).toHaveLength(15)

    const alone = held(fresh)
    const none = site(alone.answer, { collapse: { time: 0 } })
    const each = some.map(() => none.get('/'))
    await expect.poll(() => none.asked.length).toBe(20)
    alone.go.resolve()
    await Promise.all(each)
  })

  test('asks again, one at a time, when the app throws', async () => {
    let running = 0
    let most = 0
    const { get, asked } = site(async (_environ, startResponse, count) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      if (count < 4) throw new Error('the app is ill')
      startResponse(200, fresh)
      return ['well']
    })
    const responses = await Promise.all(some.map(() => get('/')))
    expect(responses.filter(({ status }) => status === 500)).toHaveLength(3)
    expect(responses.filter(({ text }) => text === 'well')).toHaveLength(17)
    expect(asked).toHaveLength(4)
    expect(most).toBe(1)
  })

  test('validates once what all of them want', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const { get, asked } = site(async (environ, startResponse) => {
        await Promise.resolve()
        const isKnown = environ.HTTP_IF_NONE_MATCH === '"1"'
        startResponse(isKnown ? 304 : 200, [...fresh, ['etag', '"1"']])
        return isKnown ? [] : ['page']
      })
      await get('/')
      vi.setSystemTime(Date.now() + 61_000)
      for (const response of some.map(() => get('/'))) expect((await response).text).toBe('page')
      expect(asked).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })
})
