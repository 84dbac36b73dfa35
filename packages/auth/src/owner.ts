// The one user of a site that has no table of users: a name, and a password whose hash comes from the environment or from a
// file that a command writes.
import createError from 'http-errors'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Asking } from './new-password.js'
import { isHash, passwords, type PasswordsOptions } from './passwords.js'
import { throttle, type Throttle, type ThrottleOptions } from './throttle.js'
import type { VerifyPassword } from './user.js'

/** The limits for who guesses are those of `throttle`, one count for all that this owner logs in by. */
export interface OwnerOptions extends Omit<ThrottleOptions, 'name'> {
  /** What the owner types as a name: `owner` unless given. */
  readonly name?: string
  /** The password's hash, as `command` prints it: `PASSWORD_HASH` of the environment unless given. It counts before the file's. */
  readonly hash?: string | undefined
  /** The file where `command` keeps the hash. Without it the command prints what to put into the environment. */
  readonly file?: string | URL
  /** The costs of the hash, and how many are made at a time. */
  readonly passwords?: PasswordsOptions
}

/** What `login` and `basic` need to know: `login(owner)`, `basic({ realm, ...owner })`. */
export interface Owner {
  readonly verify: VerifyPassword
  readonly throttle: Throttle
  /** For `manage({ commands: { password: owner.command } })`: asks for a new password. */
  readonly command: PasswordCommand
}

/** A command of `@robaccia/manage`. */
export interface PasswordCommand {
  readonly description: string
  readonly example: string
  run(context: Asking): Promise<number>
}

/**
 * Makes the owner. While there is no hash, whoever tries to log in is told so by a 503.
 *
 * @throws TypeError for a hash that `passwords` has not made, and options that these can't have
 *
 * @example
 * const writer = owner({ file: new URL('password', import.meta.url) })
 * mount({ '/login': login(writer), '/': urls })
 */
export function owner(options: OwnerOptions = {}): Owner {
  const {
    name: ownName = 'owner',
    hash: given = process.env.PASSWORD_HASH || undefined,
    ...limits
  } = options
  const file = options.file instanceof URL ? fileURLToPath(options.file) : options.file
  if (given !== undefined && !isHash(given)) {
    throw new TypeError(
      'owner: the hash (PASSWORD_HASH) must be one that the command for the password has made, got another: in a shell it stands in single quotes',
    )
  }
  const { hash, verify } = passwords(options.passwords)

  return {
    throttle: throttle({ ...limits, name: 'owner' }),

    async verify(name, password) {
      const known = given ?? (await kept(file))
      if (known === undefined) throw noPassword()
      // Where it can't be kept the old one goes on: whoever is right is let in.
      const rehashed =
        given === undefined && file !== undefined
          ? (again: string) => keep(file, again).catch(() => {})
          : undefined
      // Any other name takes as long.
      return (await verify(password, name === ownName ? known : undefined, rehashed))
        ? { name: ownName }
        : undefined
    },

    command: {
      description: 'Sets the password for logging in, asked for here or read from standard input.',
      example: 'manage password',
      async run(context) {
        const { newPassword } = await import('./new-password.js')
        const made = await newPassword(context, hash)
        if (made === undefined) return 1
        if (file === undefined) {
          context.print(`PASSWORD_HASH='${made}'`)
          return 0
        }
        await keep(file, made)
        context.print(`The hash of ${ownName}’s password is kept in ${file}`)
        if (given !== undefined) context.warn('PASSWORD_HASH is set: it counts, not the file.')
        return 0
      },
    },
  }
}

/** Said to everybody: whoever runs the site must see it, and nobody else can do anything with it. */
function noPassword(): createError.HttpError {
  return createError(
    503,
    'nobody can log in yet, for no password is set: the site’s owner does that by `manage password`',
    { expose: true },
  )
}

/** @throws what reading throws, except that there is no file; TypeError if it holds something else */
async function kept(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const hash = text?.trim()
  if (hash === undefined || isHash(hash)) return hash
  throw new TypeError(`the file ${file} must hold the hash of a password, got something else`)
}

/** Whoever reads it meanwhile finds the old one or the new one. */
async function keep(file: string, hash: string): Promise<void> {
  const made = `${file}.${process.pid}.new`
  await writeFile(made, `${hash}\n`, { mode: 0o600 })
  await rename(made, file)
}
