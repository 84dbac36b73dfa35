// The secrets that cookies are signed with: the newest first, so that they can be changed without logging everybody out.

const SHORTEST = 32

/** @throws TypeError for none, and one that is too short; no message holds a key */
export function signingKeys(subject: string, secret: string | readonly string[]): string[] {
  const keys: readonly unknown[] = typeof secret === 'string' ? [secret] : secret
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new TypeError(`${subject} must be a string or several, the newest first, got none`)
  }
  return keys.map((key) => {
    if (typeof key === 'string' && key.length >= SHORTEST) return key
    const got = typeof key === 'string' ? `${key.length}` : typeof key
    throw new TypeError(`${subject} must have at least ${SHORTEST} characters, got ${got}`)
  })
}
