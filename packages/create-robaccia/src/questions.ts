// What is asked at a terminal: the folder and the database, each only where the command line does not say it.
import { cancel, intro, isCancel, select, text } from '@clack/prompts'
import type { Key } from 'node:readline'
import { type Database, databases, isDatabase } from './databases.js'
import { CreateError } from './create-error.js'
import { destination } from './destination.js'
import type { Streams } from './streams.js'

export interface Answers {
  readonly folder: string
  readonly database: Database
}

/** Where it is asked, and what ends it. */
interface Screen {
  readonly input: Streams['stdin']
  readonly output: Streams['stdout']
  readonly signal: AbortSignal
}

/** @returns undefined when somebody leaves by Ctrl-C, Ctrl-D or Escape, or the terminal is closed */
export async function ask(
  given: Partial<Answers>,
  { stdin: input, stdout: output }: Streams,
): Promise<Answers | undefined> {
  // The prompts know Ctrl-C and Escape, and would wait for ever behind the end of the input.
  const ended = new AbortController()
  const end = () => ended.abort()
  const endByKey = (_text: unknown, { ctrl, name }: Key) => ctrl === true && name === 'd' && end()
  input.on('keypress', endByKey).once('end', end).once('close', end)
  try {
    return await questions(given, { input, output, signal: ended.signal })
  } finally {
    input.off('keypress', endByKey).off('end', end).off('close', end)
  }
}

async function questions(given: Partial<Answers>, screen: Screen): Promise<Answers | undefined> {
  intro('A new Robaccia app', screen)
  const folder =
    given.folder ??
    (await text({
      message: 'In which folder?',
      placeholder: 'mysite',
      defaultValue: 'mysite',
      validate: (value) => problem(value || 'mysite'),
      ...screen,
    }))
  if (isCancel(folder)) return leave(screen)
  const database = given.database ?? (await choose(screen))
  return isCancel(database) ? leave(screen) : { folder, database }
}

function choose(screen: Screen) {
  return select<Database>({
    message: 'Where does it keep its rows?',
    options: Object.keys(databases)
      .filter(isDatabase)
      .map((value) => ({ value, ...databases[value] })),
    ...screen,
  })
}

function leave(screen: Screen): undefined {
  cancel('Nothing was made.', screen)
}

/** Says what is wrong with a folder while it is asked for. */
function problem(folder: string): string | undefined {
  try {
    destination(folder)
    return undefined
  } catch (error) {
    if (error instanceof CreateError) return error.message
    throw error
  }
}
