// pnpm bench [scenario…] [--seconds N] [--write]: runs scenarios one after the other and prints what they found.
import { parseArgs } from 'node:util'
import { cores, machine } from './cores.js'
import { progressOf } from './progress.js'
import { markdown } from './report.js'
import { writeResults } from './results.js'
import type { Scenario } from './scenario.js'
import { bulk } from './scenarios/bulk.js'
import { depth } from './scenarios/depth.js'
import { log } from './scenarios/log.js'
import { matching } from './scenarios/matching.js'
import { memory } from './scenarios/memory.js'
import { migrations } from './scenarios/migrations.js'
import { pages } from './scenarios/pages.js'
import { route } from './scenarios/route.js'
import { start } from './scenarios/start.js'
import { streaming } from './scenarios/streaming.js'

const scenarios: readonly Scenario[] = [
  route,
  matching,
  depth,
  streaming,
  start,
  memory,
  log,
  migrations,
  pages,
  bulk,
]

const USAGE = `pnpm bench [scenario…] [--seconds N] [--write]

  scenarios    ${scenarios.map(({ name }) => name).join(', ')}; all of them unless named
  --seconds N  how long each slice of load lasts: 2 unless given, a whole number
  --write      keeps the results in test/bench/RESULTS.md
  --help       shows this`

try {
  const { names, seconds, write, help } = options()
  if (help) {
    console.log(USAGE)
    process.exit()
  }
  const pinned = cores()
  console.log(`${machine()}\n`)
  let missed = 0
  for (const { name, title, run } of scenarios.filter((each) => names.includes(each.name))) {
    const progress = progressOf(name)
    const report = await run({ cores: pinned, seconds, progress })
    progress('')
    const content = markdown(report)
    console.log(`## ${title}\n\n${content}`)
    if (write) writeResults(title, content, machine())
    missed += report.targets.filter(({ met }) => !met).length
  }
  if (missed > 0) console.log(`${missed} targets missed`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

interface Options {
  readonly names: readonly string[]
  readonly seconds: number
  readonly write: boolean
  readonly help: boolean
}

function options(): Options {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: '2' },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const known = scenarios.map(({ name }) => name)
    const unknown = positionals.find((name) => !known.includes(name))
    if (unknown !== undefined) {
      throw new TypeError(`a scenario must be one of ${known.join(', ')}, got '${unknown}'`)
    }
    // wrk takes whole seconds only.
    if (!/^[1-9]\d{0,2}$/.test(values.seconds)) {
      throw new TypeError(`--seconds must be a whole number from 1 to 999, got '${values.seconds}'`)
    }
    const names = positionals.length === 0 ? known : positionals
    return { names, seconds: Number(values.seconds), write: values.write, help: values.help }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, {
      cause: error,
    })
  }
}
