// Slices of load: every server gets one in each round, so that what the machine does meanwhile hits all of them.
import { load, probe, type Exchange } from './load.js'
import type { Cores } from './cores.js'
import type { Progress } from './progress.js'
import { ServerProcess, type ServerSpec } from './server-process.js'
import { median, spread } from './statistics.js'

/** A server that takes part. */
export interface Contender extends ServerSpec {
  readonly name: string
  readonly exchange: Exchange
  /** What an answer must have beside status, type and body. */
  readonly also?: (response: Response) => boolean
}

/** What was measured of a contender, a figure for each round. */
export interface Measured {
  readonly name: string
  /** Microseconds of CPU time that the server's process used for a request. */
  readonly cpu: readonly number[]
  /** Requests a second. */
  readonly rate: readonly number[]
}

export interface SliceOptions {
  readonly cores: Cores
  /** Of one slice. */
  readonly seconds: number
  readonly rounds: number
  readonly progress: Progress
}

/** Starts all contenders, measures them round by round, and stops them. */
export async function slices(
  contenders: readonly Contender[],
  { cores, seconds, rounds, progress }: SliceOptions,
): Promise<readonly Measured[]> {
  const running: { contender: Contender; server: ServerProcess; cpu: number[]; rate: number[] }[] =
    []
  try {
    for (const contender of contenders) {
      const server = await ServerProcess.start(contender, cores.server)
      running.push({ contender, server, cpu: [], rate: [] })
    }
    // Round 0 only lets V8 compile what is hot.
    for (let round = 0; round <= rounds; round++) {
      for (const { contender, server, cpu, rate } of rotated(running, round)) {
        progress(`round ${round} of ${rounds}: ${contender.name}`)
        const slice = await sliceOf(contender, server, cores, seconds)
        if (round === 0) continue
        cpu.push(slice.cpu)
        rate.push(slice.rate)
      }
    }
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()))
  }
  return running.map(({ contender: { name }, cpu, rate }) => ({ name, cpu, rate }))
}

/** Each round begins with another server: none is always measured after the same one. */
function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = by % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}

async function sliceOf(
  { exchange, also }: Contender,
  server: ServerProcess,
  cores: Cores,
  seconds: number,
): Promise<{ cpu: number; rate: number }> {
  const response = await probe(server.url, exchange)
  if (also?.(response) === false) {
    throw new Error(`${server.url} must answer with the right headers, got ${headersOf(response)}`)
  }
  // After its pause a server is slower for a moment.
  await load(server.url, exchange, 1, cores.load)
  const before = await server.cpu()
  const { requests, microseconds } = await load(server.url, exchange, seconds, cores.load)
  const used = (await server.cpu()) - before
  return { cpu: used / requests, rate: (requests / microseconds) * 1e6 }
}

function headersOf(response: Response): string {
  return JSON.stringify(Object.fromEntries(response.headers))
}

/** One contender's figures as cells of a table: CPU time with its spread, requests a second. */
export function cells({ cpu, rate }: Measured): readonly string[] {
  return [
    `${median(cpu).toFixed(1)} ± ${Math.round(spread(cpu) * 100)} %`,
    Math.round(median(rate)).toLocaleString('en'),
  ]
}

/** The contender of a name. */
export function named(measured: readonly Measured[], name: string): Measured {
  const found = measured.find((each) => each.name === name)
  if (found === undefined) throw new TypeError(`${name} must have been measured`)
  return found
}
