import { describe, expect, test } from 'vitest'
import { cache } from '@robaccia/cache'
import { conformance, count } from './conformance.js'

describe('cache, by the public conformance suite, in memory', () => {
  test('conforms', { timeout: 120_000 }, async () => {
    const { required, optimal } = await conformance(cache({ storeCookies: true }))
    console.log(count('required'), required, count('optimal'), optimal)
    expect(required).toEqual([])
  })
})
