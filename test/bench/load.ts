// Load by wrk, pinned to a core: many requests at a time for many ids in turn, every response checked.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What is asked for; `#` stands for an id. */
export interface Exchange {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** The content type of the right answer; text/plain in UTF-8 unless given. Its status is 200. */
  readonly type?: string
  readonly body: string
}

const plain = 'text/plain; charset=utf-8'

/** How many connections ask at a time, each for its next response as soon as it has the last. */
export const CONNECTIONS = 32
const IDS = 100
const check = fileURLToPath(new URL('check.lua', import.meta.url))

/** What check.lua prints. */
interface Counts {
  readonly requests: number
  readonly microseconds: number
  readonly wrong: number
  readonly refused: number
  readonly broken: number
}

/**
 * Loads a server for some seconds.
 *
 * @returns how many requests were answered, all of them rightly, in how many microseconds
 * @throws Error when an answer was wrong
 */
export async function load(
  url: string,
  { path, headers = {}, type = plain, body }: Exchange,
  seconds: number,
  core: number,
): Promise<{ readonly requests: number; readonly microseconds: number }> {
  // wrk takes whole seconds only.
  const args = ['--threads=1', `--connections=${CONNECTIONS}`, `--duration=${seconds}s`]
  args.push(...Object.entries(headers).map(([name, value]) => `--header=${name}: ${value}`))
  args.push(`--script=${check}`, url, '--', String(IDS), path, body, type)
  const { stdout } = await promisify(execFile)('taskset', [
    '--cpu-list',
    String(core),
    'wrk',
    ...args,
  ])
  const line = stdout.split('\n').findLast((each) => each.startsWith('{'))
  if (line === undefined) throw new Error(`wrk must print its counts, got ${stdout}`)
  const { requests, microseconds, wrong, refused, broken } = JSON.parse(line) as Counts
  if (requests === 0 || wrong + refused + broken > 0) {
    throw new Error(
      `${url}${path} must answer every request rightly, got ${requests} answers, ${wrong} of them wrong, ` +
        `${refused} with an error's status, and ${broken} that broke off`,
    )
  }
  return { requests, microseconds }
}

/**
 * Asks once, and looks at all of the answer.
 *
 * @throws Error when it is not the right one
 */
export async function probe(
  url: string,
  { path, headers = {}, type = plain, body }: Exchange,
): Promise<Response> {
  const id = '471'
  const response = await fetch(url + path.replaceAll('#', id), { headers: { ...headers } })
  const got = `${response.status} ${response.headers.get('content-type')?.toLowerCase()} ${await response.text()}`
  const right = `200 ${type} ${body.replaceAll('#', id)}`
  if (got !== right) throw new Error(`${url}${path} must answer ${right}, got ${got}`)
  return response
}
