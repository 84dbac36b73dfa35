// `dump`: the rows of the tables as lines of JSON, into a file or to stdout.
import { once } from 'node:events'
import { open, rename, rm } from 'node:fs/promises'
import type { Database } from '@robaccia/db'
import { dump } from '@robaccia/db/dump'
import { command, CommandError } from './command.js'
import type { Command } from './command.js'
import { givenPath } from './given-path.js'
import type { Screen } from './terminal.js'

type Write = (text: string) => Promise<void>

export function dumpRows(db: Database): Command {
  return command({
    description: 'Writes the rows of all tables as lines of JSON, for `load` into any database.',
    example: 'manage dump blog.jsonl',
    args: {
      file: { type: 'positional', description: 'where to; - is stdout', default: '-' },
      tables: { type: 'string', description: 'only these tables, separated by commas' },
    },
    async run({ args, print, stdout, meter }) {
      const tables = args.tables?.split(',')
      checkTables(db, tables)
      const rows = (write: Write): ReturnType<typeof dump> => {
        let bar: ReturnType<typeof meter> | undefined
        // A bar on the screen that the rows go to would be lost among them.
        const quiet = args.file === '-' && stdout.isTTY === true
        const onProgress = (done: number, total: number): void => {
          bar ??= meter(total)
          bar.set(done)
        }
        const options = { ...(tables && { tables }), ...(!quiet && { onProgress }) }
        return dump(db, write, options).finally(() => bar?.end())
      }
      if (args.file === '-') await rows((text) => written(stdout, text))
      else {
        const counts = await intoFile(givenPath(args.file), rows)
        for (const [name, count] of Object.entries(counts)) print(`${name}: ${count} rows`)
      }
    },
  })
}

function checkTables(db: Database, names: readonly string[] = []): void {
  const known = db.tables.map(({ table }) => table.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new CommandError(`--tables must be among ${known.join(', ')}, got '${unknown}'`, {
    exitCode: 2,
  })
}

async function written(stdout: Screen, text: string): Promise<void> {
  if (!stdout.write(text)) await once(stdout, 'drain')
}

/** Fills a file beside it first: what fails half-way leaves an older dump alone. Only its owner may read it. */
async function intoFile<Result>(
  file: string,
  fill: (write: Write) => Promise<Result>,
): Promise<Result> {
  const part = `${file}.part`
  const refuse = (cause: unknown): never => {
    throw new CommandError(`the file must be one that can be written, got ${file}`, { cause })
  }
  const handle = await open(part, 'w', 0o600).catch(refuse)
  try {
    const result = await fill((text) => handle.appendFile(text).catch(refuse))
    await handle.close()
    await rename(part, file).catch(refuse)
    return result
  } catch (error) {
    await handle.close()
    await rm(part, { force: true })
    throw error
  }
}
