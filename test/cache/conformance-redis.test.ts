import { expect, test } from 'vitest'
import { cache } from '@robaccia/cache'
import { conformance, undone } from './conformance.js'
import { processes, url } from './redis.js'

test.skipIf(url === undefined)(
  'cache in Redis conforms, by the public suite',
  { timeout: 60_000 },
  async () => {
    const [store] = processes(1)
    const { required, optimal } = await conformance(
      cache({ storeCookies: true, ...(store === undefined ? {} : { store }) }),
    )
    await store?.close()
    expect(required).toEqual([])
    expect(optimal.map((failure) => failure.split(':')[0])).toEqual(undone)
  },
)
