// Runs a command line without a process, and keeps what it wrote.
import { PassThrough } from 'node:stream'
import { runCommand } from '@robaccia/manage'
import type { Site } from '@robaccia/manage'

export interface Captured {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** `terminal` makes all three streams say that they are one; `colors` that it shows them. */
export async function capture(
  site: Site,
  argv: readonly string[],
  { terminal = false, colors = false, input = '' }: CaptureOptions = {},
): Promise<Captured> {
  const [stdin, stdout, stderr] = [screen(), screen(), screen()]
  function screen() {
    return Object.assign(new PassThrough(), { isTTY: terminal, hasColors: () => colors })
  }
  // A terminal stays open behind what was typed.
  if (terminal) stdin.write(input)
  else stdin.end(input)
  const code = await runCommand(site, argv, { stdin, stdout, stderr })
  const read = (stream: PassThrough) => String(stream.read() ?? '')
  return { code, out: read(stdout), err: read(stderr) }
}

export interface CaptureOptions {
  readonly terminal?: boolean
  readonly colors?: boolean
  readonly input?: string
}
