// The URL of a Redis. It may hold a password, so no message tells it.

/**
 * @param rule what must be a URL of Redis, as the message begins
 * @throws TypeError for one that the client would not take
 */
export function assertRedisUrl(rule: string, url: string): void {
  if (!/^rediss?:\/\//.test(url)) {
    throw new TypeError(`${rule} that begins with redis:// or rediss://, got another`)
  }
  if (!isComplete(url)) {
    throw new TypeError(
      `${rule} of the form redis://user:password@host:port/database, percent-encoded, got another`,
    )
  }
}

function isComplete(url: string): boolean {
  try {
    const { hostname, username, password, pathname } = new URL(url)
    decodeURIComponent(username)
    decodeURIComponent(password)
    return hostname !== '' && /^\/?\d*$/.test(pathname)
  } catch {
    return false
  }
}
