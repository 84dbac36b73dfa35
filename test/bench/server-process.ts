// A server in a process of its own, pinned to a core.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Question } from './servers/process.js'

/** What to run: `args` follow the port. */
export interface ServerSpec {
  /** A file of the folder `servers`, without its extension. */
  readonly file: string
  readonly args?: readonly string[]
  /** Flags of Node's, beside the one that every server gets. */
  readonly flags?: readonly string[]
}

/** The path of a file of the folder `servers` as Node runs it: plain JavaScript, without a loader in the process. */
export function compiled(file: string): string {
  return fileURLToPath(new URL(`dist/${file}.js`, import.meta.url))
}

/** Spawns a server on a port (0: any free one), pinned to a core if one is given. The caller stops the process. */
export function spawnServer(
  { file, args = [], flags = [] }: ServerSpec,
  core: number | undefined,
  port = 0,
): ChildProcess {
  // V8 collects garbage in a process that was idle for some seconds, and a server waits for its turn
  // longer the more servers there are.
  const node = [
    process.execPath,
    '--no-memory-reducer',
    ...flags,
    compiled(file),
    String(port),
    ...args,
  ]
  const pin = core === undefined ? [] : ['taskset', '--cpu-list', String(core)]
  const [command = '', ...rest] = [...pin, ...node]
  return spawn(command, rest, {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

export class ServerProcess {
  readonly url: string
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
    this.url = `http://127.0.0.1:${port}`
  }

  /** @throws Error when the process ends before it listens */
  static async start(spec: ServerSpec, core?: number): Promise<ServerProcess> {
    const child = spawnServer(spec, core)
    return new ServerProcess(child, await answerOf(child, spec.file))
  }

  /** Microseconds of CPU time that the process has used. */
  cpu(): Promise<number> {
    return this.#ask('cpu')
  }

  /** Bytes on the heap and in buffers after garbage collection. The server was started with --expose-gc. */
  heap(): Promise<number> {
    return this.#ask('heap')
  }

  #ask(question: Question): Promise<number> {
    this.#child.send(question)
    return answerOf(this.#child, question)
  }

  /** Bytes of memory that are resident now, and that were at most since `forgetPeak`. */
  resident(): { readonly now: number; readonly peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    const kibibytes = (key: string): number =>
      Number(new RegExp(`^${key}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1])
    return { now: kibibytes('VmRSS') * 1024, peak: kibibytes('VmHWM') * 1024 }
  }

  /** Makes the peak of resident memory what is resident now (proc(5), clear_refs). */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5')
  }

  stop(): Promise<void> {
    return stopProcess(this.#child)
  }
}

/** Ends a server's process. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** The number that a process sends next. */
async function answerOf(child: ChildProcess, what: string): Promise<number> {
  const settled = new AbortController()
  const { signal } = settled
  try {
    const [answer] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(
          `the server ended with code ${String(code)} when the bench waited for ${what}`,
        )
      }),
    ])) as [number]
    return answer
  } finally {
    settled.abort()
  }
}
