import { expect, test } from 'vitest'
import { cache } from '@robaccia/cache'
import { conformance, undone } from './conformance.js'

test('cache in memory conforms, by the public suite', { timeout: 60_000 }, async () => {
  const { required, optimal } = await conformance(cache({ storeCookies: true }))
  expect(required).toEqual([])
  expect(optimal.map((failure) => failure.split(':')[0])).toEqual(undone)
})
