// What a command is: the built-in ones and an application's own have this one shape.
import type { Terminal } from './terminal.js'

/** A value without a name: `import FOLDER`. They are taken in the order in which they are defined. */
export interface Positional {
  readonly type: 'positional'
  readonly description: string
  /** Left out it is an error (exit code 2). */
  readonly required?: true
  readonly default?: string
}

/** What is left of the values without a name, any number of them: `inspectdb TABLE…`. It comes last. */
export interface Positionals {
  readonly type: 'positionals'
  readonly description: string
}

/** `--name value` or `--name=value`. */
export interface StringOption {
  readonly type: 'string'
  readonly description: string
  /** Left out it is an error (exit code 2). */
  readonly required?: true
  readonly default?: string
  /** The environment variable that is asked before the default. */
  readonly env?: string
  /** One letter: `c` lets it be typed `-c value` too. */
  readonly short?: string
}

/** A whole number in decimal digits, checked before the command runs. */
export interface IntegerOption {
  readonly type: 'integer'
  readonly description: string
  readonly required?: true
  readonly default?: number
  readonly env?: string
  /** The smallest number allowed; without it there is no limit. */
  readonly min?: number
  /** The largest number allowed; without it there is no limit. */
  readonly max?: number
}

/** `--name`, false when it is not given; with `default: true` it is turned off by `--no-name`. */
export interface Flag {
  readonly type: 'boolean'
  readonly description: string
  readonly default?: true
}

export type Arg = Positional | Positionals | StringOption | IntegerOption | Flag
/** By name; `dryRun` is `--dry-run` on the command line. */
export type Args = Readonly<Record<string, Arg>>

type ValueOf<A extends Arg> = A extends Flag
  ? boolean
  : A extends Positionals
    ? readonly string[]
    : | (A extends IntegerOption ? number : string)
      | (A extends { required: true } | { default: string | number } ? never : undefined)

/** The values of a command's arguments; undefined where one may be left out and has no default. */
export type Values<A extends Args> = { readonly [Name in keyof A]: ValueOf<A[Name]> }

/** What a command is run with. */
export interface Context<A extends Args = Args> extends Terminal {
  readonly args: Values<A>
}

export interface Command<A extends Args = Args> {
  /** What it does, in a sentence. */
  readonly description: string
  readonly args?: A
  /** A command line as one would type it, shown by `--help`. */
  readonly example?: string
  /** A number that it gives is the exit code; otherwise that is 0. */
  run(context: Context<A>): number | void | Promise<number | void>
}

/** Writes a command down; it only lets TypeScript infer the types of `args` for `run`. */
// A command that defines no arguments has none, so reading one does not compile.
// oxlint-disable-next-line typescript/no-generated-empty-object-type
export function command<const A extends Args = Record<never, never>>(
  definition: Command<A>,
): Command<A> {
  return definition
}

/**
 * What went wrong, in words for whoever typed the command: printed as one line without a stack.
 *
 * @param options.exitCode 1: it failed (the default); 2: it was used wrongly
 */
export class CommandError extends Error {
  readonly exitCode: 1 | 2

  constructor(message: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'CommandError'
    this.exitCode = options.exitCode ?? 1
  }
}
