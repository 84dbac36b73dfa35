// The forms of a line: pino's JSON, Apache's combined format, or words for people.
import { createRequire } from 'node:module'
import { type Logger, type LoggerOptions, pino } from 'pino'
import type pinoPretty from 'pino-pretty'
import { combined } from './combined.js'
import { type Destination, destination, type Output } from './destination.js'
import type { Entry } from './entry.js'
import { plainError } from './plain-error.js'
import { readable, REQUEST_KEYS } from './readable.js'
import { visible } from './visible.js'

export type Format = 'json' | 'combined' | 'pretty'

/** The lines' severities (pino's words). */
export type Level = 'info' | 'warn' | 'error'

/** Where a log's lines go, and the logger that the app's own go to. */
export interface Lines {
  readonly logger: Logger
  request(entry: Entry, level: Level): void
  /** Writes at once what waits: the process may be about to end. */
  flush(): void
}

/** Lines through a logger of the app's own. */
export function through(logger: Logger): Lines {
  return {
    logger,
    request: (entry, level) => logger[level](entry),
    flush: () => logger.flush(),
  }
}

/**
 * Lines in a format of ours.
 *
 * @throws TypeError for an unknown format or level, and a destination that can't be written to
 */
export function lines(format: Format, level: string, to: Destination): Lines {
  assertOneOf('format', ['json', 'combined', 'pretty'], format)
  assertOneOf('level', [...Object.keys(pino.levels.values), 'silent'], level)
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: clock(),
    serializers: { err: plainError },
  }
  const output = destination(to)
  if (format === 'json') return { ...through(pino(options, output)), flush: () => output.flush?.() }
  if (format === 'pretty') return through(pino(options, forPeople(output, to)))
  // A reader of Apache's format expects nothing else in it; Apache's own errors go elsewhere too.
  const errors = destination(2)
  return {
    logger: pino(options, errors),
    request: (entry) => output.write(combined(entry, new Date(Date.now() - entry.ms))),
    flush: () => errors.flush?.(),
  }
}

/** The moment as pino takes it. Busy servers write many lines in a millisecond, and its text costs as much as half a line. */
function clock(): () => string {
  let last = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== last) {
      last = now
      text = `,"time":"${new Date(now).toISOString()}"`
    }
    return text
  }
}

function assertOneOf(option: string, allowed: readonly string[], given: unknown): void {
  if (allowed.some((each) => each === given)) return
  throw new TypeError(
    `log: ${option} must be one of ${allowed.join(', ')}, got ${JSON.stringify(given)}`,
  )
}

const require = createRequire(import.meta.url)

function forPeople(output: Output, to: Destination): Output {
  // It takes longer to load than all the rest, and servers don't need it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it is stands in its types
  const { prettyFactory } = require('pino-pretty') as typeof pinoPretty
  const screen = to === 1 ? process.stdout : to === 2 ? process.stderr : undefined
  const pretty = prettyFactory({
    colorize: screen?.hasColors?.() === true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: REQUEST_KEYS.join(','),
    messageFormat: readable,
  })
  return { write: (line) => output.write(pretty(visible(JSON.parse(line)))) }
}
