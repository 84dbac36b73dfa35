// Runs in a thread of its own beside the application, and kills it once the supervisor is gone: an application that never
// comes to rest (`for (;;);`) would not hear of it otherwise, and take a processor for ever.
import { workerData } from 'node:worker_threads'

/** Milliseconds between two looks; at the second one that finds nobody it has had time to end in order. */
const INTERVAL = 1000

let looks = 0
setInterval(() => {
  if (process.ppid === workerData) return
  looks++
  if (looks === 2) process.kill(process.pid, 'SIGKILL')
}, INTERVAL)
