// What only a process of its own can show: exit codes, signals, a taken port.
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fixture = fileURLToPath(new URL('fixture/manage.ts', import.meta.url))

function start(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn(process.execPath, ['--import', 'tsx', fixture, ...argv], {
    cwd: root,
    env: { ...process.env, PORT: undefined, ...env },
    stdio: 'pipe',
    timeout: 15_000, // a command that does not end by itself fails its test and leaves no process
  })
}

async function manage(argv: readonly string[], input = '') {
  const child = start(argv)
  child.stdin.end(input)
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: code as unknown, out, err }
}

describe('manage', () => {
  it('ends by itself with 0 when the command is done', async () => {
    expect(await manage(['create'])).toMatchObject({ code: 0, err: '' })
  })

  it('ends with 1 and one line for an error in words', async () => {
    expect(await manage(['fail'])).toEqual({
      code: 1,
      out: '',
      err: 'error: posts must be a folder, got posts.zip\n',
    })
  })

  it('ends with 1 and the stack for any other error', async () => {
    const { code, err } = await manage(['crash'])
    expect(code).toBe(1)
    expect(err).toMatch(/^Error: a mistake\n {4}at .*fixture\/manage\.ts/)
  })

  it('ends with 2 for wrong usage', async () => {
    expect(await manage(['rnu'])).toMatchObject({ code: 2, out: '' })
  })

  it('ends quietly when nobody reads what it prints', async () => {
    const child = start(['create'])
    child.stdout.destroy()
    expect(await text(child.stderr)).toBe('')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('serves until %s and ends with 0', async (signal) => {
    const child = start(['run', '--port', '0'])
    const exit = once(child, 'exit')
    const [line]: unknown[] = await once(child.stdout, 'data')
    const url = /^Serving HTTP on (http:\/\/localhost:\d+\/blog\/)\n$/.exec(String(line))?.[1]
    expect(await (await fetch(url ?? '')).text()).toBe('hello')
    child.kill(signal)
    expect(await exit).toEqual([0, null])
  })

  it.each([
    [{}, 'the model has changes that no migration has (create table entry, create table person)'],
    [
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
      "whether migrations are lacking can't be known: the server of postgres://127.0.0.1:1/none must be reachable",
    ],
  ])('serves, and warns of what migrations lack: %j', async (env, words) => {
    const child = start(['run', '--port', '0'], { MIGRATIONS: '/nowhere/migrations', ...env })
    const exit = once(child, 'exit')
    const [line]: unknown[] = await once(child.stdout, 'data')
    expect(String(line)).toMatch(/^Serving HTTP on /)
    const [warning]: unknown[] = await once(child.stderr, 'data')
    expect(String(warning)).toContain(words)
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
  })

  it('answers one request as a CGI script, and ends', async () => {
    const child = start(['run'], {
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '/cgi-bin/site',
      PATH_INFO: '/blog/',
    })
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^Status: 200 OK\r\n(?:[^\r\n]+\r\n)*\r\nhello$/)
  })

  it('is quiet when the web server stops reading', async () => {
    const child = start(['run'], { REQUEST_METHOD: 'GET', PATH_INFO: '/blog/' })
    child.stdout.destroy()
    expect(await text(child.stderr)).toBe('')
  })

  it('gives one line for a taken port that says how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const answer = await manage(['run', '--port', String(port)])
    other.close()
    expect(answer).toEqual({
      code: 1,
      out: '',
      err: `error: port ${port} of 127.0.0.1 is taken by another program: choose another with --port or PORT\n`,
    })
  })

  it('runs what is piped into the shell, with top-level await', async () => {
    const input = `await db.create()\nawait entry.insert({ id: 'a', title: 'A', updated: '1' })\n;(await entry.select().first()).title\n`
    const { code, out, err } = await manage(['shell'], input)
    expect([code, err]).toEqual([0, ''])
    expect(out).toBe(`'A'\n`)
  })
})
