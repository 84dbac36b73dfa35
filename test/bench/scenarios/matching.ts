// What a route costs in a table of 1,000, against one of 10: in a whole request, and the dispatch alone.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { atMost, type Report } from '../report.js'
import type { Context, Scenario } from '../scenario.js'
import { compiled } from '../server-process.js'
import { cells, named, slices, type Contender } from '../slices.js'
import { median, ratios } from '../statistics.js'

const ROUNDS = 5
/** The form of which the README says that its routes are tried one by one. */
const WITHIN_A_SEGMENT = '/section/{id:digits}-#'

/** What dispatch.ts prints. */
interface Dispatch {
  readonly expression: string
  readonly size: number
  readonly costs: readonly number[]
}

function table(size: number): Contender {
  return {
    name: `a request to the last of ${size.toLocaleString('en')} routes`,
    file: 'routes',
    args: ['node', String(size)],
    exchange: { path: `/section-${size}/#`, body: '#' },
  }
}

export const matching: Scenario = {
  name: 'matching',
  title: 'Matching: the last of 1,000 routes and the last of 10',
  async run(context): Promise<Report> {
    const small = table(10)
    const large = table(1000)
    const measured = await slices([small, large], { ...context, rounds: ROUNDS })
    const requests = ratios(named(measured, large.name).cpu, named(measured, small.name).cpu)
    context.progress('dispatch alone')
    const alone = pairs(await dispatch(context))
    return {
      how:
        'Routes /section-1/{id}, /section-2/{id} … on node. Below, the dispatch alone, without HTTP, in tables ' +
        'of several forms (# is the number of the route). Those of the last form differ only within a segment, ' +
        'and the README says that such routes are tried one by one: it has no target.',
      columns: ['what', 'CPU µs, 10 routes', '1,000 routes', 'ratio'],
      rows: [
        [
          'a request',
          cells(named(measured, small.name))[0] ?? '',
          cells(named(measured, large.name))[0] ?? '',
          median(requests).toFixed(2),
        ],
        ...alone.map(({ expression, ten, thousand }) => [
          `dispatch to \`${expression}\``,
          (median(ten) / 1000).toFixed(2),
          (median(thousand) / 1000).toFixed(2),
          median(ratios(thousand, ten)).toFixed(2),
        ]),
      ],
      targets: [
        atMost('a request: at most 1.5 times', 1.5, requests),
        ...alone
          .filter(({ expression }) => expression !== WITHIN_A_SEGMENT)
          .map(({ expression, ten, thousand }) =>
            atMost(`dispatch to \`${expression}\`: at most 1.5 times`, 1.5, ratios(thousand, ten)),
          ),
      ],
    }
  },
}

async function dispatch({ cores }: Context): Promise<readonly Dispatch[]> {
  const { stdout } = await promisify(execFile)('taskset', [
    '--cpu-list',
    String(cores.server),
    process.execPath,
    compiled('dispatch'),
  ])
  return JSON.parse(stdout) as Dispatch[]
}

function pairs(
  dispatched: readonly Dispatch[],
): readonly { expression: string; ten: readonly number[]; thousand: readonly number[] }[] {
  return dispatched
    .filter(({ size }) => size === 10)
    .map(({ expression, costs }) => ({
      expression,
      ten: costs,
      thousand:
        dispatched.find((other) => other.expression === expression && other.size === 1000)?.costs ??
        [],
    }))
}
