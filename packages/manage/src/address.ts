// Where a server listens, as `run` and `dev` are told.
import { CommandError } from './command.js'

// There is no HOST variable beside PORT: some shells export it as the machine's name, and the
// application would be open to the network unasked.
export const address = {
  port: {
    type: 'integer',
    description: 'the port that it listens on; 0 takes a free one',
    default: 8080,
    env: 'PORT',
    min: 0,
    max: 65_535,
  },
  host: {
    type: 'string',
    description: 'the address that it listens on (default: this machine only)',
  },
} as const

/** @throws CommandError for '', which Node takes for all addresses: `--host "$UNSET"` would open it to the network */
export function assertHost(host: string | undefined): void {
  if (host === '') {
    throw new CommandError("host must be an address or a name, got ''", { exitCode: 2 })
  }
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'choose another with --port or PORT',
  EACCES: 'choose one from 1024 up with --port or PORT',
  EADDRNOTAVAIL: 'choose another with --host',
  ENOTFOUND: 'choose another with --host',
}

/** Core says what is wrong with the address; what one may type instead is known here. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  const remedy = remedies[String(error.code)]
  return remedy === undefined
    ? error
    : new CommandError(`${error.message}: ${remedy}`, { cause: error })
}
