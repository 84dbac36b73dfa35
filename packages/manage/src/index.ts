// The public names of @robaccia/manage.
export { manage, runCommand } from './manage.js'
export type { Site } from './manage.js'
export type { Deploy } from './deploy.js'
export { command, CommandError } from './command.js'
export type {
  Arg,
  Args,
  Command,
  Context,
  Flag,
  IntegerOption,
  Positional,
  Positionals,
  StringOption,
  Values,
} from './command.js'
export type { Meter, Screen, Streams, Terminal } from './terminal.js'
