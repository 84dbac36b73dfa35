// Many rows at once: a dump that is loaded, and posts that are imported, next to one prepared insert by hand.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Took } from '../programs/bulk.js'
import { atLeast, type Report } from '../report.js'
import type { Scenario } from '../scenario.js'
import { median, ratios } from '../statistics.js'

const ROUNDS = 3
const READINGS = 1_000_000
const FEW = 100_000
const POSTS = 10_000
/** How much more memory ten times the rows may take. */
const MORE = 1.25

const drivers = ['sqlite3', 'better-sqlite3'] as const
const tasks = ['load', 'import'] as const
const program = fileURLToPath(new URL('../programs/bulk.ts', import.meta.url))

export const bulk: Scenario = {
  name: 'bulk',
  title: 'Bulk: a dump of 1,000,000 rows, an import of 10,000 posts',
  async run({ cores, progress }): Promise<Report> {
    const folder = await mkdtemp(join(tmpdir(), 'robaccia-bench-'))
    try {
      progress('making what is to be loaded')
      const sources = { load: await dump(folder, READINGS), import: await posts(folder) }
      const run = async (task: string, how: string, driver: string, source: string) => {
        progress(`${task} by ${how}, ${driver}`)
        const file = join(folder, 'bulk.db')
        const url = `${driver === 'sqlite3' ? 'sqlite' : driver}:${file}`
        const args = [process.execPath, '--import', 'tsx', program, task, how, url, source]
        const pinned = ['--cpu-list', String(cores.server), ...args]
        const { stdout } = await promisify(execFile)('taskset', pinned)
        for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true })
        return JSON.parse(stdout) as Took
      }
      const measured = tasks.flatMap((task) =>
        drivers.map((driver) => ({ task, driver, ours: [] as Took[], hand: [] as Took[] })),
      )
      for (let round = 0; round < ROUNDS; round++) {
        for (const { task, driver, ours, hand } of measured) {
          hand.push(await run(task, 'hand', driver, sources[task]))
          ours.push(await run(task, 'ours', driver, sources[task]))
        }
      }
      const few = await run('load', 'ours', 'sqlite3', await dump(folder, FEW))
      for (const { task, ours, hand } of measured) {
        const wanted = task === 'load' ? READINGS : POSTS
        const wrong = [...ours, ...hand].find(({ rows }) => rows !== wanted)
        if (wrong) throw new Error(`${task} must write ${wanted} rows, got ${wrong.rows}`)
      }
      const peak = median((measured[0]?.ours ?? []).map((each) => each.peak))
      return {
        how:
          'By hand is one prepared insert in one transaction, of what the same lines and files hold. CPU time and ' +
          `peak memory of the process, medians of ${ROUNDS} runs; the last column is the CPU time by hand divided by ours.`,
        columns: ['task', 'CPU µs a row', 'rows/s', 'peak MiB', 'hand ÷ it'],
        rows: measured.flatMap(({ task, driver, ours, hand }) => [
          [
            `${task}, ${driver}: Robaccia`,
            ...cells(ours),
            median(ratios(cpu(hand), cpu(ours))).toFixed(2),
          ],
          [`${task}, ${driver}: by hand`, ...cells(hand), '1.00'],
        ]),
        targets: [
          ...measured.map(({ task, driver, ours, hand }) =>
            atLeast(
              `${task} with ${driver}: half as fast as one prepared insert`,
              0.5,
              ratios(cpu(hand), cpu(ours)),
            ),
          ),
          {
            claim: `load: 1,000,000 rows take at most ${MORE} times the memory of 100,000`,
            met: peak <= few.peak * MORE,
            got: `${mebibytes(peak)} MiB, and ${mebibytes(few.peak)} MiB`,
          },
        ],
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

function cpu(runs: readonly Took[]): readonly number[] {
  return runs.map(({ cpuSeconds }) => cpuSeconds)
}

function cells(runs: readonly Took[]): readonly string[] {
  const rate = runs.map(({ rows, seconds }) => rows / seconds)
  return [
    median(runs.map(({ cpuSeconds, rows }) => (cpuSeconds / rows) * 1e6)).toFixed(1),
    Math.round(median(rate)).toLocaleString('en'),
    mebibytes(median(runs.map(({ peak }) => peak))),
  ]
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}

/** Writes a dump as `manage dump` does. */
async function dump(folder: string, count: number): Promise<string> {
  const file = join(folder, `${count}.jsonl`)
  const stream = createWriteStream(file)
  const columns = ['id', 'sensor', 'value', 'at']
  stream.write(`{"robaccia":"dump","version":1,"tables":{"reading":${JSON.stringify(columns)}}}\n`)
  stream.write('{"table":"reading"}\n')
  for (let id = 1; id <= count; id++) {
    const row = [id, `sensor ${id % 100}`, id / 8, new Date(1.7e12 + id * 1000).toISOString()]
    if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, 'drain')
  }
  stream.end(`{"rows":{"reading":${count}}}\n`)
  await once(stream, 'finish')
  return file
}

async function posts(folder: string): Promise<string> {
  const all = join(folder, 'posts')
  await mkdir(all)
  const text = 'Some words that *somebody* wrote, with a [link](https://example.org/).\n\n'.repeat(
    30,
  )
  for (let number = 1; number <= POSTS; number++) {
    const moment = new Date(1.5e12 + number * 3_600_000).toISOString()
    const front = `---\ntitle: Post ${number}\ndate: '${moment}'\nauthor: Ada\n---\n\n`
    await writeFile(join(all, `post-${number}.md`), front + text)
  }
  return all
}
