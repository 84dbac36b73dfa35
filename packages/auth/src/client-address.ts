// Who a request is counted for when nobody has logged in. Behind a proxy `proxied` must stand further out.
import type { Environ } from '@robaccia/core'
import { isIPv6 } from 'node:net'

/** The client's address; of an IPv6 one the first 64 bits, since each customer has as many of the rest as they like. */
export function clientAddress({ REMOTE_ADDR: address }: Environ): string {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  // The platform's own parser writes every form in one.
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':')
    groups.push(...Array.from({ length: 8 - groups.length - rest.length }, () => '0'), ...rest)
  }
  const [high = '0', low = '0'] = groups.slice(6)
  // ::ffff:a.b.c.d is an IPv4 address (RFC 4291 §2.5.5.2).
  if (groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff') {
    const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
    return [first >> 8, first & 255, second >> 8, second & 255].join('.')
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}
