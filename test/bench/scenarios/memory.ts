// Whether requests leave anything behind on the heap.
import { Agent, get } from 'node:http'
import type { Report } from '../report.js'
import type { Context, Scenario } from '../scenario.js'
import { ServerProcess } from '../server-process.js'

const FIRST = 10_000
const LAST = 100_000
const CONNECTIONS = 16
/** Bytes. A leak of one object a request would be more than 1 MiB after 90,000. */
const NOISE = 256 * 1024

const servers = [
  { name: 'node:http by hand', file: 'raw' },
  { name: 'Robaccia on node', file: 'robaccia', args: ['node'] },
  { name: 'Robaccia on koa', file: 'robaccia', args: ['koa'] },
]

export const memory: Scenario = {
  name: 'memory',
  title: 'Memory: the heap after 100,000 requests',
  async run(context): Promise<Report> {
    const measured = []
    for (const server of servers) {
      const { name } = server
      measured.push({ name, ...(await heaps(server, context)) })
    }
    const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(2)
    return {
      how:
        `MiB on the heap and in buffers, after garbage collection, with ${CONNECTIONS} connections kept alive. ` +
        'What grows by less than 0.25 MiB counts as where it was: one object a request would be over 1 MiB.',
      columns: ['server', 'after 10,000', 'after 100,000', 'growth'],
      rows: measured.map(({ name, first, last }) => [
        name,
        ...[first, last, last - first].map(mebibytes),
      ]),
      targets: measured.slice(1).map(({ name, first, last }) => ({
        claim: `${name}: 100,000 requests leave the heap where it was after 10,000`,
        met: last - first < NOISE,
        got: `${mebibytes(last - first)} MiB more`,
      })),
    }
  },
}

async function heaps(
  server: (typeof servers)[number],
  { cores, progress }: Context,
): Promise<{ first: number; last: number }> {
  const running = await ServerProcess.start({ ...server, flags: ['--expose-gc'] }, cores.server)
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  try {
    await ask(running.port, agent, 0, FIRST, (done) => progress(`${server.name}: ${done}`))
    const first = await running.heap()
    await ask(running.port, agent, FIRST, LAST, (done) => progress(`${server.name}: ${done}`))
    return { first, last: await running.heap() }
  } finally {
    agent.destroy()
    await running.stop()
  }
}

/** Asks for ids from one number to another, some at a time. */
async function ask(
  port: number,
  agent: Agent,
  from: number,
  to: number,
  progress: (done: string) => void,
): Promise<void> {
  let next = from
  const one = async (): Promise<void> => {
    while (next < to) {
      const id = next++
      if (id % 1000 === 0) progress(`${id.toLocaleString('en')} requests`)
      await askFor(port, agent, id)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, one))
}

function askFor(port: number, agent: Agent, id: number): Promise<void> {
  const headers = { authorization: 'Bearer swordfish' }
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: `/people/${id}`, agent, headers }, (response) => {
      let body = ''
      response.setEncoding('latin1').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        if (response.statusCode === 200 && body === `${id} is read by ada`) resolve()
        else reject(new Error(`request ${id} must be answered, got ${response.statusCode} ${body}`))
      })
    }).on('error', reject)
  })
}
