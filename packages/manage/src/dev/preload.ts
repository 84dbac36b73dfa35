// Loaded before the application in the process that `dev` serves it from: it tells the supervisor which files are
// loaded and what the application fails with, also when that never comes to run `dev`.
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread, MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { failureOf } from './failure.js'
import { report, ROLE } from './message.js'

/** What the types for Node 20 don't know: hooks in this thread, from 22.15 on. */
interface SyncHooks {
  readonly registerHooks?: (hooks: {
    load<Result>(
      url: string,
      context: unknown,
      next: (url: string, context: unknown) => Result,
    ): Result
  }) => void
}

// Threads and processes that the application starts may get the same flags.
if (process.env[ROLE] !== undefined && isMainThread && process.connected) watchOver()

function watchOver(): void {
  // Ten, Node's own, are often no further than the middleware.
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 50)
  const loaded = loadedFiles()
  const flush = (): void => {
    const files = loaded()
    if (files.length > 0) report({ type: 'loaded', files })
  }
  setInterval(flush, 200).unref()
  process.on('exit', flush)
  process.on('uncaughtExceptionMonitor', (error) => {
    report({ type: 'failed', failure: failureOf(error) })
  })
  // Ctrl-C goes to both processes: the supervisor ends this one by hanging up.
  process.on('SIGINT', () => {})
  // The supervisor's own flags are not for this thread.
  const watchdog = { workerData: process.ppid, execArgv: [], stdin: false }
  new Worker(new URL('watchdog.js', import.meta.url), watchdog).unref()
  process.on('disconnect', () => {
    if (process.listenerCount('disconnect') === 1) process.exit()
  })
}

/** @returns gives the files that were loaded since it was last asked */
function loadedFiles(): () => string[] {
  const urls = loadedUrls()
  const known = new Set<string>()
  const { cache } = nodeModule.createRequire(import.meta.url)
  return () => {
    const files = urls()
      .filter((url) => url.startsWith('file:'))
      .map((url) => fileURLToPath(url))
    // What `require` loads passes by the hooks of Node 20.
    const fresh = [...files, ...Object.keys(cache)].filter((file) => !known.has(file))
    for (const file of fresh) known.add(file)
    return fresh
  }
}

function loadedUrls(): () => string[] {
  const { registerHooks }: typeof nodeModule & SyncHooks = nodeModule
  if (registerHooks !== undefined) {
    const urls: string[] = []
    registerHooks({
      load(url, context, next) {
        urls.push(url)
        return next(url, context)
      },
    })
    return () => urls.splice(0)
  }
  const { port1, port2 } = new MessageChannel()
  const options = { data: { port: port2 }, transferList: [port2] }
  nodeModule.register('./loads.js', import.meta.url, options)
  return () => {
    const urls: string[] = []
    for (;;) {
      const received: { readonly message: string } | undefined = receiveMessageOnPort(port1)
      if (received === undefined) return urls
      urls.push(received.message)
    }
  }
}
