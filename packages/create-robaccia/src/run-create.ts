// The command line: `npm create robaccia@latest mysite`.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { createApp } from './create-app.js'
import { CreateError } from './create-error.js'
import { type Database, databases } from './databases.js'
import { destination } from './destination.js'
import { ask } from './questions.js'
import type { Answers } from './questions.js'
import type { Streams } from './streams.js'

/** What a shell gives for a program that Ctrl-C ended. */
const INTERRUPTED = 130

/**
 * Makes an app as a command line says, and asks for what it doesn't say.
 *
 * @param argv the words behind the program's name
 * @returns the exit code: 0 it is made, 1 it could not be, 2 wrong usage, 130 interrupted. Unless it is 0
 * nothing is left
 */
export async function runCreate(
  argv: readonly string[],
  streams: Streams = process,
): Promise<number> {
  const program = commandLine(streams)
  try {
    program.parse(argv, { from: 'user' })
    const { yes = false, database } = program.opts<{ yes?: boolean; database?: Database }>()
    const answers = await complete({ folder: program.args[0], database }, yes, streams)
    if (answers === undefined) return INTERRUPTED
    return await make(answers, streams)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // it has spoken already
    if (!(error instanceof CreateError)) throw error
    streams.stderr.write(`error: ${error.message}\n`)
    return error.exitCode
  }
}

function commandLine({ stdout, stderr }: Streams): Command {
  return new Command('npm create robaccia@latest')
    .description('Makes an app in a new folder. It asks for what is not said here.')
    .usage('[folder] -- [options]')
    .argument('[folder]', 'a folder that is new or empty')
    .addOption(
      new Option('-d, --database <name>', 'where the app keeps its rows').choices(
        Object.keys(databases),
      ),
    )
    .option('-y, --yes', 'ask nothing: mysite and sqlite unless said otherwise')
    .version(version(), '-v, --version', 'say which version this is')
    .helpOption('-h, --help', 'say how it is used')
    .addHelpText('after', '\nExample:\n  npm create robaccia@latest mysite -- --database postgres')
    .showHelpAfterError('(--help shows what there is)')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this package's own
  return (JSON.parse(text) as { version: string }).version
}

/** Puts defaults or answers where the command line was silent; undefined when somebody leaves. */
async function complete(
  given: { readonly folder: string | undefined; readonly database: Database | undefined },
  yes: boolean,
  streams: Streams,
): Promise<Answers | undefined> {
  const { folder, database } = given
  // What is wrong with it is said before anything is asked.
  if (folder !== undefined) destination(folder)
  if (folder !== undefined && database !== undefined) return { folder, database }
  if (yes) return { folder: folder ?? 'mysite', database: database ?? 'sqlite' }
  if (streams.stdin.isTTY !== true || streams.stdout.isTTY !== true) {
    throw new CreateError(
      'the questions must be asked at a terminal, got none: say the folder and --database, or --yes',
    )
  }
  return ask(
    {
      ...(folder === undefined ? {} : { folder }),
      ...(database === undefined ? {} : { database }),
    },
    streams,
  )
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function make(answers: Answers, { stdout, stderr }: Streams): Promise<number> {
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  for (const signal of signals) process.once(signal, interrupt)
  try {
    const { folder, name } = await createApp({ ...answers, signal: interrupted.signal })
    stdout.write(nextSteps(name, relative(process.cwd(), folder), answers.database))
    return 0
  } catch (error) {
    if (!interrupted.signal.aborted) throw error
    stderr.write('interrupted: nothing was made\n')
    return INTERRUPTED
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
  }
}

function nextSteps(name: string, path: string, database: Database): string {
  const commands = [
    ...(path === '' ? [] : [`cd ${/^[\w./-]+$/.test(path) ? path : `'${path}'`}`]),
    'npm install',
    'npm start',
  ]
  const first =
    database === 'sqlite'
      ? ''
      : `Its README says how to make the database (DATABASE_URL names another).\n`
  return `\n${name} is made: an app on ${databases[database].label}.\n${first}\n${commands.map((command) => `  ${command}\n`).join('')}\n`
}
