// The blog as it runs: in processes of its own that share a database and a Redis, with its log on standard output.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { database } from '@robaccia/db'
import { request } from '../adapters/socket.js'
import { credentials, passwordHash } from './blog.js'

const { redis } = inject('services')
const cwd = fileURLToPath(new URL('../../apps/blog/', import.meta.url))

interface Process {
  readonly url: string
  /** What it has written to standard output. */
  readonly lines: string[]
  /** Stops it as an operator does, and gives the exit code. */
  stop(): Promise<number | null>
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'robaccia-processes-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function start(env: NodeJS.ProcessEnv): Promise<Process> {
  const argv = ['--import', 'tsx', 'manage.ts', 'run', '--create', '--port', '0']
  const child = spawn(process.execPath, argv, {
    cwd,
    env: {
      ...process.env,
      DATABASE_URL: `sqlite:${join(folder, 'blog.db')}`,
      PASSWORD_HASH: passwordHash,
      LOG_LEVEL: 'info',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(line))
  const exit = once(child, 'exit') as Promise<[number | null]>
  const stop = async () => {
    child.kill('SIGTERM')
    return (await exit)[0]
  }
  onTestFinished(async () => {
    if (child.exitCode === null) await stop()
  })
  const url = await vi.waitFor(
    () => {
      const [, found] = /^Serving HTTP on (.*)\/blog\/$/m.exec(lines.join('\n')) ?? []
      if (found === undefined) throw new Error(`it does not serve: ${lines.join('\n')}`)
      return found
    },
    { timeout: 20_000 },
  )
  return { url, lines, stop }
}

const posted = (url: string, form: Record<string, string>, cookie = ''): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { cookie },
    redirect: 'manual',
  })

describe('one process', { timeout: 60_000 }, () => {
  it('logs each request, tells nobody’s secrets, and ends when it is told to', async () => {
    const url = `sqlite:${join(folder, 'logged.db')}`
    const blog = await start({ REDIS_URL: '', DATABASE_URL: url })
    await fetch(`${blog.url}/blog/?after=s3cret`)
    await fetch(`${blog.url}/blog/none/`)
    await fetch(`${blog.url}/blog/`)
    await fetch(`${blog.url}/blog/`)
    const login = await posted(`${blog.url}/login/`, credentials)
    expect(login.status).toBe(303)
    const db = database(url)
    await db.knex.schema.dropTable('entry')
    await db.close()
    expect((await fetch(`${blog.url}/blog/index.atom`)).status).toBe(500)
    expect(await blog.stop()).toBe(0)
    const logged = blog.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
    const errors = logged.filter(({ err }) => err !== undefined)
    expect(errors).toMatchObject([
      { path: '/blog/index.atom', err: { message: expect.stringContaining('no such table') } },
    ])
    const requests = logged.filter(({ status }) => status !== undefined)
    expect(
      requests.map(({ method, path, status, route, user }) => [method, path, status, route, user]),
    ).toEqual([
      ['GET', '/blog/', 400, '/blog/', undefined],
      ['GET', '/blog/none/', 404, '/blog/{id:segment}/', undefined],
      ['GET', '/blog/', 200, '/blog/', undefined],
      ['GET', '/blog/', 200, '/blog/', undefined],
      ['POST', '/login/', 303, '/login|', 'owner'],
      ['GET', '/blog/index.atom', 500, '/blog/index.atom', undefined],
    ])
    const all = blog.lines.join('\n')
    for (const secret of ['s3cret', credentials.password, login.headers.get('set-cookie') ?? '?']) {
      expect(all).not.toContain(secret)
    }
  })
})

describe.runIf(redis)('two processes on one Redis', { timeout: 60_000 }, () => {
  /** Of the numbered databases one that no other test uses. */
  const url = `${redis}/11`
  const shared = { REDIS_URL: url, SESSION_SECRET: 'at least 32 characters, and random' }

  beforeAll(async () => {
    const client = await createClient({ url }).connect()
    await client.flushDb()
    client.destroy()
  })

  it('know the same writer, and show at once what the other has taken', async () => {
    const [one, other] = [await start(shared), await start(shared)]
    const [cookie = ''] =
      (await posted(`${one.url}/login/`, credentials)).headers.get('set-cookie')?.split(';') ?? []
    // Behind a proxy both have one name.
    const list = ({ url: base }: Process) => request(Number(new URL(base).port), 'GET /blog/')
    expect(await list(one)).toMatch(/^cache-status: robaccia; fwd=uri-miss/im)
    await vi.waitFor(
      async () => {
        expect(await list(other)).toMatch(/^cache-status: robaccia; hit/im)
      },
      { timeout: 10_000 },
    )

    const form = { title: 'Written at the other', content: 'x' }
    const written = await posted(`${other.url}/blog/;create_form`, form, cookie)
    expect(written.status).toBe(303)
    for (const each of [one, other, one]) expect(await list(each)).toContain(form.title)
    const edited = { title: 'Edited at one', content: 'x', version: '1' }
    const path = `${written.headers.get('location')};edit_form`
    expect((await posted(`${one.url}${path}`, edited, cookie)).status).toBe(303)
    for (const each of [other, one, other]) expect(await list(each)).toContain(edited.title)
    expect(await Promise.all([one.stop(), other.stop()])).toEqual([0, 0])
  })

  it('count wrong passwords together', async () => {
    const [one, other] = [await start(shared), await start(shared)]
    const wrong = { name: 'somebody', password: 'wrong' }
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await posted(`${one.url}/login/`, wrong)).status).toBe(422)
      expect((await posted(`${other.url}/login/`, wrong)).status).toBe(422)
    }
    expect((await posted(`${one.url}/login/`, wrong)).status).toBe(429)
    expect((await posted(`${other.url}/login/`, wrong)).status).toBe(429)
  })

  it('serve without Redis, and end', async () => {
    const blog = await start({ ...shared, REDIS_URL: 'redis://127.0.0.1:1' })
    expect((await fetch(`${blog.url}/blog/`)).status).toBe(200)
    expect((await posted(`${blog.url}/login/`, credentials)).status).toBe(503)
    expect(await blog.stop()).toBe(0)
  })
})
