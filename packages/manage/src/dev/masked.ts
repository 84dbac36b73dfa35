// What a developer's page must not show though it is on their own screen: screens are shared, and pictures of them sent.

/** Names of what is nobody's business, in any case and as a part of a longer name. */
const secret = /authorization|cookie|passw|passphrase|secret|token|key|credential/i

export const MASK = '\u2022\u2022\u2022'

/** A text without the passwords of URLs. */
export function maskedUrls(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z\d+.-]*:\/\/[^\s:@/?#]*:)[^\s@/?#]+(?=@)/gi, `$1${MASK}`)
}

/** The same, and without secret parameters of query strings. */
export function maskedText(text: string): string {
  return maskedUrls(text).replaceAll(
    /(^|[?&;])([^\s=?&;]+)=([^\s&;#]+)/g,
    (whole, mark: string, name: string) => (secret.test(name) ? `${mark}${name}=${MASK}` : whole),
  )
}

/** A value of that name, all of what is secret in it masked, and no deeper than people read. */
export function masked(name: string, value: unknown, depth = 4): unknown {
  if (secret.test(name)) return MASK
  if (typeof value === 'string') return maskedText(value)
  if (typeof value === 'function') return `[function ${value.name}]`
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '\u2026'
  if (Array.isArray(value)) return value.map((each) => masked('', each, depth - 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) {
    return value instanceof Date ? value : `[${value.constructor.name}]`
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, masked(key, each, depth - 1)]),
  )
}
