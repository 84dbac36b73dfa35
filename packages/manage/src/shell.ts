// `shell`: Node's own prompt with the application's tables at hand.
import { once } from 'node:events'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { start as startRepl } from 'node:repl'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import type { Database } from '@robaccia/db'
import { command } from './command.js'
import type { Command } from './command.js'
import { evaluate } from './evaluate.js'
import type { Streams } from './terminal.js'

const args = {
  code: { type: 'string', short: 'c', description: 'code to run instead of a prompt' },
} as const

export function shell(
  db: Database,
  model: Readonly<Record<string, unknown>>,
): Command<typeof args> {
  return command({
    description: 'Opens a JavaScript prompt that knows the tables, or runs code with them.',
    example: `manage shell -c 'await entry.select().first()'`,
    args,
    async run({ args: { code }, stdin, stdout, print }) {
      // Not what is a global already: a table named `process` would break Node itself.
      const names = { ...tablesByName(db, model), db, model }
      const added = Object.entries(names).filter(([name]) => !(name in globalThis))
      Object.assign(globalThis, Object.fromEntries(added))
      try {
        if (code === undefined && stdin.isTTY === true && stdout.isTTY === true) {
          print(`${added.map(([name]) => name).join(', ')}; await works; .exit or Ctrl-D leaves`)
          await prompt({ stdin, stdout })
          return
        }
        const value = await evaluate(code ?? (await text(stdin)))
        if (value !== undefined) print(inspect(value, { colors: stdout.hasColors?.() ?? false }))
      } finally {
        for (const [name] of added) Reflect.deleteProperty(globalThis, name)
      }
    },
  })
}

async function prompt({ stdin, stdout }: Pick<Streams, 'stdin' | 'stdout'>): Promise<void> {
  const repl = startRepl({
    input: stdin,
    output: stdout,
    terminal: true,
    useColors: stdout.hasColors?.() ?? false,
    breakEvalOnSigint: true,
    // In a context of its own a Date typed here would not be an instance of the driver's Date.
    useGlobal: true,
    ignoreUndefined: true,
  })
  const left = once(repl, 'exit')
  const history = process.env.NODE_REPL_HISTORY ?? join(homedir(), '.robaccia_history')
  if (history !== '') repl.setupHistory(history, () => {}) // it reports by itself
  await left
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
