// What a hit costs, and what it spares.
import type { Exchange } from '../load.js'
import { atLeast, type Report } from '../report.js'
import type { Scenario } from '../scenario.js'
import { page, PATH } from '../servers/hits.js'
import { cells, named, slices, type Contender, type Measured } from '../slices.js'
import { median, ratios } from '../statistics.js'
import { exchanges, servers, withEntries } from './pages.js'

const ROUNDS = 8
const exchange: Exchange = { path: `${PATH}#`, body: page('#') }
const OURS = 'Robaccia on node, sqlite3'

/** The servers of hits; each answers with the same headers. */
export const hits: readonly Contender[] = [
  { name: 'Robaccia on node, a hit', file: 'hits-cached', args: ['node'] },
  { name: 'node:http by hand, from a Map', file: 'hits-raw' },
].map((server) => ({ ...server, exchange, also: isHit }))

function isHit(response: Response): boolean {
  return /^robaccia; (?:hit|fwd=uri-miss)/.test(response.headers.get('cache-status') ?? '')
}

export const cache: Scenario = {
  name: 'cache',
  title: 'Cache: a hit from memory, and a blog’s pages with and without',
  async run(context): Promise<Report> {
    const measured = await withEntries((file) =>
      slices([...hits, ...blogs(file)], { ...context, rounds: ROUNDS }),
    )
    const [hit, raw] = hits.map(({ name }) => named(measured, name))
    if (hit === undefined || raw === undefined) throw new TypeError('hits must be two')
    const pairs = Object.keys(exchanges).map((kind) => ({
      kind,
      bare: named(measured, `${kind}: ${OURS}`),
      cached: named(measured, `${kind}: ${OURS}, cached`),
    }))
    return {
      how:
        'A page of 2 KiB from the cache in memory, and the same bytes and headers from a Map by hand; then the pages of the ' +
        `blog of the scenario \`pages\`. Medians of ${ROUNDS} slices of ${context.seconds} s each. The last column is how ` +
        'many times as many requests a second there are as by hand, or without the cache, round by round.',
      columns: ['server', 'CPU µs a request', 'requests/s', 'times as many'],
      rows: [
        row(raw, raw),
        row(hit, raw),
        ...pairs.flatMap(({ bare, cached }) => [row(bare, bare), row(cached, bare)]),
      ],
      targets: [
        atLeast('a hit: 0.85 of node:http by hand', 0.85, ratios(raw.cpu, hit.cpu)),
        ...pairs.map(({ kind, bare, cached }) =>
          atLeast(
            `the ${kind}: 3 times as many with the cache in the same CPU time`,
            3,
            ratios(bare.cpu, cached.cpu),
          ),
        ),
      ],
    }
  },
}

function blogs(file: string): readonly Contender[] {
  const ours = servers(file).find(({ name }) => name === OURS)
  if (ours === undefined) throw new TypeError(`${OURS} must be a server of pages`)
  return Object.entries(exchanges).flatMap(([kind, it]) => [
    { ...ours, name: `${kind}: ${OURS}`, exchange: it },
    {
      ...ours,
      name: `${kind}: ${OURS}, cached`,
      args: [...(ours.args ?? []), 'cached'],
      exchange: it,
    },
  ])
}

function row(each: Measured, measure: Measured): readonly string[] {
  return [each.name, ...cells(each), median(ratios(measure.cpu, each.cpu)).toFixed(2)]
}
