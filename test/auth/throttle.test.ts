import { throttle } from '@robaccia/auth'
import { text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
})

function guesser(options: Parameters<typeof throttle>[0]) {
  const counting = throttle(options)
  const looks: string[] = []
  const attempts: unknown[] = []
  const site = client(async (environ, startResponse) => {
    const [account = '', password = ''] = decodeURIComponent(environ.QUERY_STRING).split(':')
    const attempt = await counting.attempt(environ, account, async () => {
      looks.push(password)
      if (password === 'fail') throw new Error('the database is gone')
      return password === 'right' ? { name: account } : undefined
    })
    attempts.push(attempt)
    return text(environ, startResponse, attempt.user?.name ?? `${attempt.wait ?? 'wrong'}`)
  })
  const guess = async (pair: string, REMOTE_ADDR = '192.0.2.1') =>
    (await site.get(`/?${encodeURIComponent(pair)}`, { environ: { REMOTE_ADDR } })).text
  return { guess, looks }
}

describe('throttle', () => {
  test('looks at no password after too many wrong ones for an account', async () => {
    const { guess, looks } = guesser({ account: 2, window: 60_000 })
    expect(await guess('joe:1')).toBe('wrong')
    expect(await guess('joe:2', '192.0.2.2')).toBe('wrong')
    expect(Number(await guess('joe:right', '192.0.2.3'))).toBeGreaterThan(55)
    expect(looks).toEqual(['1', '2'])
    expect(await guess('ann:right')).toBe('ann')
  })

  test('does the same for an account that nobody has: which ones there are, it doesn’t say', async () => {
    const { guess } = guesser({ account: 1 })
    expect(await guess('nobody:1')).toBe('wrong')
    expect(Number(await guess('nobody:2'))).toBeGreaterThan(800)
  })

  test('takes two ways of writing a name for one account', async () => {
    const { guess } = guesser({ account: 1 })
    await guess('Joe:1')
    expect(Number(await guess(' ｊoe :2'))).toBeGreaterThan(0)
  })

  test('stops an address that tries one account after the other', async () => {
    const { guess, looks } = guesser({ address: 2 })
    await guess('ann:1')
    await guess('bob:1')
    expect(Number(await guess('joe:right'))).toBeGreaterThan(0)
    expect(await guess('joe:right', '192.0.2.2')).toBe('joe')
    expect(looks).toEqual(['1', '1', 'right'])
  })

  test('forgets an account’s failures when its user comes, and never counts a success', async () => {
    const { guess } = guesser({ account: 2, address: 3 })
    for (let round = 0; round < 5; round++) {
      expect(await guess('joe:right')).toBe('joe')
    }
    expect(await guess('joe:wrong')).toBe('wrong')
    expect(await guess('joe:right')).toBe('joe')
    expect(await guess('joe:wrong')).toBe('wrong')
    expect(await guess('joe:right')).toBe('joe')
  })

  test('lets many at once be no way round', async () => {
    const { guess, looks } = guesser({ account: 3 })
    await Promise.all(Array.from({ length: 50 }, (_, index) => guess(`joe:${index}`)))
    expect(looks).toHaveLength(3)
  })

  test('does not count an attempt that could not be looked at', async () => {
    const { guess } = guesser({ account: 1, address: 1 })
    await guess('joe:fail')
    await guess('joe:fail')
    expect(await guess('joe:right')).toBe('joe')
  })

  test('lets in again when the time is over', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const { guess } = guesser({ account: 1, window: 10_000 })
    await guess('joe:1')
    expect(await guess('joe:right')).toBe('10')
    vi.advanceTimersByTime(10_001)
    expect(await guess('joe:right')).toBe('joe')
  })

  test.each([
    [{ account: 0 }, /account must be a positive integer, got 0/],
    [{ address: 1.5 }, /address must be a positive integer, got 1.5/],
    [{ window: 1500 }, /window must be whole seconds/],
    [{ window: -1000 }, /window must be whole seconds/],
  ])('refuses %o', (options, message) => {
    expect(() => throttle(options)).toThrow(message)
  })
})
