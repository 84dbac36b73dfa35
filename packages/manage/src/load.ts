// `load`: what `dump` wrote, from a file or stdin, into the tables of the database.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Database } from '@robaccia/db'
import { load } from '@robaccia/db/dump'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'
import { givenPath } from './given-path.js'
import type { Meter } from './terminal.js'

export function loadRows(db: Database): Command {
  return command({
    description: 'Loads the rows that `dump` wrote, from this database or another: all or none.',
    example: 'manage load blog.jsonl',
    args: {
      file: { type: 'positional', description: 'where from; - is stdin', default: '-' },
      append: { type: 'boolean', description: 'also into tables that have rows already' },
    },
    async run({ args, print, stdin, meter }) {
      if (args.file === '-' && stdin.isTTY === true) {
        throw new CommandError('load must have a file, or a dump from a pipe', { exitCode: 2 })
      }
      const file = args.file === '-' ? undefined : givenPath(args.file)
      const bar = meter(file === undefined ? 0 : await sizeOf(file))
      try {
        const input = file === undefined ? stdin : bytesOf(file, bar)
        const counts = await load(db, input, { append: args.append })
        for (const [name, count] of Object.entries(counts)) print(`${name}: ${count} rows`)
      } finally {
        bar.end()
      }
    },
  })
}

function unreadable(file: string, cause: unknown): CommandError {
  return new CommandError(`the file must be one that can be read, got ${file}`, { cause })
}

async function sizeOf(file: string): Promise<number> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw unreadable(file, cause)
  })
  return size
}

async function* bytesOf(file: string, bar: Meter): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0
  try {
    // Without an encoding a file gives bytes.
    for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>) {
      yield chunk
      done += chunk.length
      bar.set(done)
    }
  } catch (cause) {
    throw unreadable(file, cause)
  }
}
