// Passwords are kept as hashes that are slow to guess: Argon2id (RFC 9106), with the costs that OWASP's Password Storage
// Cheat Sheet recommends.
import { hash as hashed, parseOptions, verify as isRight } from '@node-rs/argon2'
import { randomBytes } from 'node:crypto'
import { bounded } from './bounded.js'
import { positive } from './limit.js'

export interface PasswordsOptions {
  /** Memory for a hash in KiB, at least 8 for each lane: 19,456 unless given. */
  readonly memoryCost?: number
  /** Passes over it: 2 unless given. */
  readonly timeCost?: number
  /** Lanes: 1 unless given. */
  readonly parallelism?: number
  /** How many are hashed at a time: 2 unless given. Node has four threads for such work, and for files and names of hosts. */
  readonly concurrent?: number
  /** How many may wait for that: 100 unless given. */
  readonly queue?: number
  /** The fewest characters of a new password: 8 unless given, as NIST SP 800-63B-4 §3.1.1.2 has it. */
  readonly minLength?: number
}

export interface Passwords {
  /**
   * The hash to keep: a string in PHC format with its salt and costs.
   *
   * @throws RangeError for a password that is too short
   * @throws 503 when too many wait
   */
  hash(this: void, password: string): Promise<string>
  /**
   * Whether a password is right. It takes as long without a hash, for a name that nobody has.
   *
   * @param rehashed is given a new hash to keep, when the password was right and the costs have changed since
   * @throws TypeError for a hash that is not Argon2's
   * @throws 503 when too many wait
   */
  verify(
    this: void,
    password: string,
    hash: string | null | undefined,
    rehashed?: (hash: string) => unknown,
  ): Promise<boolean>
}

/** @throws TypeError for costs and limits that are none */
export function passwords(options: PasswordsOptions = {}): Passwords {
  const costs = {
    memoryCost: positive('passwords: memoryCost', options.memoryCost ?? 19_456),
    timeCost: positive('passwords: timeCost', options.timeCost ?? 2),
    parallelism: positive('passwords: parallelism', options.parallelism ?? 1),
  }
  assertCosts(costs)
  const minLength = positive('passwords: minLength', options.minLength ?? 8)
  const run = bounded({
    concurrent: positive('passwords: concurrent', options.concurrent ?? 2),
    queue: positive('passwords: queue', options.queue ?? 100),
  })
  const nobody = hashOfNothing(costs)

  return {
    async hash(password) {
      const length = Array.from(normal(password)).length
      if (length < minLength) {
        throw new RangeError(`a password must have at least ${minLength} characters, got ${length}`)
      }
      return run(() => hashed(normal(password), costs))
    },
    async verify(password, hash, rehashed) {
      const known = hash ?? undefined
      const outdated = known !== undefined && isOutdated(known, costs)
      const right = await run(() => isRight(known ?? nobody, normal(password)))
      if (known === undefined || !right) return false
      if (outdated && rehashed !== undefined) {
        await rehashed(await run(() => hashed(normal(password), costs)))
      }
      return true
    },
  }
}

interface Costs {
  readonly memoryCost: number
  readonly timeCost: number
  readonly parallelism: number
}

/** RFC 9106 §3.1. */
function assertCosts({ memoryCost, timeCost, parallelism }: Costs): void {
  if (parallelism > 255) {
    throw new TypeError(`passwords: parallelism must be at most 255, got ${parallelism}`)
  }
  if (memoryCost < 8 * parallelism || memoryCost >= 2 ** 32) {
    throw new TypeError(
      `passwords: memoryCost must be from ${8 * parallelism} to ${2 ** 32 - 1} KiB, got ${memoryCost}`,
    )
  }
  if (timeCost >= 2 ** 32) {
    throw new TypeError(`passwords: timeCost must be at most ${2 ** 32 - 1}, got ${timeCost}`)
  }
}

/** However a keyboard makes a letter, it is one password (NIST SP 800-63B-4 §3.1.1.2). */
function normal(password: string): string {
  return password.normalize('NFKC')
}

/** A hash that no password has, to spend the time on. */
function hashOfNothing({ memoryCost, timeCost, parallelism }: Costs): string {
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${random(16)}$${random(32)}`
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64').replaceAll('=', '')
}

/** Whether a text is a hash that `passwords` can verify, whatever its costs. */
export function isHash(text: string): boolean {
  try {
    parseOptions(text)
    return true
  } catch {
    return false
  }
}

/** @throws TypeError for what is no hash of Argon2; the message has nothing of it */
function isOutdated(hash: string, costs: Costs): boolean {
  try {
    const was = parseOptions(hash)
    const isCurrent =
      hash.startsWith('$argon2id$v=19$') &&
      was.memoryCost === costs.memoryCost &&
      was.timeCost === costs.timeCost &&
      was.parallelism === costs.parallelism
    return !isCurrent
  } catch (cause) {
    throw new TypeError('passwords: a hash must be one that hash() has made, got another', {
      cause,
    })
  }
}
