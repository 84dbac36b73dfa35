// From spawn to the first answer.
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../free-port.js'
import { atMost, type Report } from '../report.js'
import type { Context, Scenario } from '../scenario.js'
import { spawnServer, stopProcess, type ServerSpec } from '../server-process.js'
import { median, ratios, spread } from '../statistics.js'

const ROUNDS = 15
const headers = { authorization: 'Bearer swordfish' }

const koa: ServerSpec & { name: string } = { name: 'Koa', file: 'koa-bare' }
const ours = ['node', 'koa'].map((server) => ({
  name: `Robaccia on ${server}`,
  file: 'robaccia',
  args: [server],
}))
const specs = [koa, { name: 'Koa + @koa/router', file: 'koa' }, ...ours]

export const start: Scenario = {
  name: 'start',
  title: 'Start: from spawn to the first answer',
  async run(context): Promise<Report> {
    const measured = specs.map((spec) => ({ spec, times: [] as number[] }))
    // Round 0 only fills the file system's cache.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const { spec, times } of measured) {
        context.progress(`round ${round} of ${ROUNDS}: ${spec.name}`)
        const time = await firstAnswer(spec, context)
        if (round > 0) times.push(time)
      }
    }
    const timesOf = (name: string): readonly number[] =>
      measured.find(({ spec }) => spec.name === name)?.times ?? []
    return {
      how:
        `Medians of ${ROUNDS} starts. Koa stands alone, with neither router nor middleware; the others have what ` +
        'the first table has.',
      columns: ['server', 'ms to the first answer', '÷ Koa'],
      rows: measured.map(({ spec, times }) => [
        spec.name,
        `${median(times).toFixed(0)} ± ${Math.round(spread(times) * 100)} %`,
        median(ratios(times, timesOf(koa.name))).toFixed(2),
      ]),
      targets: ours.map(({ name }) =>
        atMost(`${name}: at most 1.3 times Koa's`, 1.3, ratios(timesOf(name), timesOf(koa.name))),
      ),
    }
  },
}

/** Milliseconds until a server that is spawned now has answered. */
async function firstAnswer(spec: ServerSpec, { cores }: Context): Promise<number> {
  const port = await freePort()
  const began = performance.now()
  const child = spawnServer(spec, cores.server, port)
  try {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}/people/1`, { headers }).catch(
        () => undefined,
      )
      const answer = await response?.text()
      const took = performance.now() - began
      if (response?.status === 200 && answer !== '') return took
      if (response !== undefined || took > 10_000) {
        throw new Error(
          `${spec.file} must answer its first request, got ${String(response?.status)}`,
        )
      }
      await sleep(1)
    }
  } finally {
    await stopProcess(child)
  }
}
