// `shell`: Node's own prompt with the application's tables at hand.
import { once } from 'node:events'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { start as startRepl } from 'node:repl'
import type { REPLServer } from 'node:repl'
import { PassThrough } from 'node:stream'
import type { Readable } from 'node:stream'
import type { Database } from '@robaccia/db'
import { command } from './command.js'
import type { Command } from './command.js'

export function shell(db: Database, model: Readonly<Record<string, unknown>>): Command {
  return command({
    description: 'Opens a JavaScript prompt that knows the tables.',
    example: `echo 'await entry.select().first()' | manage shell`,
    async run({ stdin, stdout, print }) {
      const interactive = stdin.isTTY === true && stdout.isTTY === true
      // Not what is a global already: a table named `process` would break Node itself.
      const names = { ...tablesByName(db, model), db, model }
      const added = Object.entries(names).filter(([name]) => !(name in globalThis))
      Object.assign(globalThis, Object.fromEntries(added))
      if (interactive) {
        print(`${added.map(([name]) => name).join(', ')}; await works; .exit or Ctrl-D leaves`)
      }
      const repl = startRepl({
        input: interactive ? stdin : new PassThrough(),
        output: stdout,
        terminal: interactive,
        prompt: interactive ? '> ' : '',
        useColors: stdout.hasColors?.() ?? false,
        breakEvalOnSigint: interactive,
        // In a context of its own a Date typed here would not be an instance of the driver's Date.
        useGlobal: true,
        ignoreUndefined: true,
      })
      const left = once(repl, 'exit')
      const history = process.env.NODE_REPL_HISTORY ?? join(homedir(), '.robaccia_history')
      if (!interactive) await feed(repl, stdin)
      else if (history !== '') repl.setupHistory(history, () => {}) // it reports by itself
      await left
      for (const [name] of added) Reflect.deleteProperty(globalThis, name)
      // Somebody at a terminal has seen what failed; a script asks the exit code.
      return interactive || repl.lastError === undefined ? 0 : 1
    },
  })
}

/**
 * Without a terminal Node's prompt takes the next line while the last one still awaits something, so
 * here each line waits for the prompt that would stand before it.
 */
async function feed(repl: REPLServer, input: Readable): Promise<void> {
  let exited = false
  let proceed: (() => void) | undefined
  repl.once('exit', () => {
    exited = true
    proceed?.()
  })
  repl.displayPrompt = () => proceed?.()
  for await (const line of createInterface({ input })) {
    const prompted = new Promise<void>((resolve) => {
      proceed = resolve
    })
    repl.write(`${line}\n`)
    await prompted
    if (exited) return
  }
  repl.close()
}

/** Every table by its own name, and by the name that `model.ts` exports it under. */
function tablesByName(
  db: Database,
  model: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const tables = new Set<unknown>(db.tables)
  return Object.fromEntries([
    ...db.tables.map((each) => [each.table.name, each]),
    ...Object.entries(model).filter(([, value]) => tables.has(value)),
  ])
}
