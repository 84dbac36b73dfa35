// Which files matter to `dev`, and what it does when one changes. Code matters where it is loaded from, wherever that
// is; templates and what browsers load matter in the application's folder.
import { relative, sep } from 'node:path'
import { watch } from 'chokidar'
import type { ChokidarOptions, FSWatcher } from 'chokidar'

/** What is edited within that many milliseconds is one change: an editor saves all, a branch is checked out. */
const QUIET = 100

const code = /\.(?:[cm]?[jt]s|[jt]sx|json)$/
const styles = /\.css$/
/** Templates, and what a page loads. Data is not among it: an application may write some for each request. */
const pages =
  /\.(?:avif|css|ejs|eta|gif|hbs|html?|ico|jpe?g|liquid|m?js|md|mustache|njk|png|pug|svg|ttf|webp|woff2?)$/

export interface Change {
  /** `restart`: code was edited; `reload`: what pages show; `styles`: style sheets alone. */
  readonly effect: 'restart' | 'reload' | 'styles'
  /** Absolute paths. */
  readonly files: readonly string[]
}

export class Watcher {
  readonly #root: string
  #loaded = new Set<string>()
  /** What the application before has loaded: this one may not have come to it yet. */
  #before = new Set<string>()
  readonly #edited = new Set<string>()
  readonly #folder: FSWatcher
  /** Of loaded files that are not in the folder, or in a part of it that is passed over. */
  readonly #others: FSWatcher
  #timer: NodeJS.Timeout | undefined
  /** The application doesn't run: any code may be what it lacks. */
  isBroken = false

  /**
   * @param root the application's folder
   * @param tell takes each change that has an effect
   * @param warn takes what keeps it from watching
   */
  constructor(root: string, tell: (change: Change) => void, warn: (words: string) => void) {
    this.#root = root
    const options: ChokidarOptions = { ignoreInitial: true, ignorePermissionErrors: true }
    this.#folder = watch(root, {
      ...options,
      ignored: (path, stats) =>
        this.#isPassedOver(path) ||
        (stats?.isFile() === true && !code.test(path) && !pages.test(path)),
    })
    this.#others = watch([], options)
    for (const watcher of [this.#folder, this.#others]) {
      watcher.on('all', (_event, path) => {
        this.#edited.add(path)
        clearTimeout(this.#timer)
        this.#timer = setTimeout(() => this.#tell(tell), QUIET)
      })
      watcher.on('error', (error) => warn(`not all files are watched: ${String(error)}`))
    }
  }

  /** Settles when no edit is missed any more, or is of no account. */
  async ready(stop: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#folder.once('ready', resolve)
      stop.addEventListener('abort', () => resolve())
    })
  }

  /** Takes the files that an application has loaded. Installed packages are not edited. */
  loaded(files: readonly string[]): void {
    for (const file of files) {
      if (this.#loaded.has(file) || file.split(sep).includes('node_modules')) continue
      this.#loaded.add(file)
      if (this.#isPassedOver(file)) this.#others.add(file)
    }
  }

  /** Says that another application starts, which loads what it needs. */
  begin(): void {
    this.#before = this.#loaded
    this.#loaded = new Set()
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await Promise.all([this.#folder.close(), this.#others.close()])
  }

  #tell(tell: (change: Change) => void): void {
    const files = [...this.#edited]
    this.#edited.clear()
    const restarting = files.filter((file) => this.#isRunning(file))
    const shown = files.filter((file) => pages.test(file))
    if (restarting.length > 0) tell({ effect: 'restart', files: restarting })
    else if (shown.length > 0) {
      const effect = shown.every((file) => styles.test(file)) ? 'styles' : 'reload'
      tell({ effect, files: shown })
    }
  }

  #isRunning(file: string): boolean {
    if (this.isBroken && code.test(file)) return true
    return this.#loaded.has(file) || this.#before.has(file)
  }

  /** What is made by a program, installed, hidden, or outside. */
  #isPassedOver(path: string): boolean {
    const parts = relative(this.#root, path).split(sep)
    return parts.some(
      (part) =>
        part === 'node_modules' ||
        part === 'dist' ||
        part === 'coverage' ||
        (part.startsWith('.') && part !== ''),
    )
  }
}
