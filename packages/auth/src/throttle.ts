// Against who guesses passwords: failed attempts are counted by account and by address. An attempt is counted before
// the password is looked at, so that many at once are no way round it, and given back when it was right.
import type { Environ } from '@robaccia/core'
import { createHash } from 'node:crypto'
import { clientAddress } from './client-address.js'
import { count, type Counters } from './counters.js'
import { countersOf } from './counters-of.js'
import { positive, wholeSeconds } from './limit.js'
import type { User } from './user.js'

export interface ThrottleOptions {
  /** Failed attempts at one account, from wherever they come: 10 unless given. */
  readonly account?: number
  /** Failed attempts from one address, at whatever account: 100 unless given. */
  readonly address?: number
  /** The time in milliseconds in which so many are allowed, in whole seconds: 15 minutes unless given. */
  readonly window?: number
  /**
   * Where it counts: in this process's memory unless given. A URL of Redis (`redis://user:password@host:port/database`, or
   * `rediss://` for TLS) counts there, by the package `redis`.
   */
  readonly counters?: Counters | string | undefined
  /** Keeps the counters apart from another throttle's: `login` unless given. */
  readonly name?: string
}

/** How an attempt went: who it is, or the seconds to wait. Neither: the wrong password. */
export interface Attempt {
  readonly user?: User
  readonly wait?: number
}

export interface Throttle {
  /** @param verify is not called if there were too many attempts */
  attempt(
    environ: Environ,
    account: string,
    verify: () => User | undefined | Promise<User | undefined>,
  ): Promise<Attempt>
}

const QUARTER = 15 * 60 * 1000

/** @throws TypeError for numbers and counters that are none, and for a URL without the package `redis` */
export function throttle(options: ThrottleOptions = {}): Throttle {
  const { name = 'login' } = options
  const counters = countersOf('throttle', options.counters)
  const seconds = wholeSeconds('throttle: window', options.window ?? QUARTER)
  const byAddress = counters({
    name: `${name}.address`,
    points: positive('throttle: address', options.address ?? 100),
    seconds,
  })
  const byAccount = counters({
    name: `${name}.account`,
    points: positive('throttle: account', options.account ?? 10),
    seconds,
  })
  return {
    async attempt(environ, account, verify) {
      const address = clientAddress(environ)
      const here = await count(byAddress, address)
      if (here.over) return { wait: here.seconds }
      const key = accountKey(account)
      const there = await count(byAccount, key)
      if (there.over) return { wait: there.seconds }
      let user: User | undefined
      try {
        user = await verify()
      } catch (error) {
        // It was no attempt: nobody has looked at the password.
        await Promise.all([byAddress.reward(address), byAccount.reward(key)])
        throw error
      }
      if (user === undefined) return {}
      await Promise.all([byAddress.reward(address), byAccount.delete(key)])
      return { user }
    },
  }
}

/**
 * However the name is written, it is one account. It is hashed: people type their passwords where the name belongs, and
 * it may be long.
 */
function accountKey(account: string): string {
  const name = account.normalize('NFKC').trim().toLowerCase()
  return createHash('sha256').update(name).digest('base64url')
}
