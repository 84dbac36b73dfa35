import { copyOf, text } from '@robaccia/core'
import type { Environ } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { describe, expect, test } from 'vitest'

async function environ(): Promise<Environ> {
  const seen: Environ[] = []
  await client((given, startResponse) => {
    seen.push(given)
    return text(given, startResponse, '')
  }).get('/a/')
  const [first] = seen
  if (first === undefined) throw new Error('the app must be called')
  return first
}

describe('copyOf', () => {
  test('has the same keys, but for those that are changed', async () => {
    const given = await environ()
    const copy = copyOf(given, { REQUEST_METHOD: 'PUT', 'router.params': { id: '1' } })
    expect({ ...copy }).toEqual({ ...given, REQUEST_METHOD: 'PUT', 'router.params': { id: '1' } })
    expect(given.REQUEST_METHOD).toBe('GET')
    expect(copy['router.params'].id).toBe('1')
    expect(copyOf(given)).toEqual(given)
  })

  test('reads no accessor, and keeps what a spread would leave out', async () => {
    const given = await environ()
    let reads = 0
    const key = Symbol('key')
    Object.defineProperties(given, {
      'test.lazy': { get: () => (reads += 1), enumerable: true, configurable: true },
      'test.hidden': { value: 'hidden' },
      [key]: { value: 'symbol', enumerable: true },
    })
    const copy = copyOf(copyOf(given))
    expect(reads).toBe(0)
    expect(Reflect.get(copy, 'test.lazy')).toBe(1)
    expect(Reflect.get(copy, key)).toBe('symbol')
    expect(Object.getOwnPropertyDescriptor(copy, 'test.hidden')).toMatchObject({
      value: 'hidden',
      enumerable: false,
    })
  })
})
