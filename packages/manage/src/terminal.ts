// What a command sees of the terminal: three streams, lines, and a bar that lines do not tear.
import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'
import { MultiBar } from 'cli-progress'

/** A stream that people may be looking at: `process.stdout`, or any writable. */
export type Screen = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  /** Of a terminal: knows NO_COLOR, FORCE_COLOR and TERM. */
  hasColors?(): boolean
}

/** `process` has these; tests bring their own. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Screen
  readonly stderr: Screen
}

export interface Terminal extends Streams {
  /** Writes a line to stdout: what the command was asked for. */
  readonly print: (line: string) => void
  /** Writes a line to stderr: what went wrong, or only matters to people. */
  readonly warn: (line: string) => void
  /**
   * Goes through `items` and shows on stderr how far it is, if that is a terminal; else nothing.
   * Lines printed meanwhile stand above the bar.
   *
   * @example
   * for (const file of progress(files)) await read(file)
   */
  readonly progress: <T>(items: readonly T[]) => Iterable<T>
  /** The same for what is no array: it is told how far it is. */
  readonly meter: (total: number) => Meter
}

export interface Meter {
  /** @param done how much of the total is done by now */
  set(done: number): void
  /** Takes the bar away; must be called also when something failed. */
  end(): void
}

/** Makes bold, red … of a text, where the screen can show it. */
export function styled(
  screen: Screen,
  style: Parameters<typeof styleText>[0],
  text: string,
): string {
  return screen.hasColors?.() === true ? styleText(style, text, { validateStream: false }) : text
}

/** What commands write with, over these streams. */
export function terminal({ stdin, stdout, stderr }: Streams): Terminal {
  let bars: MultiBar | undefined

  function write(screen: Screen, line: string): void {
    if (bars !== undefined && screen.isTTY === true) bars.log(`${line}\n`)
    else screen.write(`${line}\n`)
  }

  function meter(total: number): Meter {
    if (stderr.isTTY !== true || total === 0) return { set() {}, end() {} }
    // With `linewrap` it changes no setting of the terminal, so Ctrl-C leaves nothing behind.
    const drawn = new MultiBar({
      stream: stderr,
      format: '{bar} {value}/{total}',
      barsize: 30,
      linewrap: true,
    })
    const bar = drawn.create(total, 0)
    drawn.update()
    bars = drawn
    return {
      set: (done) => bar.update(done),
      end() {
        bars = undefined
        drawn.update() // shows the lines that are still waiting
        drawn.stop()
      },
    }
  }

  return {
    stdin,
    stdout,
    stderr,
    print: (line) => write(stdout, line),
    warn: (line) => write(stderr, line),
    *progress<T>(items: readonly T[]) {
      const shown = meter(items.length)
      try {
        for (const [index, item] of items.entries()) {
          yield item
          shown.set(index + 1)
        }
      } finally {
        shown.end()
      }
    },
    meter,
  }
}
