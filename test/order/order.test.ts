// docs/order.md, held to what it says: each of its rows is a test, each pair of the order is in it, and no other
// document has an order of its own.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { basic, cache, compress } from './cache.js'
import { asInTheGuide, theOtherWayRound, type Cases } from './case.js'
import { errors, securityHeaders } from './errors.js'
import { log, metrics } from './log.js'
import { proxied } from './proxied.js'
import { methodOverride, sameOrigin, sessions } from './sessions.js'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const guide = read('docs/order.md')

const tested: Readonly<Record<string, Cases>> = {
  proxied,
  log,
  securityHeaders,
  errors,
  compress,
  cache,
  sessions,
  sameOrigin,
  methodOverride,
  metrics,
  basic,
}

/** Every README and guide. */
function documents(): string[] {
  const inFolders = ['packages', 'apps'].flatMap((name) =>
    readdirSync(new URL(name, root)).map((each) => `${name}/${each}/README.md`),
  )
  const guides = readdirSync(new URL('docs', root)).map((each) => `docs/${each}`)
  return ['README.md', ...inFolders, ...guides]
}

/** The published order, without the app. */
const order = /^```text\n(proxied, [^]*?), urls\n```$/m.exec(guide)?.[1]?.split(/,\s+/) ?? []

type Row = readonly [outer: string, inner: string]

/** The rows of the tables whose first two columns are middleware. */
const rows: Row[] = [...guide.matchAll(/^\| `(\w+)` +\| `(\w+)` +\| \S/gm)].map(
  ([, outer = '', inner = '']) => [outer, inner],
)

/** The pairs that go either way, from the table that has a list in its second column. */
const either: Row[] = [...guide.matchAll(/^\| `(\w+)` +\| ([^|]+)\|$/gm)].flatMap(
  ([, outer = '', list = '']) => [...list.matchAll(/\w+/g)].map(([inner]): Row => [outer, inner]),
)

const names = (pairs: readonly Row[]): string[] =>
  pairs.map((pair) => pair.join(' outside of ')).toSorted()

describe('the order of a whole site', () => {
  test.each(rows)('has %s outside of %s', async (outer, inner) => {
    const pair = tested[outer]?.[inner]
    if (pair === undefined) throw new Error(`${outer} and ${inner} must have a test, got none`)
    expect(await pair.see(asInTheGuide)).toEqual(pair.right)
    expect(await pair.see(theOtherWayRound)).toEqual(pair.wrong)
    expect(pair.wrong).not.toEqual(pair.right)
  })

  test('is tested by nothing that the guide does not say', () => {
    const pairs = Object.entries(tested).flatMap(([outer, cases]) =>
      Object.keys(cases).map((inner): Row => [outer, inner]),
    )
    expect(names(pairs)).toEqual(names(rows))
  })

  test('says of each pair whether it matters, once', () => {
    expect(order).toHaveLength(11)
    const pairs = order.flatMap((outer, at) =>
      order.slice(at + 1).map((inner): Row => [outer, inner]),
    )
    const own = [...rows, ...either].filter((pair) => pair.every((each) => order.includes(each)))
    expect(names(own)).toEqual(names(pairs))
  })

  test.each(['apps/blog/site.ts', 'packages/create-robaccia/template/site.ts', ...documents()])(
    'is that of %s',
    (path) => {
      for (const [, list = ''] of read(path).matchAll(/\bcompose\(([^]*?)\)\(/g)) {
        const places = [...list.matchAll(/\b(\w+)\(/g)]
          .map(([, each = '']) => order.indexOf(each))
          .filter((place) => place !== -1)
        expect(places, list).toEqual(places.toSorted((one, other) => one - other))
      }
    },
  )

  test('is written down once, and nowhere in another way', () => {
    const orders = documents().filter((path) => /^proxied, log/m.test(read(path)))
    expect(orders).toEqual(['docs/order.md'])
  })
})
