// Where to go after logging in comes with the request, so that it may be anybody's: only a path on this site is taken,
// or a link could lead from our page for logging in to a copy of it elsewhere.

const LONGEST = 2048

/**
 * Whether it is a path on this site, as every browser reads it: one `/`, with no other behind it, nor `\`, which is the
 * same to browsers, nor a control character, which they drop (WHATWG URL §4.4).
 */
export function isSitePath(text: string): boolean {
  return text.length <= LONGEST && /^\/(?!\/)/.test(text) && !/[\\\p{Cc}\p{Cs}]/u.test(text)
}
