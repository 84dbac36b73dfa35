// Options that are numbers are checked when a middleware is made, not when a request comes.

/** @throws TypeError for what is no positive integer */
export function positive(subject: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new TypeError(`${subject} must be a positive integer, got ${String(value)}`)
}

/** @throws TypeError for what is no whole number of seconds, in milliseconds */
export function wholeSeconds(subject: string, ms: number): number {
  if (Number.isSafeInteger(ms) && ms > 0 && ms % 1000 === 0) return ms / 1000
  throw new TypeError(
    `${subject} must be whole seconds, a multiple of 1000 milliseconds, got ${String(ms)}`,
  )
}
