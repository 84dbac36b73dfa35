// One route with a variable below three middleware, in every framework, each as its users write it.
import { atLeast, type Report, type Target } from '../report.js'
import type { Scenario } from '../scenario.js'
import { cells, named, slices, type Contender, type Measured } from '../slices.js'
import { median, ratios } from '../statistics.js'

const exchange = {
  path: '/people/#',
  headers: { authorization: 'Bearer swordfish' },
  body: '# is read by ada',
}
const also = (response: Response): boolean =>
  response.headers.get('x-content-type-options') === 'nosniff'

/** All servers, ours next to those that are their measure. */
export const contenders: readonly Contender[] = [
  { name: 'Robaccia on koa', file: 'robaccia', args: ['koa'] },
  { name: 'Koa + @koa/router', file: 'koa' },
  { name: 'Express', file: 'express' },
  { name: 'h3', file: 'h3' },
  { name: 'Hono', file: 'hono' },
  { name: 'Polka', file: 'polka' },
  { name: 'Fastify', file: 'fastify' },
  { name: 'Robaccia on node', file: 'robaccia', args: ['node'] },
  { name: 'node:http by hand', file: 'raw' },
].map((server) => ({ ...server, exchange, also }))

const ROUNDS = 8

export const route: Scenario = {
  name: 'route',
  title: 'One route with a variable, three middleware',
  async run({ cores, seconds, progress }): Promise<Report> {
    const measured = await slices(contenders, { cores, seconds, rounds: ROUNDS, progress })
    const raw = named(measured, 'node:http by hand')
    const ours = named(measured, 'Robaccia on node')
    const onKoa = named(measured, 'Robaccia on koa')
    const koa = named(measured, 'Koa + @koa/router')
    return {
      how:
        'GET /people/{id}; middleware for time and status, for a response header, and for Authorization. ' +
        `Medians of ${ROUNDS} slices of ${seconds} s each. ` +
        "The last column is the hand-written server's CPU time divided by the server's, round by round.",
      columns: ['server', 'CPU µs a request', 'requests/s', 'node:http ÷ it'],
      rows: measured
        .toSorted((one, other) => median(one.cpu) - median(other.cpu))
        .map((each) => [each.name, ...cells(each), median(ratios(raw.cpu, each.cpu)).toFixed(2)]),
      targets: [
        target('on node: at least 0.95 of node:http by hand', 0.95, raw, ours),
        ...measured
          .filter((each) => each !== raw && each !== ours && each !== onKoa)
          .map((peer) => target(`on node: not behind ${peer.name}`, 1, peer, ours)),
        target('on koa: not dearer than Koa + @koa/router', 1, koa, onKoa),
      ],
    }
  },
}

function target(claim: string, bound: number, limit: Measured, ours: Measured): Target {
  return atLeast(claim, bound, ratios(limit.cpu, ours.cpu))
}
