// Reads a command line and runs the command that it names. Only this file knows commander.
import { inspect } from 'node:util'
import {
  Argument,
  CommanderError,
  InvalidArgumentError,
  Option,
  Command as Program,
} from 'commander'
import { DatabaseError } from '@robaccia/db'
import { CommandError } from './command.js'
import type {
  Arg,
  Args,
  Command,
  IntegerOption,
  Positional,
  Positionals,
  Values,
} from './command.js'
import { styled, terminal } from './terminal.js'
import type { Streams, Terminal } from './terminal.js'

export type Commands = Readonly<Record<string, Command>>

/** Runs one command line and gives its exit code: 0 fine, 1 it failed, 2 wrong usage. */
export async function dispatch(
  commands: Commands,
  argv: readonly string[],
  streams: Streams,
): Promise<number> {
  const output = terminal(streams)
  let exitCode = 0
  const program = root(streams)
  for (const [name, command] of Object.entries(commands)) {
    const sub = define(program, name, command)
    sub.action(async () => {
      exitCode = (await command.run({ ...output, args: valuesOf(command, sub) })) ?? 0
    })
  }
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, output)
  }
}

function root({ stdout, stderr }: Streams): Program {
  return new Program('manage')
    .description('Manages the application.')
    .helpCommand('help [command]', 'Says how a command is used.')
    .helpOption('-h, --help', 'Says how it is used.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, styled(stderr, 'red', 'error:'))),
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
      getOutHasColors: () => stdout.hasColors?.() ?? false,
      getErrHasColors: () => stderr.hasColors?.() ?? false,
    })
    .configureHelp({ styleTitle: (title) => `\u001B[1m${title}\u001B[22m` })
    .showHelpAfterError('(--help shows what there is)')
}

function define(program: Program, name: string, command: Command): Program {
  const sub = program.command(name).description(command.description)
  const entries = Object.entries(command.args ?? {})
  for (const [place, [key, arg]] of entries.entries()) {
    const more = entries.slice(place + 1).find(([, { type }]) => type.startsWith('positional'))
    if (arg.type === 'positionals' && more) {
      throw new TypeError(`${key} of ${name} must be its last positional, got ${more[0]} behind it`)
    }
    if (!/^(?!no[A-Z]|help$)[a-z][a-zA-Z0-9]*$/.test(key)) {
      throw new TypeError(
        `an argument of ${name} must be a word in camelCase, not help and not no…, got '${key}'`,
      )
    }
    if (arg.type === 'positional') {
      const argument = new Argument(
        arg.required === true ? `<${key}>` : `[${key}]`,
        arg.description,
      )
      sub.addArgument(arg.default === undefined ? argument : argument.default(arg.default))
    } else if (arg.type === 'positionals') {
      sub.addArgument(new Argument(`[${key}...]`, arg.description))
    } else sub.addOption(optionOf(key, arg))
  }
  if (command.example !== undefined) {
    sub.addHelpText('after', `\nExample:\n  ${command.example}`)
  }
  return sub
}

function optionOf(key: string, arg: Exclude<Arg, Positional | Positionals>): Option {
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  if (arg.type === 'boolean') {
    const option = new Option(arg.default === true ? `--no-${flag}` : `--${flag}`, arg.description)
    return arg.default === true ? option : option.default(false, 'off')
  }
  const required = arg.required === true
  const description = required ? `${arg.description} (required)` : arg.description
  const short = arg.type === 'string' && arg.short !== undefined ? `-${arg.short}, ` : ''
  const option = new Option(`${short}--${flag} <${arg.type}>`, description)
  if (arg.type === 'integer') option.argParser((text) => integer(text, arg))
  if (arg.default !== undefined) option.default(arg.default)
  // A variable that is empty is as one that is not there.
  if (arg.env !== undefined && process.env[arg.env] !== '') option.env(arg.env)
  return option.makeOptionMandatory(required)
}

function integer(text: string, { min = -Infinity, max = Infinity }: IntegerOption): number {
  const value = /^[-+]?\d+$/.test(text) ? Number(text) : NaN
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  const limits = [
    Number.isFinite(min) ? ` from ${min}` : '',
    Number.isFinite(max) ? ` up to ${max}` : '',
  ]
  throw new InvalidArgumentError(`It must be a whole number${limits.join('')}.`)
}

function valuesOf({ args = {} }: Command, sub: Program): Values<Args> {
  const names = Object.keys(args).filter((name) => args[name]?.type.startsWith('positional'))
  const positionals = names.map((name, index) => [name, sub.processedArgs[index]])
  return { ...sub.opts<Values<Args>>(), ...Object.fromEntries(positionals) }
}

/** Tells people about an error, and gives the exit code for it. */
function report(error: unknown, { stderr, warn }: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // it has spoken already
  if (error instanceof CommandError || error instanceof DatabaseError) {
    warn(`${styled(stderr, 'red', 'error:')} ${error.message}`)
    return error instanceof CommandError ? error.exitCode : 1
  }
  warn(inspect(error, { colors: stderr.hasColors?.() ?? false }))
  return 1
}
