// Runs a command line of create-robaccia in a folder of its own, and keeps what it wrote.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { runCreate } from 'create-robaccia'
import { onTestFinished, vi } from 'vitest'

/** A new folder, which goes when the test ends. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'robaccia-create-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every file below a folder, sorted. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

/** What is typed once the screen shows a text. */
export type Typed = readonly [shown: string, keys: string]

/** Standard input and output are a terminal, at which somebody types. */
export async function atTerminal(argv: readonly string[], typed: readonly Typed[]) {
  const [stdin, stdout, stderr] = streams(true)
  let shown = ''
  stdout.on('data', (chunk) => (shown += stripVTControlCharacters(String(chunk))))
  const code = runCreate(argv, { stdin, stdout, stderr })
  for (const [text, keys] of typed) {
    await vi.waitUntil(() => shown.includes(text), { timeout: 5_000, interval: 10 })
    stdin.write(keys)
  }
  return { code: await code, shown, err: read(stderr) }
}

/** Neither input nor output is a terminal. */
export async function inScript(argv: readonly string[]) {
  const [stdin, stdout, stderr] = streams(false)
  stdin.end()
  const code = await runCreate(argv, { stdin, stdout, stderr })
  return { code, out: read(stdout), err: read(stderr) }
}

function streams(isTTY: boolean) {
  const size = { columns: 80, rows: 24 }
  const stream = () => Object.assign(new PassThrough(), { isTTY, ...size, setRawMode() {} })
  return [stream(), stream(), stream()] as const
}

function read(stream: PassThrough): string {
  return String(stream.read() ?? '')
}
