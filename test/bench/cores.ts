// The machine: a core for the servers, another for the load, and what the results say about both.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** Which core does what, by number. */
export interface Cores {
  readonly server: number
  readonly load: number
}

/**
 * Takes the first two cores that this process may use, and pins it to the second.
 *
 * @throws Error when the machine can't run the bench; it says what is missing and how to get it
 */
export function cores(): Cores {
  if (process.platform !== 'linux') {
    throw new Error(`the bench needs Linux: it pins processes to cores, got ${process.platform}`)
  }
  need('taskset', ['--version'], 'util-linux')
  need('wrk', ['--version'], 'wrk')
  const allowed = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  const [server, load] = listed(allowed?.[1] ?? '')
  if (server === undefined || load === undefined) {
    throw new Error('the bench needs two cores, one for a server and one for the load, got one')
  }
  // The bench's own process is part of the load.
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(load), String(process.pid)])
  return { server, load }
}

/** The numbers of a list such as `0-2,5`. */
function listed(list: string): readonly number[] {
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

function need(command: string, args: readonly string[], debianPackage: string): void {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
  } catch (error) {
    // wrk answers --version with its usage, and exit code 1.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) return
    throw new Error(
      `the bench needs ${command}, which is not installed (Debian and Ubuntu: sudo apt-get install ${debianPackage})`,
      { cause: error },
    )
  }
}

/** The kind of machine, for the results. */
export function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${cpus().length} cores of ${model}, ${gigabytes} GiB, Node ${process.versions.node}`
}
