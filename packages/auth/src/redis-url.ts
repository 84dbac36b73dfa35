// A Redis that is named by its URL: what must be so for that, said at once. The URL may hold a password, so no message has
// it. Auth and cache, which share nothing but core, each have this file.
import { createRequire } from 'node:module'

/**
 * @param subject what is given it, for messages, and `kinds` what that may be
 * @throws TypeError for what is no URL of Redis, or one that the client would refuse when it connects
 */
export function assertRedisUrl(
  subject: string,
  url: unknown,
  kinds = 'a URL',
): asserts url is string {
  if (typeof url !== 'string' || !/^rediss?:\/\//.test(url)) {
    throw new TypeError(
      `${subject} must be ${kinds} that begins with redis:// or rediss://, got another`,
    )
  }
  if (!isWhole(url)) {
    throw new TypeError(
      `${subject} must be a URL of the form redis://user:password@host:port/database, percent-encoded, got another`,
    )
  }
}

function isWhole(url: string): boolean {
  try {
    const { hostname, username, password, pathname } = new URL(url)
    decodeURIComponent(username)
    decodeURIComponent(password)
    return hostname !== '' && /^(?:\/\d*)?$/.test(pathname)
  } catch {
    return false
  }
}

/** @throws TypeError without the package `redis` */
export function assertRedisInstalled(subject: string): void {
  try {
    createRequire(import.meta.url).resolve('redis')
  } catch (cause) {
    throw new TypeError(
      `the package redis must be installed for ${subject} by a URL: npm install redis`,
      { cause },
    )
  }
}
