// What a line for each request costs, in the form of JSON in a file.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../report.js'
import type { Scenario } from '../scenario.js'
import { contenders } from './route.js'
import { cells, named, slices, type Contender, type Measured } from '../slices.js'
import { median } from '../statistics.js'

const ROUNDS = 8
const MOST = 5

/** Each logger, and the server of the scenario `route` that it logs for. */
const loggers = [
  { name: '@robaccia/log', server: 'Robaccia on node' },
  { name: 'pino-http', server: 'node:http by hand' },
  { name: 'koa-logger', server: 'Koa + @koa/router' },
] as const

export const log: Scenario = {
  name: 'log',
  title: 'Log: a line for each request',
  async run(context): Promise<Report> {
    const folder = await mkdtemp(join(tmpdir(), 'robaccia-bench-'))
    try {
      const pairs = loggers.flatMap(({ name, server }) => {
        const bare = bareOf(server)
        const args = [...(bare.args ?? []), join(folder, name.replaceAll('/', '-'))]
        return [bare, { ...bare, name, args }]
      })
      const measured = await slices(pairs, { ...context, rounds: ROUNDS })
      const rows = loggers.map(({ name, server }) => {
        const logged = named(measured, name)
        const costs = differences(logged, named(measured, server))
        return { cells: [`${server}, ${name}`, ...cells(logged), median(costs).toFixed(1)], costs }
      })
      const ours = rows[0]?.costs ?? []
      return {
        how:
          'The first table’s task, and the same with a logger that writes to a file: ours and pino-http JSON in ' +
          'batches of 8 KiB, koa-logger its own lines (two a request, without moment, address or id). ' +
          'The last column is what the logger adds, round by round.',
        columns: ['server', 'CPU µs a request', 'requests/s', 'µs for the log'],
        rows: rows.map((row) => row.cells),
        targets: [
          {
            claim: `@robaccia/log: at most ${MOST} µs of CPU time a request`,
            met: median(ours) <= MOST,
            got: `${median(ours).toFixed(1)} (${ours.map((cost) => cost.toFixed(1)).join(', ')})`,
          },
        ],
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

function bareOf(name: string): Contender {
  const found = contenders.find((each) => each.name === name)
  if (found === undefined) throw new TypeError(`${name} must be a server of the scenario route`)
  return found
}

/** Microseconds that the first needs more than the second, round by round. */
function differences(one: Measured, other: Measured): readonly number[] {
  return one.cpu.map((value, round) => value - (other.cpu[round] ?? Number.NaN))
}
