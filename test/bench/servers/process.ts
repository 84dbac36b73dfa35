// A server process as the bench sees it: it says on which port it listens and, when it is asked, what CPU time
// and memory it has used. The port may be chosen by the first argument, for who can't wait to be told.
import process from 'node:process'

/** What the bench asks for. */
export type Question = 'cpu' | 'heap'

/** Port to listen on: any free one unless an argument says which. */
export const port = Number(process.argv[2] ?? 0)

/** The other arguments. */
export const options: readonly string[] = process.argv.slice(3)

/**
 * Says that the server listens, and answers from now on.
 *
 * @param used tells the CPU time of another process, if that is the server
 */
export function ready(bound: number, used: () => number = cpu): void {
  process.on('message', (question: Question) => {
    process.send?.(question === 'cpu' ? used() : heap())
  })
  // The bench ends its servers by going away.
  process.on('disconnect', () => process.exit())
  process.send?.(bound)
}

/** Microseconds of CPU time, of all threads: garbage is collected in threads of its own. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Bytes that are still held after garbage collection: it takes several, since finalizers free more. */
function heap(): number {
  if (globalThis.gc === undefined) throw new Error('the heap must be measured under --expose-gc')
  for (let round = 0; round < 5; round++) globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
