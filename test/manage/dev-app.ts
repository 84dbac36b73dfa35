// Runs `manage dev` on a copy of the application in dev-app, as somebody would who edits it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, vi } from 'vitest'

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

export interface DevApp {
  readonly folder: string
  readonly pid: number
  /** Without a slash at its end; once it serves. */
  readonly url: string
  /** What it has printed, both streams together. */
  readonly printed: () => string
  /** Settles when it has printed this behind what was there when it was called. */
  printing(words: RegExp | string): Promise<void>
  edit(file: string, from: string | RegExp, to: string): Promise<void>
  write(file: string, text: string): Promise<void>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Asks as a browser does that shows what comes. */
  page(path: string, init?: RequestInit): Promise<Response>
  signal(signal: NodeJS.Signals): void
  /** Its exit code and signal, when it ends. */
  readonly ended: Promise<unknown[]>
}

interface DevOptions {
  /** Removes the process when nobody needs it any more: the test's end unless given. */
  readonly leave?: (fn: () => Promise<void>) => void
  /** What it is started by, in place of the tests themselves: the command line follows. */
  readonly by?: readonly [string, ...string[]]
}

export async function startDev({ leave = onTestFinished, by }: DevOptions = {}): Promise<DevApp> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'robaccia-dev-')))
  await cp(join(import.meta.dirname, 'dev-app'), folder, { recursive: true })
  await symlink(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'))
  const line = ['--import', tsx, join(folder, 'manage.ts'), 'dev', '--port', '0']
  const [program, ...given] = [...(by ?? []), process.execPath, ...line]
  const env = { ...process.env, PORT: undefined, SECRET: 'of the environment' }
  const child = spawn(program ?? '', given, { env, stdio: 'pipe' })
  const ended = once(child, 'exit')
  leave(async () => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => (printed += String(text)))
  }
  const patience = { timeout: 20_000, interval: 20 }
  await vi.waitFor(() => expect(printed).toMatch(/Serving HTTP on http:\S+\/\n/), patience)
  const url = /Serving HTTP on (http:\S+)\/\n/.exec(printed)?.[1] ?? ''

  return {
    folder,
    url,
    ended,
    pid: child.pid ?? 0,
    printed: () => printed,
    async printing(words) {
      const before = printed.length
      await vi.waitFor(() => expect(printed.slice(before)).toMatch(words), patience)
    },
    async edit(file, from, to) {
      const path = join(folder, file)
      const text = await readFile(path, 'utf8')
      expect(text).toMatch(from)
      await writeFile(path, text.replace(from, to))
    },
    write: (file, text) => writeFile(join(folder, file), text),
    get: (path, headers = {}) => fetch(url + path, { headers, redirect: 'manual' }),
    page: (path, { headers, ...init } = {}) =>
      fetch(url + path, {
        ...init,
        headers: { accept: 'text/html,*/*;q=0.8', 'sec-fetch-dest': 'document', ...headers },
        redirect: 'manual',
      }),
    signal: (signal) => child.kill(signal),
  }
}

/** The script's element in a page, if it is there. */
export function follower(markup: string): Record<string, string> | undefined {
  const element = /<script async src="\/\.robaccia\/follow\.js"([^>]*)><\/script>/.exec(markup)
  if (element === null) return undefined
  const [, attributes = ''] = element
  return Object.fromEntries(
    [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
}

/** Follows as a page does. */
export async function followed(url: string): Promise<AsyncGenerator<Record<string, unknown>>> {
  const { body, headers } = await fetch(`${url}/.robaccia/events`)
  expect(headers.get('content-type')).toBe('text/event-stream')
  return events(body ?? new ReadableStream())
}

async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  let text = ''
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader()
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: string }
    if (done) return
    text += value
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data !== undefined) yield JSON.parse(data) as Record<string, unknown>
    }
  }
}

/** Processes that a process has started. */
export async function childrenOf(pid: number): Promise<number[]> {
  const ids = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return ids
    .split(' ')
    .filter((id) => id.trim() !== '')
    .map(Number)
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
