// The process that the supervisor runs the application in: started by the command line that started the supervisor
// itself, led to its connections, and ended without leaving anything behind.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { failureOf } from './failure.js'
import type { Failure } from './failure.js'
import { ROLE } from './message.js'
import type { Order, Report, Version } from './message.js'

/** Milliseconds after which an application that does not end is killed. */
const GRACE = 2000

/** Milliseconds in which what a process said before its end arrives. */
const LAST_WORDS = 500

const preload = new URL('preload.js', import.meta.url).href

/** What the supervisor is told. */
export interface Listener {
  loaded(files: readonly string[]): void
  ready(): void
  /** It ended without being told to. */
  failed(failure: Failure): void
}

export class Application {
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  /**
   * Connections that the process has been sent and does not have yet. Node keeps those that a process which ends has
   * not taken (its own hold on one is let go by an answer), and whoever waits at the other end would wait for ever.
   */
  readonly #sent = new Map<number, Socket>()
  #count = 0
  #failure: Failure | undefined
  #isEnding = false

  /** @param script the application's own: what `node` was started with */
  constructor(script: string, version: Version, listener: Listener) {
    this.#child = fork(script, process.argv.slice(2), {
      execArgv: [...process.execArgv, '--import', preload],
      env: { ...process.env, [ROLE]: version },
      // What is typed is the supervisor's.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', (report: Report) => this.#read(report, listener))
    // It could not be started; or the channel, which Node finds closed twice when it hangs up on a dead one.
    this.#child.on('error', (error) => (this.#failure ??= failureOf(error)))
    process.once('exit', this.kill)
    this.#gone = this.#end(listener)
  }

  /** At once: this process ends, in whatever way. */
  readonly kill = (): void => {
    this.#child.kill('SIGKILL')
  }

  #read(report: Report, listener: Listener): void {
    if (report.type === 'failed') this.#failure = report.failure
    else if (report.type === 'taken') this.#letGo(report.id)
    else if (this.#isEnding) return
    else if (report.type === 'ready') listener.ready()
    else listener.loaded(report.files)
  }

  /** Settles when the process has ended, and tells if it was not told to. */
  async #end(listener: Listener): Promise<void> {
    const [code, signal] = await new Promise<readonly [number | null, string | null]>((resolve) => {
      this.#child.once('exit', (...how) => resolve(how))
      this.#child.once('error', () => {
        if (this.#child.pid === undefined) resolve([null, null])
      })
    })
    process.off('exit', this.kill)
    // What it said last may come after its end.
    if (!this.#isEnding) await Promise.race([once(this.#child, 'close'), sleep(LAST_WORDS)])
    for (const id of this.#sent.keys()) this.#letGo(id)
    if (this.#isEnding) return
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`
    const ended = { name: 'Error', message: `the application ended ${how}`, causes: [] }
    listener.failed(this.#failure ?? { ...ended, stack: `Error: ${ended.message}` })
  }

  /** Closes this process's hold on a connection. */
  #letGo(id: number): void {
    this.#sent.get(id)?.destroy()
    this.#sent.delete(id)
  }

  /** Gives it a connection. */
  readonly receive = (socket: Socket): void => {
    const id = this.#count++
    this.#sent.set(id, socket)
    this.#send({ type: 'connection', id }, socket)
  }

  edited(version: Version, styles: boolean): void {
    this.#send({ type: 'edited', version, styles })
  }

  #send(order: Order, socket?: Socket): void {
    // Without a callback what can't be sent would be an error that nobody catches; its end is told elsewhere.
    this.#child.send(order, socket, { keepOpen: true }, () => {})
  }

  /** Ends it; settles when it is gone. */
  async end(): Promise<void> {
    this.#isEnding = true
    if (this.#child.connected) this.#child.disconnect()
    const late = setTimeout(this.kill, GRACE)
    await this.#gone
    clearTimeout(late)
  }
}
