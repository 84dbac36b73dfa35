// What is asked at a terminal: the folder and the database, each only where the command line does not say it.
import { cancel, intro, isCancel, select, text } from '@clack/prompts'
import { type Database, databases, isDatabase } from './databases.js'
import { CreateError } from './create-error.js'
import { destination } from './destination.js'
import type { Streams } from './streams.js'

export interface Answers {
  readonly folder: string
  readonly database: Database
}

/** @returns undefined when somebody leaves by Ctrl-C or Escape */
export async function ask(
  given: Partial<Answers>,
  { stdin: input, stdout: output }: Streams,
): Promise<Answers | undefined> {
  const screen = { input, output }
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

function choose(screen: { input: Streams['stdin']; output: Streams['stdout'] }) {
  return select<Database>({
    message: 'Where does it keep its rows?',
    options: Object.keys(databases)
      .filter(isDatabase)
      .map((value) => ({ value, ...databases[value] })),
    ...screen,
  })
}

function leave(screen: { output: Streams['stdout'] }): undefined {
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
