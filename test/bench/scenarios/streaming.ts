// 1 GiB to a fast reader and to a slow one: throughput, and the server's peak memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { download, type DownloadOptions } from '../download.js'
import { withPatternFile, type PatternFile } from '../pattern-file.js'
import { atLeast, type Report, type Target } from '../report.js'
import type { Context, Scenario } from '../scenario.js'
import { ServerProcess } from '../server-process.js'
import { median, ratios } from '../statistics.js'

const SIZE = 2 ** 30
const FAST_ROUNDS = 7
const SLOW_ROUNDS = 2
/** Milliseconds that the slow reader is slow. */
const SLOW_FOR = 4000
const MEBIBYTE = 2 ** 20
const LIMIT = 32 * MEBIBYTE

interface Streamer {
  readonly name: string
  readonly file: string
  readonly server: string
  readonly kind: 'file' | 'generator'
}

const streamers: readonly Streamer[] = (['file', 'generator'] as const).flatMap((kind) => [
  { name: `node:http pipe, ${kind}`, file: 'pipe', server: '', kind },
  { name: `Robaccia on node, ${kind}`, file: 'stream', server: 'node', kind },
  { name: `Robaccia on koa, ${kind}`, file: 'stream', server: 'koa', kind },
])

interface Measured {
  readonly streamer: Streamer
  /** MiB a second. */
  readonly throughput: number[]
  /** Seconds of CPU time. */
  readonly cpu: number[]
  /** Bytes of resident memory above those of the idle server. */
  readonly fastPeak: number[]
  readonly slowPeak: number[]
}

export const streaming: Scenario = {
  name: 'streaming',
  title: 'Streaming 1 GiB',
  async run(context): Promise<Report> {
    context.progress('writing the file')
    return report(await withPatternFile(SIZE, (file) => measureAll(file, context)))
  },
}

async function measureAll(file: PatternFile, context: Context): Promise<readonly Measured[]> {
  const measured = streamers.map((streamer): Measured => {
    return { streamer, throughput: [], cpu: [], fastPeak: [], slowPeak: [] }
  })
  for (let round = 1; round <= FAST_ROUNDS; round++) {
    for (const { streamer, throughput, cpu, fastPeak } of measured) {
      context.progress(`round ${round} of ${FAST_ROUNDS}: ${streamer.name}`)
      const one = await downloadOf(streamer, file, context, {})
      throughput.push(SIZE / MEBIBYTE / one.seconds)
      cpu.push(one.cpu)
      fastPeak.push(one.peak)
    }
  }
  for (let round = 1; round <= SLOW_ROUNDS; round++) {
    for (const { streamer, slowPeak } of measured) {
      context.progress(`slow reader, round ${round} of ${SLOW_ROUNDS}: ${streamer.name}`)
      const one = await downloadOf(streamer, file, context, { slowFor: SLOW_FOR })
      slowPeak.push(one.peak)
    }
  }
  return measured
}

/** One download from a server that is started for it. */
async function downloadOf(
  streamer: Streamer,
  file: PatternFile,
  { cores }: Context,
  options: DownloadOptions,
): Promise<{ seconds: number; cpu: number; peak: number }> {
  const args = [streamer.server, file.path, streamer.kind]
  const server = await ServerProcess.start({ file: streamer.file, args }, cores.server)
  try {
    await sleep(200)
    const before = await server.cpu()
    server.forgetPeak()
    const idle = server.resident().now
    const began = performance.now()
    await download(server.port, file, options)
    const seconds = (performance.now() - began) / 1000
    const cpu = ((await server.cpu()) - before) / 1e6
    return { seconds, cpu, peak: server.resident().peak - idle }
  } finally {
    await server.stop()
  }
}

function report(measured: readonly Measured[]): Report {
  const ratiosOf = ({ streamer, throughput }: Measured): readonly number[] => {
    const pipe = measured.find((each) => isPipe(each) && each.streamer.kind === streamer.kind)
    return ratios(throughput, pipe?.throughput ?? [])
  }
  return {
    how:
      `A body that is a file's read stream, and one of a generator that yields the same 64 KiB again and again; a fresh server ` +
      `for each of ${FAST_ROUNDS} downloads. The slow reader takes about 20 MiB/s for ${SLOW_FOR / 1000} s, then the rest at ` +
      'full speed. Peaks are the highest of all rounds, in MiB of resident memory above the idle server.',
    columns: ['server', 'MiB/s', '÷ pipe', 'CPU s', 'peak, fast reader', 'slow reader'],
    rows: measured.map((each) => [
      each.streamer.name,
      median(each.throughput).toFixed(0),
      median(ratiosOf(each)).toFixed(2),
      median(each.cpu).toFixed(2),
      mebibytes(Math.max(...each.fastPeak)),
      mebibytes(Math.max(...each.slowPeak)),
    ]),
    targets: measured
      .filter((each) => !isPipe(each))
      .flatMap((each): readonly Target[] => [
        atLeast(
          `${each.streamer.name}: at least 0.95 of the pipe's throughput`,
          0.95,
          ratiosOf(each),
        ),
        peakTarget(`${each.streamer.name}: at most 32 MiB above idle`, each.fastPeak),
        peakTarget(`${each.streamer.name}: at most 32 MiB, slow reader`, each.slowPeak),
      ]),
  }
}

function isPipe({ streamer }: Measured): boolean {
  return streamer.file === 'pipe'
}

function peakTarget(claim: string, peaks: readonly number[]): Target {
  const got = `${peaks.map(mebibytes).join(', ')} MiB`
  return { claim, met: Math.max(...peaks) <= LIMIT, got }
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1)
}
