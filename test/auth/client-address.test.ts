import { throttle } from '@robaccia/auth'
import { client } from '@robaccia/core/testing'
import { text } from '@robaccia/core'
import { describe, expect, test } from 'vitest'

/** Whether a failed attempt from the one address is counted for the other. */
async function areOne(one: string, other: string): Promise<boolean> {
  const counting = throttle({ address: 1, account: 100 })
  const waits: (number | undefined)[] = []
  const site = client(async (environ, startResponse) => {
    waits.push((await counting.attempt(environ, 'joe', () => undefined)).wait)
    return text(environ, startResponse, '')
  })
  for (const REMOTE_ADDR of [one, other]) await site.get('/', { environ: { REMOTE_ADDR } })
  expect(waits[0]).toBeUndefined()
  return waits[1] !== undefined
}

describe('who is counted by address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0:ffff:ffff:ffff:ffff'],
    ['2001:DB8:0:0::1', '2001:db8::2'],
    ['192.0.2.1', '::ffff:192.0.2.1'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
    ['::1', '::2'],
  ])('%s and %s are one', async (one, other) => {
    expect(await areOne(one, other)).toBe(true)
  })

  test.each([
    ['192.0.2.1', '192.0.2.2'],
    ['2001:db8::1', '2001:db8:0:1::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['::1', '::1:0:0:0:1'],
  ])('%s and %s are two', async (one, other) => {
    expect(await areOne(one, other)).toBe(false)
  })
})
