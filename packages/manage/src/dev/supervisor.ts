// The first process of `dev`: holds the port, watches the sources, and runs the application in another process, a new
// one for each change of code.
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import inspector from 'node:inspector'
import { dirname, join, relative } from 'node:path'
import { CommandError } from '../command.js'
import type { Terminal } from '../terminal.js'
import { Application } from './application.js'
import { Door } from './door.js'
import { errorOf } from './failure.js'
import type { Failure } from './failure.js'
import type { Version } from './message.js'
import { placeOf } from './source-place.js'
import { StandIn } from './stand-in.js'
import { Watcher } from './watcher.js'
import type { Change } from './watcher.js'

export interface SupervisorOptions {
  /** The application's own script. */
  readonly script: string
  /** Of hosts that it answers for beside this machine's. */
  readonly names: readonly string[]
  readonly terminal: Pick<Terminal, 'print' | 'warn'>
}

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #root: string
  readonly #door = new Door()
  readonly #standIn: StandIn
  readonly #watcher: Watcher
  /** Says `restart` with the files that were edited. */
  readonly #edits = new EventEmitter<{ restart: [files: readonly string[]] }>()
  #application: Application | undefined
  readonly #run = randomBytes(6).toString('hex')
  #count = 0
  readonly #stop = stopping()

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#root = folderOf(options.script)
    this.#standIn = new StandIn(options.names)
    this.#watcher = new Watcher(this.#root, this.#apply, options.terminal.warn)
  }

  /**
   * Serves until SIGHUP, SIGINT or SIGTERM, or until what started it is gone.
   *
   * @param start the path that is printed behind the server's address
   * @throws as core's `listen` does, when the port can't be opened
   * @throws CommandError when the application's folder was removed
   */
  async serve(port: number, host: string | undefined, start: string): Promise<void> {
    const { print } = this.#options.terminal
    const stop = this.#stop.signal
    try {
      const { url } = await this.#door.listen(port, host)
      // A debugger is meant for the application, which is started with the same flags.
      if (inspector.url() !== undefined) inspector.close()
      await this.#watcher.ready(stop)
      print(`Serving HTTP on ${url}${start}`)
      for (let why: string | undefined; !stop.aborted;) {
        this.#launch(why)
        const files = await this.#restart(stop)
        why = `${this.#named(files)} changed`
        this.#door.hold(this.#standIn.receive)
        await this.#application?.end()
      }
      if (!existsSync(this.#root)) {
        throw new CommandError(`the application's folder is gone: ${this.#root}`)
      }
    } finally {
      this.#standIn.end()
      this.#door.close()
      await this.#watcher.close()
    }
  }

  /** Settles when code was edited, or when nothing is to come. */
  async #restart(stop: AbortSignal): Promise<readonly string[]> {
    try {
      return (await once(this.#edits, 'restart', { signal: stop }))[0]
    } catch (error) {
      if (stop.aborted) return []
      throw error
    }
  }

  /** @param why it starts again */
  #launch(why: string | undefined): void {
    const { script, terminal } = this.#options
    const began = performance.now()
    const version = this.#version()
    this.#watcher.begin()
    this.#door.hold(this.#standIn.receive)
    this.#standIn.end()
    // A version of its own: what it shows is to give way to the application's.
    this.#standIn.begin(this.#version())
    const application = new Application(script, version, {
      loaded: (files) => this.#watcher.loaded(files),
      ready: () => {
        this.#watcher.isBroken = false
        this.#door.lead(application.receive)
        this.#standIn.end()
        const seconds = ((performance.now() - began) / 1000).toFixed(1)
        if (why !== undefined) terminal.print(`${why}: restarted in ${seconds} s`)
      },
      failed: (failure) => this.#fail(failure, why),
    })
    this.#application = application
  }

  #fail(failure: Failure, why: string | undefined): void {
    this.#application = undefined
    this.#watcher.isBroken = true
    this.#standIn.begin(this.#version(), failure)
    this.#door.lead(this.#standIn.receive)
    const words = this.#words(failure)
    const cause = why === undefined ? words : `${why}: ${words}`
    // No change is to come any more.
    if (!existsSync(this.#root)) this.#stop.abort()
    else this.#options.terminal.warn(`${cause}; the next change of code starts it again`)
  }

  /** One line; the process itself has written the rest. */
  #words(failure: Failure): string {
    const place = placeOf(errorOf(failure))
    const where = place === undefined ? '' : `${this.#named([place.file])}:${place.line}: `
    return where + (place?.message ?? failure.message).replaceAll(/\s+/g, ' ').trim()
  }

  readonly #apply = ({ effect, files }: Change): void => {
    if (effect === 'restart') {
      this.#edits.emit('restart', files)
      return
    }
    const what = effect === 'styles' ? 'style sheets' : 'pages'
    this.#options.terminal.print(`${this.#named(files)} changed: ${what} reloaded`)
    this.#application?.edited(this.#version(), effect === 'styles')
  }

  #version(): Version {
    return `${this.#run}.${this.#count++}`
  }

  #named(files: readonly string[]): string {
    const [first = '', ...others] = files.map((file) => relative(this.#root, file))
    return others.length === 0 ? first : `${first} and ${others.length} more`
  }
}

/** Milliseconds between two looks whether whoever started this is still there. */
const INTERVAL = 1000

/**
 * Aborts at the first signal; a second one, from somebody in a hurry, ends the process as it would have. And when what
 * started it is gone: a shell that is killed hands no signal on, and the port would be taken by nobody.
 */
function stopping(): AbortController {
  const stop = new AbortController()
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort())
  }
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) stop.abort()
  }, INTERVAL).unref()
  return stop
}

/** The folder of the script's package: templates and static files are there, wherever the script is. */
function folderOf(script: string): string {
  const folder = dirname(realpathSync(script))
  for (let each = folder; ; each = dirname(each)) {
    if (existsSync(join(each, 'package.json'))) return each
    if (each === dirname(each)) return folder
  }
}
