// What 50 middleware that do nothing cost.
import { atMost, type Report } from '../report.js'
import type { Scenario } from '../scenario.js'
import { cells, named, slices, type Contender } from '../slices.js'
import { median, ratios } from '../statistics.js'

const ROUNDS = 8
const exchange = { path: '/', body: 'hello' }

const bare: Contender = { name: 'bare', file: 'deep', args: ['node', '0'], exchange }
const deep: Contender = { name: '50 functions', file: 'deep', args: ['node', '50'], exchange }
const deepAsync: Contender = {
  name: '50 async functions',
  file: 'deep',
  args: ['node', '50', 'async'],
  exchange,
}

export const depth: Scenario = {
  name: 'depth',
  title: 'Depth: 50 do-nothing middleware',
  async run(context): Promise<Report> {
    const contenders = [bare, deep, deepAsync]
    const measured = await slices(contenders, { ...context, rounds: ROUNDS })
    const against = (name: string): readonly number[] =>
      ratios(named(measured, name).cpu, named(measured, bare.name).cpu)
    return {
      how:
        'A request to an app that says hello, on node, and the same below 50 middleware that call the next. ' +
        '`async` ones make a promise each; a middleware that does nothing need not.',
      columns: ['middleware', 'CPU µs a request', 'requests/s', '÷ bare'],
      rows: measured.map((each) => [
        each.name,
        ...cells(each),
        median(against(each.name)).toFixed(2),
      ]),
      targets: [atMost('50 do-nothing middleware: at most 1.1 times', 1.1, against(deep.name))],
    }
  },
}
